"""The guide that lies beside the program, for people who see only its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypedDict

from services import actor
from services.errors import NotFound

DOCS = Path(__file__).parents[1] / "docs"
# In the order in which somebody needs them who has just arrived.
GUIDE = (
    "README",
    "bring-your-data",
    "look-at-a-bearing",
    "known-bearings",
    "train-on-features",
    "repeat-an-experiment",
    "severity-and-speed",
    "search-experiments",
    "leaks",
    "shortcuts",
    "explanations",
    "search-for-settings",
    "search-architectures",
    "searches-on-cwru",
    "find-anomalies",
    "deploy-a-network",
    "pages",
)
HOW_TO = (
    "streams",
    "use-the-api",
    "webhooks",
    "two-factor",
    "mail",
    "run-as-a-service",
    "run-behind-a-proxy",
    "back-up-and-restore",
    "upgrade",
    "move-to-postgresql",
    "use-another-valkey",
    "rotate-keys",
)
FILES = {name: DOCS / "guide" / f"{name}.md" for name in GUIDE} | {
    name: DOCS / "how-to" / f"{name}.md" for name in HOW_TO
}
_PICTURE = re.compile(r"[a-z0-9-]{1,100}\.png")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


class Topic(TypedDict):
    """``is_how_to`` marks a task of who runs the installation or writes a program."""

    name: str
    title: str
    is_how_to: bool


class Text(TypedDict):
    """A topic in Markdown, without its title."""

    name: str
    title: str
    markdown: str


class GuideService:
    @staticmethod
    def list_topics() -> list[Topic]:
        """All topics in the order in which they are read."""
        actor.reader()
        return [
            {"name": name, "title": _parted(path)[0], "is_how_to": name in HOW_TO}
            for name, path in FILES.items()
        ]

    @staticmethod
    def find_topics(text: str) -> list[Topic]:
        """Topics that have the text in whatever case, those with it in their title first."""
        actor.reader()
        wanted = text.strip().casefold()
        named, telling = [], []
        for topic in GuideService.list_topics():
            if wanted in topic["title"].casefold():
                named.append(topic)
            elif wanted in _parted(FILES[topic["name"]])[1].casefold():
                telling.append(topic)
        return [*named, *telling] if wanted else []

    @staticmethod
    def read_topic(name: str, prefix: str = "") -> Text:
        """One topic. Links to topics and pictures lead below ``prefix``; others are left as words.

        Raises
        ------
        NotFound
            If there is no such topic.
        """
        actor.reader()
        if name not in FILES:
            raise NotFound("The guide has no such topic.")
        title, text = _parted(FILES[name])
        return {"name": name, "title": title, "markdown": _LINK.sub(_led(prefix), text)}

    @staticmethod
    def find_picture(name: str) -> Path:
        """The file of a picture of the guide.

        Raises
        ------
        NotFound
            If there is no such picture.
        """
        actor.reader()
        path = DOCS / "guide" / "images" / name
        if not _PICTURE.fullmatch(name) or not path.is_file():
            raise NotFound("The guide has no such picture.")
        return path


@cache  # the files are part of the program
def _parted(path: Path) -> tuple[str, str]:
    """The title, and what stands below it."""
    head, _, rest = path.read_text().partition("\n")
    return head.removeprefix("# "), rest.strip()


def _led(prefix: str) -> Callable[[re.Match[str]], str]:
    def lead(link: re.Match[str]) -> str:
        is_picture, words, address = link.groups()
        name = address.partition("#")[0].rpartition("/")[2]
        if address.startswith("https://"):
            return link.group()
        if name.endswith(".png"):
            return f"{is_picture}[{words}]({prefix}/guide/images/{name})"
        topic = name.removesuffix(".md")
        return f"[{words}]({prefix}/guide?topic={topic})" if topic in FILES else words

    return lead
