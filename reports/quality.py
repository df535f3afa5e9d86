"""How good the suite itself is: what `soapstone qualify` found when it ran every planted fault and neutral variant.

The data are packaged with the tool; formats/qualification.schema.json describes them.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Counted:
    """A group of faults or variants: how many the suite is right about now, and was when it first met them."""

    title: str
    number: int
    right: int
    first_try: int


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted fault: the rule that it breaks, and the requirements that flagged it."""

    name: str
    breaks: str
    source: str
    effect: str
    flagged: tuple[str, ...]
    right: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The result of a campaign."""

    summary: tuple[Counted, ...]
    areas: tuple[Counted, ...]
    faults: tuple[Planted, ...]
    requests: int


def quality() -> Quality | None:
    """The packaged result; None where none is packaged."""
    file = files("reports").joinpath("qualification.json")
    return quality_of(json.loads(file.read_text("utf-8"))) if file.is_file() else None


def quality_of(document: dict[str, Any]) -> Quality:
    """The result that a document of that format tells."""
    return Quality(
        summary=tuple(_counted(row, "title") for row in document["summary"]),
        areas=tuple(_counted(row, "area") for row in document["areas"]),
        faults=tuple(
            Planted(row["name"], row["breaks"], row["source"], row["effect"], tuple(row["flagged"]), row["right"])
            for row in document["faults"]
        ),
        requests=document["requests"],
    )


def _counted(row: dict[str, Any], title: str) -> Counted:
    return Counted(row[title], row["number"], row["right"], row["first_try"])
