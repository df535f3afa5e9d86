"""The planted faults and neutral variants as data, read from `faults.toml` and `variants.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reference import relay

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Deviation:
    """A planted fault or a neutral variant."""

    name: str
    touches: tuple[str, ...]
    """Service and binding, such as `utws/soap11`."""
    source: str
    """Where the rule stands: a line of a page or a section of a standard."""


@dataclass(frozen=True, slots=True)
class Fault(Deviation):
    """A defect that a run must flag."""

    breaks: str
    level: str
    basis: str
    """documented or standard, which make a run fail; inferred or convention, which do so under --strict."""


@dataclass(frozen=True, slots=True)
class Variant(Deviation):
    """A legal variation that a run must not flag."""

    reason: str


def _rows(file: str, table: str) -> list[dict[str, str | list[str]]]:
    rows: list[dict[str, str | list[str]]] = tomllib.loads((HERE / file).read_text(encoding="utf-8"))[table]
    return rows


def _text(row: Mapping[str, str | list[str]], key: str) -> str:
    value = row[key]
    assert isinstance(value, str)
    return value


@cache
def faults() -> Mapping[str, Fault]:
    return {
        _text(row, "name"): Fault(
            name=_text(row, "name"),
            touches=tuple(row["touches"]),
            source=_text(row, "source"),
            breaks=_text(row, "breaks"),
            level=_text(row, "level"),
            basis=_text(row, "basis"),
        )
        for row in _rows("faults.toml", "fault")
    }


@cache
def variants() -> Mapping[str, Variant]:
    return {
        _text(row, "name"): Variant(
            name=_text(row, "name"),
            touches=tuple(row["touches"]),
            source=_text(row, "source"),
            reason=_text(row, "reason"),
        )
        for row in _rows("variants.toml", "variant")
    }


class UnknownNameError(LookupError):
    """No planted fault or variant has the name."""


def selected(*, faults: Iterable[str], variants: Iterable[str]) -> tuple[Deviation, ...]:
    """The deviations of those names. Raises UnknownNameError."""
    return (
        *(_named(name, "fault", _faults()) for name in faults),
        *(_named(name, "variant", _variants()) for name in variants),
    )


_faults, _variants = faults, variants


def _named(name: str, kind: str, known: Mapping[str, Deviation]) -> Deviation:
    if name not in known:
        raise UnknownNameError(f"there is no {kind} named {name!r}; --list-{kind}s shows them all")
    return known[name]


def needs_relay(deviations: Iterable[Deviation]) -> bool:
    return any(deviation.name in relay.ACTIONS for deviation in deviations)
