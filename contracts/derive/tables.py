"""The tables and lists of parameters on narrative pages: which types they give to which members."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from contracts.derive.declarations import Simple
from contracts.derive.text import Text
from contracts.derive.words import LOOSE_WORDS, VALUE_TYPES

_CELL: Final = re.compile(r"[|\t]|\s{3,}|\s[-\u2013\u2014:]\s")
_NAME: Final = re.compile(r"[<`*\"' ]*/?([^\W\d][\w.-]*)[>`*\"' ]*")
_TYPE: Final = re.compile(r"[(*_`\[ ]*([A-Za-z]+\d{0,2})(?:\s?\(\d+\)|\[\])?[)*_`\] .,;]*")
_IN_BRACKETS: Final = re.compile(r"[(\[{]\s*[*_]?([A-Za-z]+\d{0,2})[*_]?\s*(?:[,;|][^)\]}]*)?[)\]}]")
_LIST_MARK: Final = re.compile(r"^\s*(?:[*+\u2022-]|\d+[.)])\s+")


def types_in_tables(texts: Iterable[Text]) -> Mapping[str, Simple]:
    """The types that tables and lists name, by member. A member with two different ones has none.

    A row or list entry counts if it begins with a name and says a type: in a cell of its own, or in brackets.
    """
    found: dict[str, Simple] = {}
    doubtful: set[str] = set()
    for text in texts:
        start = 0
        for line in text.content.split("\n"):
            entry = _entry(line)
            if entry is not None:
                name, base, column = entry
                simple = Simple(base, text.place(start + column), is_reference=base not in VALUE_TYPES)
                if found.setdefault(name, simple).base != base:
                    doubtful.add(name)
            start += len(line) + 1
    return {name: simple for name, simple in found.items() if name not in doubtful}


def _entry(line: str) -> tuple[str, str, int] | None:
    """Name, type and column of the type of a line that is a row of a table of parameters; None for any other."""
    if len(line) > 600 or re.search(r"</\w", line):
        return None
    rest = _LIST_MARK.sub(lambda match: " " * len(match.group()), line)
    cells = [cell for cell in _CELL.split(rest) if cell.strip()]
    if len(cells) < 2:
        return None
    name = _NAME.fullmatch(cells[0].strip())
    if name is None:
        return None
    for cell in cells[1:]:
        match = _TYPE.fullmatch(cell.strip())
        word = match.group(1) if match else None
        if word is None and (bracketed := _IN_BRACKETS.search(cell)):
            word = bracketed.group(1)
        if word is not None and word.lower() in LOOSE_WORDS and word.lower() != "text":
            return name.group(1), LOOSE_WORDS[word.lower()], line.index(cell) + cell.index(word)
    return None
