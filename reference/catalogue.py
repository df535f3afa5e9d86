"""The planted faults and neutral variants as data: `faults/`, `equivalent.toml` and `variants.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reference.wire import ACTIONS

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
    area: str
    """What it is about: the name of the file that it stands in."""


@dataclass(frozen=True, slots=True)
class Variant(Deviation):
    """A legal variation that a run must not flag."""

    reason: str


@dataclass(frozen=True, slots=True)
class Equivalent(Deviation):
    """A defect that no run may flag, or none can: from outside it cannot be told from what is legal."""

    reason: str


Row = Mapping[str, Any]


def _rows(file: Path, table: str) -> list[Row]:
    rows: list[Row] = tomllib.loads(file.read_text(encoding="utf-8"))[table]
    return rows


@cache
def faults() -> Mapping[str, Fault]:
    return {
        row["name"]: Fault(
            name=row["name"],
            touches=tuple(row["touches"]),
            source=row["source"],
            breaks=row["breaks"],
            level=row["level"],
            basis=row["basis"],
            area=file.stem,
        )
        for file in sorted((HERE / "faults").glob("*.toml"))
        for row in _rows(file, "fault")
    }


@cache
def variants() -> Mapping[str, Variant]:
    return {
        row["name"]: Variant(
            name=row["name"], touches=tuple(row["touches"]), source=row["source"], reason=row["reason"]
        )
        for row in _rows(HERE / "variants.toml", "variant")
    }


@cache
def equivalents() -> Mapping[str, Equivalent]:
    return {
        row["name"]: Equivalent(
            name=row["name"], touches=tuple(row["touches"]), source=row["source"], reason=row["reason"]
        )
        for row in _rows(HERE / "equivalent.toml", "equivalent")
    }


class UnknownNameError(LookupError):
    """No planted fault or variant has the name."""


def selected(*, faults: Iterable[str], variants: Iterable[str]) -> tuple[Deviation, ...]:
    """The deviations of those names. Raises UnknownNameError."""
    return (
        *(_named(name, "fault", {**_faults(), **equivalents()}) for name in faults),
        *(_named(name, "variant", _variants()) for name in variants),
    )


_faults, _variants = faults, variants


def _named(name: str, kind: str, known: Mapping[str, Deviation]) -> Deviation:
    if name not in known:
        raise UnknownNameError(f"there is no {kind} named {name!r}; --list-{kind}s shows them all")
    return known[name]


def needs_relay(deviations: Iterable[Deviation]) -> bool:
    return any(deviation.name in ACTIONS for deviation in deviations)
