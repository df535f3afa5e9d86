"""The planted faults and neutral variants of the reference target, as its data describe them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from suites.embedded import HOME

REFERENCE = Path(HOME) / "reference"

Kind: TypeAlias = Literal["fault", "variant", "equivalent"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A planted fault, a neutral variant, or a fault that no run may flag.

    `touches` are bindings as `service/protocol`, `beside` those that have to be run as well, because the broken rule is
    about several. `requirements` are the ids of which one must flag a fault, as a violation or (`violates` False) as a
    deviation; on `deviates_on` the rule is only inferred, so that there it deviates. `profile` is the least that has to
    flag it. `first_try` says whether the suite was right when it first met it, `regraded` that its author meant it to
    violate, and a second look found that it breaks a lesser rule.
    """

    kind: Kind
    name: str
    touches: tuple[str, ...]
    told: str
    source: str
    area: str = ""
    requirements: tuple[str, ...] = ()
    violates: bool = True
    deviates_on: tuple[str, ...] = ()
    profile: str = "smoke"
    beside: tuple[str, ...] = ()
    first_try: bool = True
    regraded: bool = False

    @property
    def effect(self) -> str:
        """What a fault must show as."""
        return "violation" if self.violates else "deviation"

    @property
    def option(self) -> tuple[str, str]:
        """What has the reference target do it."""
        return ("--variant" if self.kind == "variant" else "--fault", self.name)


def deviations() -> Iterator[Deviation]:
    """Every planted fault, by area, then every neutral variant, then every equivalent fault."""
    for file in sorted((REFERENCE / "faults").glob("*.toml")):
        for row in _rows(file, "fault"):
            yield _fault(row, file.stem)
    for row in _rows(REFERENCE / "variants.toml", "variant"):
        yield _of("variant", row, row["reason"])
    for row in _rows(REFERENCE / "equivalent.toml", "equivalent"):
        yield _of("equivalent", row, row["reason"])


def _fault(row: Mapping[str, Any], area: str) -> Deviation:
    return Deviation(
        kind="fault",
        name=row["name"],
        touches=tuple(row["touches"]),
        told=row["breaks"],
        source=row["source"],
        area=area,
        requirements=tuple(row["flagged_by"]),
        violates=row["level"] == "must" and row["basis"] in ("documented", "standard"),
        deviates_on=tuple(row.get("deviates_on", ())),
        profile=row.get("profile", "smoke"),
        beside=tuple(row.get("beside", ())),
        first_try=row.get("first_try", True),
        regraded=row.get("regraded", False),
    )


def _of(kind: Kind, row: Mapping[str, Any], told: str) -> Deviation:
    return Deviation(
        kind, row["name"], tuple(row["touches"]), told, row["source"], first_try=row.get("first_try", True)
    )


def _rows(file: Path, table: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = tomllib.loads(file.read_text("utf-8"))[table]
    return rows
