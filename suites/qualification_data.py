"""The result of a qualification as data: what `reports/formats/qualification.schema.json` describes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from contracts.documents import read_document
from contracts.loader import load_services
from suites.configuration import FORMATS
from suites.embedded import HOME
from suites.qualification import Qualified

FORMAT = 1
PACKAGED = Path(HOME) / "reports" / "qualification.json"
"""Where the reports find it."""
PAGE = Path(HOME) / "docs" / "qualification.md"

GROUPS = (
    ("violation", "faults that must make a run fail"),
    ("deviation", "faults that deviate"),
    ("variant", "neutral variants"),
)

Document = Mapping[str, Any]


def document(found: Iterable[Qualified], *, seconds: float, jobs: int) -> Document:
    """What a qualification showed. `seconds` are those of the wall clock, `jobs` the processes it ran in."""
    rows = list(found)
    faults = [each for each in rows if each.deviation.kind == "fault"]
    variants = [each for each in rows if each.deviation.kind == "variant"]
    groups = {
        "violation": [each for each in faults if each.deviation.violates],
        "deviation": [each for each in faults if not each.deviation.violates],
        "variant": variants,
    }
    areas = dict.fromkeys(each.deviation.area for each in faults)
    return {
        "format": FORMAT,
        "seconds": round(seconds, 1),
        "jobs": jobs,
        "requests": sum(each.requests for each in rows),
        "summary": [{"group": name, "title": title, **_counts(groups[name])} for name, title in GROUPS],
        "areas": [
            {"area": area, **_counts([each for each in faults if each.deviation.area == area])} for area in areas
        ],
        "faults": [_fault(each) for each in faults],
        "variants": [_variant(each) for each in variants],
        "equivalent": [_equivalent(each) for each in rows if each.deviation.kind == "equivalent"],
        "requirements": list(_requirements(faults)),
    }


def as_json(content: Document) -> str:
    """The document as it is written."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _counts(group: Sequence[Qualified]) -> Mapping[str, int]:
    right = [each for each in group if each.is_right]
    return {
        "number": len(group),
        "right": len(right),
        "first_try": sum(each.deviation.first_try for each in right),
    }


def _fault(each: Qualified) -> Mapping[str, Any]:
    fault = each.deviation
    return {
        "name": fault.name,
        "area": fault.area,
        "touches": list(fault.touches),
        "breaks": fault.told,
        "source": fault.source,
        "effect": fault.effect,
        "profile": fault.profile,
        "requirements": list(fault.requirements),
        "flagged": list(each.flagged),
        "also": list(each.also),
        "missed_on": list(each.missed_on),
        "stage": each.stage,
        "requests": each.requests,
        "right": each.is_right,
        "first_try": fault.first_try,
        "regraded": fault.regraded,
    }


def _variant(each: Qualified) -> Mapping[str, Any]:
    variant = each.deviation
    return {
        "name": variant.name,
        "touches": list(variant.touches),
        "reason": variant.told,
        "source": variant.source,
        "violated": list(each.violated),
        "deviating": list(each.deviating),
        "requests": each.requests,
        "right": each.is_right,
        "first_try": variant.first_try,
    }


def _equivalent(each: Qualified) -> Mapping[str, Any]:
    fault = each.deviation
    return {
        "name": fault.name,
        "touches": list(fault.touches),
        "reason": fault.told,
        "source": fault.source,
        "violated": list(each.violated),
        "right": each.is_right,
    }


def _requirements(faults: Sequence[Qualified]) -> Iterator[Mapping[str, Any]]:
    """Every requirement of level must, with the faults that it flagged, or why none can make it fail here."""
    flagging: dict[str, list[str]] = {}
    for each in faults:
        for name in each.flagged:
            flagging.setdefault(name, []).append(each.deviation.name)
    for name in musts():
        shown = flagging.get(name, [])
        yield {
            "id": name,
            "level": "must",
            "faults": shown,
            "unfalsifiable": None if shown else unfalsifiable().get(name),
        }


@cache
def musts() -> tuple[str, ...]:
    """The ids of all requirements of level must on some binding, in the order of the catalogue."""
    found = (
        requirement.id
        for service in load_services().values()
        for operation in service.operations.values()
        for binding in operation.bindings
        for requirement in operation.requirements(binding.protocol)
        if requirement.level == "must"
    )
    return tuple(sorted(dict.fromkeys(found)))


@cache
def unfalsifiable() -> Mapping[str, str]:
    """Requirements that no fault of the reference target can break, with the reason."""
    content = read_document(Path(__file__).parent / "unfalsifiable.toml", "unfalsifiable", FORMATS)
    return {row["id"]: row["reason"] for row in content.get("requirement", [])}


def unproved(content: Document) -> tuple[str, ...]:
    """The requirements of level must that no fault made fail, and that are not listed as unfalsifiable."""
    rows = content["requirements"]
    return tuple(row["id"] for row in rows if not row["faults"] and row["unfalsifiable"] is None)
