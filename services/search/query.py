"""What a search of experiments asks for, as plain values; and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Fields that every experiment has; all other names are those of metrics and settings.
TEXT_FIELDS = ("tag", "model", "dataset", "features", "owner", "name")
CHOICES: dict[str, tuple[str, ...]] = {
    "status": ("waiting", "training", "paused", "finished", "failed", "cancelled"),
    "archived": ("no", "yes", "any"),
    "runs": ("no", "yes", "any"),
}
MOMENT_FIELDS = ("created",)
NUMBER_FIELDS = ("id", "repeated")
FIELDS = (*TEXT_FIELDS, *CHOICES, *MOMENT_FIELDS, *NUMBER_FIELDS)
SORT = "sort"
# What a list can be put in order by, beside metrics and settings.
SORT_FIELDS = ("relevance", "created", "name", "model", "dataset", "owner", "status")
SIGNS = (">=", "<=", ">", "<")
AND, OR, NOT = "AND", "OR", "NOT"

# A word without quotes, and a value behind a colon without them.
PLAIN_WORD = re.compile(r"""[^\s()",:<>=\-][^\s()",:<>=]*""")
PLAIN_VALUE = re.compile(r"""(?!=|<|>)[^\s()",]+""")

Operand = float | str


@dataclass(frozen=True)
class Words:
    """Full text: all words in a row; the last one may go on, unless they stood in quotes."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Equals:
    """A value in quotes is a text, even if it looks like a number."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Compared:
    sign: str
    operand: Operand


@dataclass(frozen=True)
class Between:
    """From the low to the high end, both included; an end of None is open."""

    low: Operand | None
    high: Operand | None


Test = Equals | Compared | Between


@dataclass(frozen=True)
class Field:
    """One of the tests is passed."""

    name: str
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]


Node = Words | Field | Not | And | Or


@dataclass(frozen=True)
class Sort:
    name: str
    descending: bool = False


@dataclass(frozen=True)
class Query:
    """No condition finds everything; without a sort, the best or the newest come first."""

    condition: Node | None = None
    sorts: tuple[Sort, ...] = ()


def both(*parts: Node) -> Node:
    """All of them; what is all of something already is taken apart."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, And) else (part,)
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def either(*parts: Node) -> Node:
    """One of them; what is one of something already is taken apart."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Or) else (part,)
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def negated(part: Node) -> Node:
    return part.part if isinstance(part, Not) else Not(part)


def depth(node: Node) -> int:
    """How many brackets stand in one another at most."""
    if isinstance(node, Not):
        return 1 + depth(node.part)
    return 1 + max(map(depth, node.parts)) if isinstance(node, And | Or) else 1


def fields_in(node: Node | None) -> list[Field]:
    """Every field that is asked for, from left to right."""
    if isinstance(node, Field):
        return [node]
    if isinstance(node, Not):
        return fields_in(node.part)
    return [f for part in node.parts for f in fields_in(part)] if isinstance(node, And | Or) else []


def written(query: Query) -> str:
    """The query in the language, in its shortest form.

    Examples
    --------
    >>> written(Query(both(Words("inner race", quoted=True), Not(Field("tag", (Equals("a"),))))))
    '"inner race" -tag:a'
    """
    parts = [] if query.condition is None else [_node(query.condition)]
    parts += [f"{SORT}:{'-' * one.descending}{one.name}" for one in query.sorts]
    return " ".join(parts)


def _node(node: Node) -> str:
    if isinstance(node, Or):
        return f" {OR} ".join(_inner(part) for part in node.parts)
    if isinstance(node, And):
        return " ".join(_inner(part) for part in node.parts)
    if isinstance(node, Not):
        return f"-{_inner(node.part)}"
    if isinstance(node, Words):
        return quoted(node.text) if node.quoted else node.text
    return f"{node.name}:{','.join(map(_test, node.tests))}"


def _inner(node: Node) -> str:
    """Brackets around what would be read otherwise."""
    return f"({_node(node)})" if isinstance(node, And | Or) else _node(node)


def _test(test: Test) -> str:
    if isinstance(test, Equals):
        return quoted(test.text) if test.quoted else test.text
    if isinstance(test, Compared):
        return f"{test.sign}{_operand(test.operand)}"
    return f"{_operand(test.low)}..{_operand(test.high)}"


def _operand(operand: Operand | None) -> str:
    if operand is None:
        return ""
    return operand if isinstance(operand, str) else number_text(operand)


def number_text(number: float) -> str:
    """A number in the fewest digits that give it back.

    Examples
    --------
    >>> number_text(20.0), number_text(0.95), number_text(1e-5)
    ('20', '0.95', '1e-05')
    """
    return repr(number).removesuffix(".0")


def quoted(text: str) -> str:
    """A text in quotes, so that it is read as it stands.

    Examples
    --------
    >>> quoted('a "b" c')
    '"a \\\\"b\\\\" c"'
    """
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def unquoted(text: str) -> str:
    """The text within quotes; a backslash stands before a quote or another one."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])
