"""The result of a qualification as Markdown, from its data alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from suites.qualification_data import Document

Row = Mapping[str, Any]

INTRODUCTION = """\
# Qualification

How good the suite is: every planted fault and neutral variant of the reference target, certified on each binding that
it touches. Written by `soapstone qualify --write`. Faults, variants and equivalent faults stand in `reference/faults/`,
`reference/variants.toml` and `reference/equivalent.toml`, each with the rule and its source. They were written from the
pages, the standards and what genuine stacks do, most of them by people who had not read the judge.
"""
COUNTING = """\
A fault is right if, on each binding it touches, a requirement that states the broken rule flags it as what it is; one
that only others flag is missed. A variant is right if nothing is violated. First try: what the suite was right about
when it first met it, at the profile that was then named. {regraded} of the faults that deviate were written to make a
run fail: a second look found that the rule they break is a should, or inferred; they count as wrong at the first try.
"""
STAGES = """\
Stage: whether the cases of a requirement that must flag the fault showed it, or only the rest of the profile. Requests
are those sent until it was flagged, over all its bindings.
"""


def page(content: Document) -> str:
    """The page: the counts, what each fault was flagged by, what each variant was, and what proves each requirement."""
    parts = (_summary, _areas, _faults, _variants, _equivalent, _requirements)
    return "\n".join(line for part in parts for line in part(content)).rstrip() + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(_cell(each) for each in row)} |"
    yield ""


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _ids(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _summary(content: Document) -> Iterator[str]:
    yield INTRODUCTION
    yield from _table(
        ("", "number", "right now", "right at the first try"),
        ((row["title"], row["number"], row["right"], row["first_try"]) for row in content["summary"]),
    )
    regraded = sum(row["regraded"] for row in content["faults"])
    runs = sum(len(content[group]) for group in ("faults", "variants", "equivalent"))
    yield COUNTING.format(regraded=regraded)
    requests, seconds = f"{content['requests']:,}", f"{content['seconds']:.0f}"
    yield f"{runs} targets, {requests} requests, {seconds} seconds in {content['jobs']} processes."
    yield ""
    if "note" in content:
        yield from (content["note"], "")


def _areas(content: Document) -> Iterator[str]:
    yield "## Faults by area"
    yield ""
    yield from _table(
        ("area", "number", "right now", "right at the first try"),
        ((row["area"], row["number"], row["right"], row["first_try"]) for row in content["areas"]),
    )


def _faults(content: Document) -> Iterator[str]:
    yield "## Planted faults"
    yield ""
    yield STAGES
    head = (
        "fault",
        "on",
        "breaks",
        "must be flagged by",
        "as",
        "flagged by",
        "also violated",
        "stage",
        "requests",
        "first",
    )
    yield from _table(head, map(_fault, content["faults"]))


def _fault(row: Row) -> tuple[object, ...]:
    profile = "" if row["profile"] == "smoke" else f" ({row['profile']})"
    return (
        f"`{row['name']}`",
        ", ".join(row["touches"]),
        f"{row['breaks']} ({row['source']})",
        _ids(row["requirements"]),
        row["effect"],
        _ids(row["flagged"]) if row["right"] else f"**missed** on {', '.join(row['missed_on'])}",
        _ids(row["also"]),
        row["stage"] + profile,
        row["requests"],
        "yes" if row["first_try"] else "no",
    )


def _variants(content: Document) -> Iterator[str]:
    yield "## Neutral variants"
    yield ""
    yield from _table(
        ("variant", "on", "why it is legal", "violated", "deviating", "requests"),
        (
            (
                f"`{row['name']}`",
                ", ".join(row["touches"]),
                f"{row['reason']} ({row['source']})",
                _ids(row["violated"]) or "nothing",
                _ids(row["deviating"]),
                row["requests"],
            )
            for row in content["variants"]
        ),
    )


def _equivalent(content: Document) -> Iterator[str]:
    yield "## Equivalent faults"
    yield ""
    yield "Faults that no run flags, because from outside they cannot be told from what is legal."
    yield ""
    yield from _table(
        ("fault", "on", "why nothing flags it", "violated"),
        (
            (f"`{row['name']}`", ", ".join(row["touches"]), f"{row['reason']} ({row['source']})", _ids(row["violated"]))
            for row in content["equivalent"]
        ),
    )


def _requirements(content: Document) -> Iterator[str]:
    yield "## What proves each requirement"
    yield ""
    yield "Every requirement of level must, and the faults that it flagged: one that cannot fail would prove nothing."
    yield ""
    yield from _table(
        ("requirement", "flagged"),
        (
            (f"`{row['id']}`", _ids(row["faults"]) or row["unfalsifiable"] or "**no fault made it fail**")
            for row in content["requirements"]
        ),
    )
