from __future__ import annotations

import time

import pytest

from services.accounts.user_agents import browser_of, device_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
TABLET = "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("text", "browser", "device"),
    [
        (WINDOWS + "Chrome/138.0.0.0 Safari/537.36", "Chrome 138", "Windows computer"),
        (WINDOWS + "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge 138", "Windows computer"),
        (WINDOWS + "Chrome/137.0 Safari/537.36 OPR/121.0.0.0", "Opera 121", "Windows computer"),
        (MAC + "Version/18.5 Safari/605.1.15", "Safari 18", "Mac"),
        (IPHONE + "Version/18.5 Mobile/15E148 Safari/604.1", "Safari 18", "iPhone"),
        (IPHONE + "CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1", "Chrome 138", "iPhone"),
        (IPHONE + "FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox 140", "iPhone"),
        (ANDROID + "Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome 138", "Android phone"),
        (
            TABLET + "SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36",
            "Samsung Internet 28",
            "Android tablet",
        ),
        ("curl/8.5.0", "curl 8", None),
        ("<script>alert(1)</script>", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_known_browsers_are_recognised(text, browser, device):
    assert (browser_of(text), device_of(text)) == (browser, device)


def test_what_is_made_to_be_slow_is_quick():
    begun = time.perf_counter()
    for text in ("Android " * 20_000, "Version/1" * 20_000, "Chrome/" + "9" * 100_000):
        browser_of(text)
        device_of(text)
    assert time.perf_counter() - begun < 2
