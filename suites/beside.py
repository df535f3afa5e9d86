"""The differential mode: what a candidate answers beside what the original answers to the same message.

Answers are compared in a canonical form. What moves by itself is learnt by asking the original twice (A/A). Each
difference is told by who breaks the contract, if anybody does: the judge says so of either answer alone.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from lxml import etree

from contracts.judge.answer import Answer
from contracts.judge.faults import fault_code_of
from contracts.judge.records import Effect, Judgement
from contracts.judge.trees import Element, children, local, text_of
from contracts.names import XSD, XSI

Kind: TypeAlias = Literal[
    "candidate breaks the contract",
    "original breaks the contract",
    "both break the contract",
    "both keep the contract and differ",
]
Canonical: TypeAlias = Mapping[str, str]
"""What an answer says, by place: status, media type, outcome, and each element, text and attribute of its body."""

Broken: TypeAlias = frozenset[tuple[str, str]]
"""Requirements and what was done to them."""

MOST_TOLD = 10
"""Differences of one kind told for one binding; more are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a candidate's answer differs from the original's, and whose fault that is."""

    kind: Kind
    where: str
    original: str
    candidate: str


@dataclass(slots=True)
class Comparisons:
    """What was compared so far. `moving` holds the places, by binding, whose content changes by itself.

    `unsteady` counts messages that the original answered with success once and not the other time, or the like.
    """

    compared: int = 0
    unanswered: int = 0
    unsteady: int = 0
    counts: Counter[Kind] = field(default_factory=Counter)
    moving: dict[str, set[str]] = field(default_factory=dict)
    told: Counter[tuple[str, Kind, str]] = field(default_factory=Counter)

    def learn(self, binding: str, one: Canonical, other: Canonical) -> None:
        """Learns what moves by itself from two of the original's answers to one message."""
        places = self.moving.setdefault(binding, set())
        places |= {_general(place) for place, _, _ in _unlike(one, other)}

    def unlike(self, binding: str, original: Canonical, candidate: Canonical) -> list[tuple[str, str, str]]:
        """Place, and what each says there, of all that differs and does not move by itself."""
        moving = self.moving.get(binding, set())
        found = _unlike(original, candidate)
        return [each for each in found if not any(_is_within(_general(each[0]), place) for place in moving)]

    def news(self, binding: str, found: Sequence[Difference]) -> Iterator[Difference]:
        """Which of the differences between two answers are to be told: each place once, and not too many of a kind."""
        for kind in dict.fromkeys(each.kind for each in found):
            self.counts[kind] += 1
        for each in found:
            key = (binding, each.kind, _general(each.where))
            self.told[key] += 1
            same = sum(1 for other in self.told if other[:2] == key[:2])
            if self.told[key] == 1 and same <= MOST_TOLD:
                yield each

    def lines(self) -> Iterator[str]:
        """The sum of all comparisons."""
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(self.counts.items())) or "no difference"
        silent = f"; {self.unanswered:,} could not be compared for want of an answer" if self.unanswered else ""
        unsteady = f"; the original answered {self.unsteady:,} now so and now so" if self.unsteady else ""
        yield f"{self.compared:,} messages: {kinds}{silent}{unsteady}"
        for binding, places in sorted(self.moving.items()):
            if places:
                yield f"{binding}: what moves by itself was left out: {', '.join(sorted(places))}"


def differences(unlike: list[tuple[str, str, str]], original: Judgement, candidate: Judgement) -> list[Difference]:
    """The differences that unlike places and unlike findings make; none where there are none.

    A violation breaks the contract. A deviation does not, unless the run is strict, but makes a difference.
    """
    theirs, ours = _found(original), _found(candidate)
    if not unlike and theirs == ours:
        return []
    kind = _kind(_found(original, "violation"), _found(candidate, "violation"))
    places = list(_telling(unlike)) or [("answer", "", "")]
    return [
        Difference(kind, where, _said(one, theirs - ours), _said(other, ours - theirs)) for where, one, other in places
    ]


def _telling(unlike: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """The places that tell something: not what is below another, nor what follows from answers of two kinds."""
    outer: list[str] = []
    for place, one, other in unlike:
        if not any(place.startswith(f"{each}/") for each in outer):
            yield place, one, other
            outer.append(place)
        if place in ("outcome", "status"):
            return


def _kind(original: Broken, candidate: Broken) -> Kind:
    """Who breaks the contract: where both do, the one that breaks more of it."""
    if original == candidate:
        return "both break the contract" if original else "both keep the contract and differ"
    if candidate > original:
        return "candidate breaks the contract"
    return "original breaks the contract" if original > candidate else "both break the contract"


def _said(text: str, broken: Broken) -> str:
    names = ", ".join(f"{name} ({requirement})" for requirement, name in sorted(broken))
    return f"{text[:120]!r}{f' [{names}]' if names else ''}"


def _found(judgement: Judgement, *effects: Effect) -> Broken:
    """What an answer does that requirements do not allow: findings of those effects, or all that are no notes."""
    counting = (
        each for each in judgement.findings if each.effect in effects or (not effects and each.effect != "note")
    )
    return frozenset((each.requirement, each.name) for each in counting)


def canonical(answer: Answer, supplied: Mapping[str, str] = MappingProxyType({})) -> Canonical:
    """What an answer says, prefixes, comments, white space between elements and a fault's wording left out.

    `supplied` holds the configured values that the message carried: where the answer repeats one, its name stands.
    """
    return {place: _named(text, supplied) for place, text in _canonical(answer).items()}


SHORTEST = 8
"""Characters of a value from which on it is known within a longer text."""


def _named(text: str, supplied: Mapping[str, str]) -> str:
    """A text with names for the values that it repeats: two sessions are two values, and told apart by nobody."""
    for name, value in supplied.items():
        if text == value or len(value) >= SHORTEST:
            text = text.replace(value, f"{{{name}}}")
    return text


def _canonical(answer: Answer) -> Canonical:
    if answer.exchange.response is None:
        return {"answer": "none"}
    told = {
        "outcome": answer.outcome,
        "status": str(answer.response.status_code),
        "media type": answer.media_type or "none",
    }
    if answer.fault is not None:
        return {**told, "fault code": fault_code_of(answer) or "none"}
    if answer.root is not None:
        return {**told, **dict(_content(answer.root, f"/{local(answer.root)}"))}
    return {**told, "body": answer.content.decode("utf-8", "replace").strip()}


def _content(element: Element, place: str) -> Iterator[tuple[str, str]]:
    """Name, attributes, text and children of an element, each by its place."""
    yield place, str(element.tag)
    for name, value in element.attrib.items():
        if str(name) not in (f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"):
            yield f"{place}/@{etree.QName(str(name)).localname}", _attribute(element, str(name), str(value))
    below = list(children(element))
    text = text_of(element).replace("\r\n", "\n")
    if not below and text:
        yield f"{place}/text()", text
    elif text.strip():
        yield f"{place}/text()", text.strip()
    counted: Counter[str] = Counter()
    for each in below:
        counted[local(each)] += 1
        yield from _content(each, f"{place}/{local(each)}[{counted[local(each)]}]")


def _attribute(element: Element, name: str, value: str) -> str:
    """An attribute's value; qualified names without their prefixes, a boolean in one spelling."""
    is_in_schema = str(element.tag).startswith(f"{{{XSD}}}")
    if name == f"{{{XSI}}}type" or (is_in_schema and name in _NAMING):
        return " ".join(_expanded(element, each) for each in value.split())
    if name == f"{{{XSI}}}nil":
        return {"1": "true", "0": "false"}.get(value.strip(), value.strip())
    return value


def is_steady(one: Answer, other: Answer) -> bool:
    """Whether two answers to one message are of one kind, so that what they differ in moves by itself.

    A failure now and then, or a session that lapsed, is nothing to learn from: all would move.
    """
    return (one.outcome, one.response.status_code) == (other.outcome, other.response.status_code)


def _expanded(element: Element, name: str) -> str:
    """A qualified name with its namespace in place of the prefix."""
    prefix, colon, own = name.rpartition(":")
    return f"{{{element.nsmap.get(prefix if colon else None, '')}}}{own}"


_NAMING = frozenset({"type", "ref", "base", "itemType", "memberTypes", "substitutionGroup", "refer"})
"""Attributes of a schema that answers carry whose values are qualified names (XML Schema part 1 and 2)."""


def _unlike(one: Canonical, other: Canonical) -> list[tuple[str, str, str]]:
    """Place and both contents where two answers differ, in document order."""
    places = dict.fromkeys([*one, *other])
    return [
        (place, one.get(place, "nothing"), other.get(place, "nothing"))
        for place in places
        if one.get(place) != other.get(place)
    ]


def _general(place: str) -> str:
    """A place without positions."""
    return re.sub(r"\[\d+\]", "", place)


def _is_within(place: str, outer: str) -> bool:
    """Whether a place is another, or below an element that comes and goes by itself."""
    return place == outer or place.startswith(f"{outer}/")
