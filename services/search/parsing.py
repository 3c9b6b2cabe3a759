"""Read a search of experiments: from a text to what it asks for, or to what is wrong where."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from services.errors import Invalid
from services.search.moments import is_moment
from services.search.query import (
    CHOICES,
    MOMENT_FIELDS,
    NUMBER_FIELDS,
    SORT,
    TEXT_FIELDS,
    Between,
    Compared,
    Equals,
    Field,
    Node,
    Operand,
    Query,
    Sort,
    Test,
    Words,
    both,
    depth,
    either,
    negated,
    number_text,
    unquoted,
)
from services.search.words import words

if TYPE_CHECKING:
    from lark import Lark, Token
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

LONGEST = 1_000
# Brackets in brackets, and conditions in one query.
DEEPEST, MOST_TERMS = 20, 60

GRAMMAR = r"""
start: [either]
either: both ("OR" both)*
both: one ("AND"? one)*
one: _NOT one -> excluded
   | "(" either ")" -> bracket
   | term
term: KEY value ("," value)* -> field
    | WORD -> word
    | STRING -> phrase
value: SIGN RAW -> compared
     | RAW -> plain
     | STRING -> text

_NOT.3: /NOT(?![^\s()"])|-(?=[^\s)])/
KEY.2: /[^\W\d][\w.]*[ \t]*:/
STRING.2: /"(?:[^"\\\x00-\x1f]|\\.)*"/
SIGN.2: />=|<=|>|<|=/
WORD: /(?!(?:AND|OR|NOT)(?![^\s()"]))[^\s()",:<>=\-][^\s()",:<>=]*/
RAW: /[^\s()",]+/
%ignore /\s+/
"""
RANGE = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# What the parser calls things, and what people do.
EXPECTED = {
    "WORD": "a word, a text in quotes, a field such as tag:",
    "LPAR": "an opening bracket",
    "RAW": "a value",
    "RPAR": "a closing bracket",
}
SIGN_HINTS = {
    ":": "A colon stands behind the name of a field. Put text with a colon in quotes.",
    "-": "A minus stands right before what it excludes, such as -tag:old.",
    ",": "A comma parts the values of a field, such as tag:a,b.",
    '"': "Text in quotes cannot go over several lines.",
    **dict.fromkeys(("<", ">", "="), "Comparisons stand behind a colon, such as accuracy:>0.95."),
}


class QueryError(Invalid):
    """What is wrong with a query, and where: ``position`` and ``until`` count characters from 0."""

    def __init__(self, message: str, position: int, until: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.until = max(position + 1, until or 0)

    @property
    def details(self) -> dict[str, Any]:
        return {"position": self.position, "until": self.until}


def parse(text: str) -> Query:
    """What a query asks for.

    Raises
    ------
    QueryError
        If it cannot be read; the sentence says what was expected there.

    Examples
    --------
    >>> parse("tag:a,b -accuracy:<0.9 sort:-created").sorts
    (Sort(name='created', descending=True),)
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    if len(text) > LONGEST:
        told = f"A search has at most {LONGEST} characters, got {len(text)}. Shorten it."
        raise QueryError(told, LONGEST, len(text))
    _check_letters(text)
    _check_brackets(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unreadable(text, error) from None
    except UnexpectedToken as error:
        raise _misplaced(text, error) from None
    except UnexpectedEOF:
        raise QueryError("The search ends too early.", len(text)) from None
    return _query(tree)


@cache
def _parser() -> Lark:
    from lark import Lark

    # Loaded with the first query, not with the program.
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False, propagate_positions=True)


def _check_letters(text: str) -> None:
    """No letters that a database cannot take."""
    for position, sign in enumerate(text):
        if unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace():
            raise QueryError("This character cannot be searched for.", position)


def _check_brackets(text: str) -> None:
    """Before anything is read, since each bracket takes room on the stack."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "_" * len(found[0]), text)
    open_at: list[int] = []
    for position, sign in enumerate(bare):
        if sign == "(":
            open_at.append(position)
        elif sign == ")" and open_at:
            open_at.pop()
        elif sign == ")":
            raise QueryError("This closing bracket has no opening one.", position)
        if len(open_at) > DEEPEST:
            raise QueryError(f"More than {DEEPEST} brackets stand in one another.", position)
    lone = bare.find('"')
    if lone >= 0:
        raise QueryError("This quote is not closed. Add another one at the end.", lone)
    if open_at:
        raise QueryError("This bracket is not closed.", open_at[-1])


class _Sorting:
    """An order within the conditions, until it is known whether it may stand there."""

    def __init__(self, sorts: tuple[Sort, ...], position: int) -> None:
        self.sorts, self.position = sorts, position


def _query(tree: Any) -> Query:
    if not tree.children:
        return Query()
    if sum(1 for _ in tree.find_data("one")) > MOST_TERMS:
        raise QueryError(f"A search has at most {MOST_TERMS} conditions. Take some out.", 0)
    sides, sorts = _sides(tree.children[0])
    if not sides:
        return Query(None, tuple(sorts))
    condition = either(*sides)
    if depth(condition) > DEEPEST:
        raise QueryError("The search is nested too deeply. Write it with fewer brackets.", 0)
    return Query(condition, tuple(sorts))


def _sides(tree: Any) -> tuple[list[Node], list[Sort]]:
    """What stands beside OR outside all brackets, and the orders among it."""
    sides: list[Node] = []
    sorts: list[Sort] = []
    for side in tree.children:
        found = [_term(child) for child in side.children]
        nodes = [one for one in found if not isinstance(one, _Sorting)]
        orders = [one for one in found if isinstance(one, _Sorting)]
        if nodes:
            sides.append(both(*nodes))
        elif len(tree.children) > 1:
            raise QueryError("sort: cannot be one side of OR.", orders[0].position)
        sorts += [sort for one in orders for sort in one.sorts]
    return sides, sorts


def _node(tree: Any) -> Node:
    return either(*(both(*(_inner(child) for child in side.children)) for side in tree.children))


def _inner(tree: Any) -> Node:
    found = _term(tree)
    if isinstance(found, _Sorting):
        raise QueryError("sort: cannot stand within brackets or be excluded.", found.position)
    return found


def _term(tree: Any) -> Node | _Sorting:
    if tree.data == "excluded":
        return negated(_inner(tree.children[0]))
    if tree.data == "bracket":
        return _node(tree.children[0])
    term = tree.children[0]
    if term.data == "field":
        return _field(term.children[0], term.children[1:])
    token = term.children[0]
    text = unquoted(token) if term.data == "phrase" else str(token)
    if not words(text):
        told = f"“{text}” has no letter or digit to search for."
        raise QueryError(told, token.start_pos, token.end_pos)
    return Words(text, quoted=term.data == "phrase")


def _field(key: Token, values: list[Any]) -> Field | _Sorting:
    name = str(key)[:-1].strip().lower()
    if name == SORT:
        return _Sorting(tuple(_sort(value) for value in values), key.start_pos or 0)
    return Field(name, tuple(_test(name, value) for value in values))


def _sort(value: Any) -> Sort:
    token = value.children[-1]
    name = str(token).lower().removeprefix("-")
    if value.data != "plain" or not re.fullmatch(r"[^\W\d][\w.]*", name):
        told = "Expected the name of a field, such as sort:-accuracy."
        raise QueryError(told, token.start_pos, token.end_pos)
    return Sort(name, str(token).startswith("-"))


def _test(name: str, value: Any) -> Test:
    token = value.children[-1]
    sign = str(value.children[0]) if value.data == "compared" else ""
    if name in TEXT_FIELDS or name in CHOICES:
        return _text_test(name, sign, value)
    if value.data == "text":
        _refuse_text(name, token)
        return Equals(unquoted(token), quoted=True)
    if sign and sign != "=":
        return Compared(sign, _operand(name, str(token), token, token.start_pos))
    found = RANGE.fullmatch(str(token))
    if found is None:
        return _equal(name, token)
    if not found[1] and not found[2]:
        raise QueryError("A range has an end: 0.8.. or ..0.9.", token.start_pos, token.end_pos)
    ends = [
        _operand(name, end, token, token.start_pos + found.start(group)) if end else None
        for group, end in enumerate(found.groups(), 1)
    ]
    return Between(*ends)


def _text_test(name: str, sign: str, value: Any) -> Equals:
    token = value.children[-1]
    if sign and sign != "=":
        told = f"{name}: is a text and cannot be larger or smaller. Leave “{sign}” out."
        raise QueryError(told, value.children[0].start_pos, token.end_pos)
    text = unquoted(token) if value.data == "text" else str(token)
    if name in CHOICES:
        if text.lower() not in CHOICES[name]:
            told = f"{name}: is one of {', '.join(CHOICES[name])}; got “{text}”."
            raise QueryError(told, token.start_pos, token.end_pos)
        return Equals(text.lower())
    if name == "tag" and not words(text):
        told = "A tag has letters or digits."
        raise QueryError(told, token.start_pos, token.end_pos)
    return Equals(text, quoted=value.data == "text")


def _refuse_text(name: str, token: Token) -> None:
    if name in NUMBER_FIELDS or name in MOMENT_FIELDS:
        raise QueryError(_wanted(name), token.start_pos or 0, token.end_pos)


def _equal(name: str, token: Token) -> Test:
    text, position = str(token), token.start_pos or 0
    if name in NUMBER_FIELDS or name in MOMENT_FIELDS:
        operand = _operand(name, text, token, position)
        return Equals(operand if isinstance(operand, str) else number_text(operand))
    if NUMBER.fullmatch(text):
        return Equals(number_text(_number(text, token, position)))
    return Equals(text)


def _operand(name: str, text: str, token: Token, position: int) -> Operand:
    if name in MOMENT_FIELDS:
        if not is_moment(text.lower()):
            raise QueryError(_wanted(name), position, token.end_pos)
        return text.lower()
    return _number(text, token, position)


def _number(text: str, token: Token, position: int) -> float:
    if not NUMBER.fullmatch(text):
        told = f"Expected a number such as 0.95, got “{text}”."
        raise QueryError(told, position, token.end_pos)
    number = float(text)
    if not math.isfinite(number):
        raise QueryError("This number is too large.", position, token.end_pos)
    return number + 0.0  # no −0


def _wanted(name: str) -> str:
    if name in NUMBER_FIELDS:
        return f"{name}: takes a number."
    return (
        f"{name}: takes an age such as 12h, 7d, 4w or 1y, or a date such as 2026-11-29; "
        f"{name}:>7d is within the last seven days."
    )


def _unreadable(text: str, error: UnexpectedCharacters) -> QueryError:
    position = error.pos_in_stream or 0
    return QueryError(_told(text[position], text[position], error.allowed or set()), position)


def _misplaced(text: str, error: UnexpectedToken) -> QueryError:
    allowed, token = error.accepts or error.expected, error.token
    if token.type == "$END":
        told = f"The search ends too early: expected {_expected(allowed)}."
        return QueryError(told, len(text))
    return QueryError(
        _told(str(token), str(token)[0], allowed), token.start_pos or 0, token.end_pos
    )


def _told(found: str, sign: str, allowed: set[str]) -> str:
    """What is wrong with a sign at this place, in the words of who writes a search."""
    if "WORD" in allowed and sign in SIGN_HINTS:
        return SIGN_HINTS[sign]
    return f"“{found}” cannot stand here: expected {_expected(allowed)}."


def _expected(names: set[str]) -> str:
    known = [title for name, title in EXPECTED.items() if name in names]
    return " or ".join(known) if known else "something else"
