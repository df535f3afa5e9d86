"""Where the standards say what a requirement asks, and how far that was read in their own text."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from contracts.documents import read_document
from contracts.errors import ContractError, Place

DOCUMENTS = Path(__file__).parent / "standards" / "documents.toml"

Reading: TypeAlias = Literal["text", "excerpt", "quoted", "unread"]
"""How far a place of a standard was read: its text, the beginning of it, what others quote of it, or nothing."""

Duty: TypeAlias = Literal["must", "defined", "should", "may", "open", "weakness"]
"""What the text of the standard says at the places that a requirement names; its level may ask for less."""


@dataclass(frozen=True, slots=True)
class Document:
    """A standard in the edition meant. `places` are those that sources name, with their titles."""

    name: str
    title: str
    read: Reading
    how: str
    places: Mapping[str, str]
    unread: Collection[str]

    def reading(self, place: str) -> Reading:
        """How far one of its places was read."""
        return "unread" if place in self.unread else self.read


@dataclass(frozen=True, slots=True)
class Citation:
    """A place of a standard: a section, a rule of a profile, an entry of a list."""

    document: Document
    place: str

    @property
    def reading(self) -> Reading:
        """How far it was read."""
        return self.document.reading(self.place)

    def __str__(self) -> str:
        named = f"section {self.place}" if self.place[0].isdigit() else self.place
        written = named if self.place.startswith(self.document.name) else f"{self.document.name} {named}"
        return f"{written}, {self.document.places[self.place]}"


@cache
def documents() -> tuple[Document, ...]:
    """The standards that the catalogue names. Raises ContractError for a wrong file."""
    return tuple(
        Document(row["name"], row["title"], row["read"], row["how"], row["places"], frozenset(row.get("unread", ())))
        for row in read_document(DOCUMENTS, "documents")["document"]
    )


def citations(source: str) -> tuple[Citation, ...]:
    """The places of standards that a source names, in its order; what it says of pages and conventions is passed over.

    Raises ContractError for a place that the list of standards does not have.
    """
    return tuple(each for part in source.split("; ") for each in _cited(part))


_SECTION = r"\d+(?:\.\d+)*"
_JOIN = r"(?:, | and )"
_PLACES = re.compile(
    rf"sections? ({_SECTION}(?:{_JOIN}{_SECTION})*)|(R\d{{4}}(?:{_JOIN}R\d{{4}})*)|(CWE-\d+(?:{_JOIN}CWE-\d+)*)"
)


def _cited(part: str) -> list[Citation]:
    document = next((each for each in documents() if part.startswith((f"{each.name} ", f"{each.name}-"))), None)
    found = None if document is None else _PLACES.match(part.removeprefix(f"{document.name} "))
    if document is None or found is None:
        return []
    named = re.split(_JOIN, next(group for group in found.groups() if group))
    for place in named:
        if place not in document.places:
            known = f"Known: {', '.join(document.places)}"
            raise ContractError(Place(DOCUMENTS), f"{document.name} has no such place here", value=place, hint=known)
    return [Citation(document, place) for place in named]
