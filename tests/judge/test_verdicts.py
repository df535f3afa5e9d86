"""From findings to verdicts: level, basis and strictness; what was seen and what was not; the run's own."""

from dataclasses import replace
from itertools import product

import pytest

from contracts.judge.records import Finding, Judgement
from contracts.judge.verdicts import (
    EXIT_STATUS,
    MAX_EXCHANGES,
    RequirementVerdict,
    RunVerdict,
    Tallies,
    Verdict,
    effect_of,
    requirement_verdict,
    run_verdict,
)
from contracts.model import Basis, Level, Requirement, Source

PASSIVE = Requirement(
    id="a/1/b",
    level="must",
    basis="documented",
    source=Source("page.txt", 1, 1),
    does="d",
    requires="r",
    accepts=("a",),
    check="well_formed",
)
ACTIVE = replace(PASSIVE, check=None, sends="known_good")
NEEDED = replace(PASSIVE, needs_observation=True)
KEY = ("s", "o", "soap11", "a/1/b")


def finding(level: Level = "must", basis: Basis = "documented", *, exchange: int = 1, strict: bool = False) -> Finding:
    return Finding(
        requirement="a/1/b",
        service="s",
        operation="o",
        protocol="soap11",
        name="X",
        expected="e",
        actual="a",
        level=level,
        basis=basis,
        effect=effect_of(level, basis, strict=strict),
        exchange=exchange,
    )


def verdict(requirement: Requirement, *judgements: Judgement, **why: str) -> RequirementVerdict:
    tallies = Tallies()
    for number, judgement in enumerate(judgements, 1):
        tallies.add("s", "o", "soap11", judgement, number)
    return requirement_verdict("s", "o", "soap11", requirement, tallies.of(KEY), **why)  # type: ignore[arg-type]


def seen(*findings: Finding) -> Judgement:
    return Judgement(("a/1/b",), findings)


LOST = Judgement((), (), ("a/1/b",))


@pytest.mark.parametrize(
    "level, basis, strict",
    list(product(("must", "should", "inform"), ("documented", "standard", "convention", "inferred"), (False, True))),
)
def test_level_and_basis_give_the_effect(level: Level, basis: Basis, strict: bool) -> None:
    if level == "inform":
        expected = "note"
    elif strict or (level == "must" and basis in ("documented", "standard")):
        expected = "violation"
    else:
        expected = "deviation"
    assert effect_of(level, basis, strict=strict) == expected


VERDICTS: list[tuple[Requirement, list[Judgement], dict[str, str], Verdict]] = [
    (PASSIVE, [seen()], {}, "conformant"),
    (PASSIVE, [seen(finding("inform"))], {}, "conformant"),
    (PASSIVE, [seen(), seen(finding("should"))], {}, "deviates"),
    (PASSIVE, [seen(finding("should")), seen(finding())], {}, "violated"),
    (ACTIVE, [seen(finding()), LOST], {}, "violated"),
    (ACTIVE, [seen(), LOST], {}, "inconclusive"),
    (ACTIVE, [LOST], {"not_exercised": "no values"}, "inconclusive"),
    (ACTIVE, [], {"not_exercised": "no values"}, "not exercised"),
    (ACTIVE, [seen()], {"not_exercised": "the budget is used up"}, "inconclusive"),
    (ACTIVE, [seen(finding("should"))], {"not_exercised": "the budget is used up"}, "deviates"),
    (NEEDED, [], {}, "not exercised"),
    (PASSIVE, [], {}, "not observed"),
    (ACTIVE, [], {"out_of_scope": "not allowed"}, "out of scope"),
    (PASSIVE, [], {"out_of_scope": "not allowed", "not_applicable": "tolerated"}, "not applicable"),
    (PASSIVE, [seen()], {"out_of_scope": "not allowed"}, "conformant"),
]


@pytest.mark.parametrize("requirement, judgements, why, expected", VERDICTS)
def test_verdict_of_a_requirement(
    requirement: Requirement, judgements: list[Judgement], why: dict[str, str], expected: Verdict
) -> None:
    given = verdict(requirement, *judgements, **why)
    assert given.verdict == expected
    assert bool(given.reason) == (expected not in ("conformant", "deviates", "violated"))


def test_first_finding_is_the_first_of_the_worst_kind() -> None:
    note, deviation = finding("inform", exchange=1), finding("should", exchange=2)
    violation, later = finding(exchange=3), finding(exchange=4)
    assert verdict(PASSIVE, seen(note), seen(deviation)).first_finding == deviation
    given = verdict(PASSIVE, seen(note), seen(deviation), seen(violation), seen(later), seen(deviation))
    assert given.first_finding == violation
    assert (given.exercised, given.violated, given.deviating, given.noted) == (5, 2, 2, 1)


def test_what_is_found_several_times_in_one_group_counts_once_by_the_worst() -> None:
    given = verdict(PASSIVE, seen(finding("should"), finding(), finding(), finding("inform")), seen(finding("should")))
    assert (given.exercised, given.violated, given.deviating, given.noted) == (2, 1, 1, 0)


def test_exchanges_kept_are_few() -> None:
    given = verdict(PASSIVE, *(seen(finding(exchange=number)) for number in range(1, 100)))
    assert given.exchanges == tuple(range(1, MAX_EXCHANGES + 1))


def row(given: Verdict, level: Level = "must") -> RequirementVerdict:
    exercised = int(given in ("conformant", "deviates", "violated", "waived"))
    return replace(verdict(replace(PASSIVE, level=level)), verdict=given, exercised=exercised)


RUNS: list[tuple[list[RequirementVerdict], RunVerdict, RunVerdict]] = [
    ([], "incomplete", "incomplete"),
    ([row("not observed")], "incomplete", "incomplete"),
    ([row("conformant"), row("not observed"), row("out of scope"), row("not applicable")], "certified", "certified"),
    ([row("conformant"), row("deviates")], "certified with deviations", "certified with deviations"),
    ([row("conformant"), row("waived")], "certified with deviations", "certified with deviations"),
    ([row("deviates"), row("inconclusive")], "incomplete", "incomplete"),
    ([row("conformant"), row("not exercised")], "incomplete", "incomplete"),
    ([row("conformant"), row("not exercised", "should")], "certified", "incomplete"),
    ([row("conformant"), row("inconclusive", "inform")], "certified", "certified"),
    ([row("inconclusive"), row("violated"), row("deviates")], "not certified", "not certified"),
]


@pytest.mark.parametrize("rows, lenient, strict", RUNS)
def test_verdict_of_a_run(rows: list[RequirementVerdict], lenient: RunVerdict, strict: RunVerdict) -> None:
    assert run_verdict(rows) == lenient
    assert run_verdict(rows, strict=True) == strict
    assert run_verdict(rows[::-1]) == lenient


def test_exit_status_is_zero_for_certified_runs_alone() -> None:
    assert EXIT_STATUS == {"certified": 0, "certified with deviations": 0, "not certified": 1, "incomplete": 6}
