"""What tables of parameters say, held against samples and each other: what is contradicted is told, not documented."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import xmlschema

from contracts.derive.cells import Occurrence
from contracts.derive.concluding import Context, Typed
from contracts.derive.declarations import Member, Simple
from contracts.derive.samples import Role
from contracts.derive.tables import Told
from contracts.derive.words import VALUE_TYPES, placeholder, type_of_value, type_of_word
from contracts.model import Basis
from contracts.names import local_name
from contracts.sources import Source

Values: TypeAlias = Sequence[tuple[str, Source]]
"""The values that samples show of an element, with their places."""


def told_by_table(name: str, role: Role, values: Values, context: Context) -> Typed | None:
    """The list of words, or else the type, that a table gives."""
    return _listed_by_table(name, role, values, context) or _typed_by_table(name, role, values, context)


def is_value(text: str) -> bool:
    """Whether a sample shows a value, and not what stands in the place of one."""
    return bool(text) and _STAND_IN.fullmatch(text) is None


_STAND_IN: Final = re.compile(
    r"[?\u2026]+|\.{2,}|[xX*#_-]{2,}|%\w+%?|\$\{?[\w.-]+\}?|[\[({<]+[^\])}>]*[\])}>]+|(?:YOUR|MY)[\w -]+"
)
"""What stands in the place of a value on pages that print no placeholder words."""


def _listed_by_table(name: str, role: Role, values: Values, context: Context) -> Typed | None:
    """The list of words that a table gives; None where it gives none, or one that samples contradict."""
    shown = [(text, source) for text, source in values if type_of_word(placeholder(text)) is None]
    types = {str(each.value) for each in context.tables.types(name, role)}
    lists = [each for each in context.tables.words(name, role) if each.is_sure or (shown and types <= {"string"})]
    if not lists:
        return None
    told, words = lists[0], _words(lists[0])
    other = next((each for each in lists[1:] if _words(each) != words), None)
    stray = next(((text, source) for text, source in shown if text not in words), None)
    there = f"one of {', '.join(words)} at {told.source.note}"
    if other is not None:
        context.warn(other.source, f"{name} is one of {', '.join(_words(other))} here and {there}: any text is clean")
        return Typed(Simple("string", other.source, "inferred"), "inferred")
    if stray is not None:
        text, source = stray
        context.warn(source, f"{name} is {text!r} here and {there}: any text is clean")
        return Typed(Simple("string", source, "inferred", example=text), "inferred")
    assert isinstance(told.value, tuple)
    return Typed(Simple("string", told.source, words=told.value), source=told.source)


def _words(told: Told) -> list[str]:
    assert isinstance(told.value, tuple)
    return [word.value for word in told.value]


def _typed_by_table(name: str, role: Role, values: Values, context: Context) -> Typed | None:
    """The type that a table gives; None where it gives none, or one that samples, or another table, contradict."""
    told = context.tables.types(name, role)
    if not told:
        return None
    base, source = str(told[0].value), told[0].source
    other = next((each for each in told[1:] if each.value != base), None)
    if other is not None:
        context.warn(other.source, f"{name} is {other.value} here and {base} at {source.note}: read as text")
        return None
    stray = next(((text, place) for text, place in values if not _fits(base, text)), None)
    if stray is not None:
        text, place = stray
        if told[0].is_own:
            context.warn(place, f"{name} is {text!r} here and {base} at {source.note}: read as text")
        return None
    basis: Basis = "documented" if told[0].is_sure else "inferred"
    return Typed(Simple(base, source, basis, is_reference=base not in VALUE_TYPES), basis, source)


def _fits(base: str, text: str) -> bool:
    """Whether a sample's text is a value of a type, or a word that stands for one."""
    word = type_of_word(placeholder(text))
    if base == "string" or word is not None:
        return base == "string" or word == base
    if base == "guid":
        return type_of_value(text.strip("{}")) == "guid"
    return base == "char" or bool(_BUILT_IN[base].is_valid(text))


_BUILT_IN: Final = xmlschema.XMLSchema10.builtin_types()


def occurring(member: Member, role: Role, missing: Source | None, most: int, context: Context) -> Member:
    """A member with what tables say of how often it stands, where samples do not contradict it.

    `missing` is where a sample goes without it, `most` how often it stands in one at most.
    """
    name = local_name(member.tag)
    told = context.tables.occurrences(name, role)
    if not told:
        return member
    said, source = told[0].value, told[0].source
    assert isinstance(said, Occurrence)
    high = said.high if said.says_high else member.high
    doubted = replace(member, low=0, high=high, min_basis="inferred", min_source=source)
    other = next((each for each in told[1:] if each.value != said), None)
    if other is not None:
        problem = f"how often {name} stands is told otherwise here and at {source.note}: it may be absent"
        context.warn(other.source, problem)
        return doubted
    if said.low and missing is not None:
        problem = f"{name} is required here and a sample goes without it, at {missing.note}: it may be absent"
        context.warn(source, problem)
        return doubted
    if said.low > max(most, 1):
        problem = f"{name} stands {said.low} times at least here and fewer times at {member.source.note}"
        context.warn(source, f"{problem}: once is enough")
        return replace(doubted, low=1)
    if high is not None and most > high:
        problem = f"{name} stands {high} times at most here and more often at {member.source.note}: it may repeat"
        context.warn(source, problem)
        return replace(doubted, low=said.low, high=None)
    return replace(doubted, low=said.low, min_basis="documented")
