"""What a browser says of itself, in words that its owner recognises.

It may say anything: this is shown to people and decides nothing.
"""

from __future__ import annotations

import re

LONGEST = 400
# In this order: most of them name the ones after them, too.
BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?(?:iOS)?/(\d+)")),
    ("Opera", re.compile(r"\bOPR/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"\b(?:HeadlessChrome|Chrome|CriOS|Chromium)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/")),
    ("curl", re.compile(r"^curl/(\d+)")),
)
DEVICES = (
    ("iPad", re.compile(r"\biPad\b")),
    ("iPhone", re.compile(r"\biPhone\b")),
    ("Android phone", re.compile(r"\bAndroid\b.*\bMobile\b")),
    ("Android tablet", re.compile(r"\bAndroid\b")),
    ("Windows computer", re.compile(r"\bWindows NT\b")),
    ("Mac", re.compile(r"\bMacintosh\b")),
    ("Chromebook", re.compile(r"\bCrOS\b")),
    ("Linux computer", re.compile(r"\bLinux\b")),
)


def browser_of(user_agent: str | None) -> str | None:
    """Name and main version.

    Examples
    --------
    >>> browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox 140'
    """
    for name, pattern in BROWSERS:
        found = pattern.search(cut(user_agent) or "")
        if found is not None:
            return f"{name} {found.group(1)[:4]}"
    return None


def device_of(user_agent: str | None) -> str | None:
    """What it runs on.

    Examples
    --------
    >>> device_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Linux computer'
    """
    text = cut(user_agent) or ""
    return next((name for name, pattern in DEVICES if pattern.search(text)), None)


def cut(user_agent: str | None) -> str | None:
    """As much as is kept and read of it."""
    return user_agent[:LONGEST] if user_agent else None
