"""A genuine stack is violated and deviates only as expected.toml says; otherwise the suites are wrong.

What is expected is true of the stack: each row names the line of the page or the clause that the stack departs from.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .servers import STACKS, Stack, Target

EXPECTED = tomllib.loads(Path(__file__).with_name("expected.toml").read_text(encoding="utf-8"))
OF_THE_PAGES = ("asmx", "php", "perl", "gsoap", "datacontract")
"""The stacks that pages of the five services come from: they are violated in nothing."""
CERTIFIED, NOT_CERTIFIED = 0, 1
SEEDS = (0, 1, 2)
SECONDS = 3_600
"""What a run of the thorough profile may take on a slow machine."""

Requirement = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What `soapstone certify` made of a stack: its exit status, what it printed, and its verdict.json."""

    status: int
    printed: str
    verdict: Mapping[str, Any]

    def requirements(self, *verdicts: str) -> set[Requirement]:
        """Service, binding ("" for none) and id of each requirement with one of these verdicts."""
        return {
            (row["service"], row["binding"] or "", row["id"])
            for row in self.verdict["requirements"]
            if row["verdict"] in verdicts
        }

    def unproved(self) -> set[Requirement]:
        """The requirements of level must that were not put to the test."""
        musts = {(row["service"], row["binding"] or "", row["id"]) for row in self.verdict["requirements"]
                 if row["level"] == "must"}  # fmt: skip
        return self.requirements("inconclusive", "not exercised") & musts


@pytest.fixture(scope="session")
def runs(stack: Stack, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Sequence[Run]:
    """A certification of all the services on the stack for each seed."""
    profile = pytestconfig.getoption("--stack-profile")
    seeds = pytestconfig.getoption("--stack-seed") or SEEDS
    return [certified(stack, tmp_path_factory.mktemp(f"certify-{stack.name}-{seed}"), profile, seed) for seed in seeds]


def certified(stack: Stack, folder: Path, profile: str, seed: int) -> Run:
    """One certification of all the services on the stack."""
    config, out = folder / "targets.toml", folder / "out"
    config.write_text(as_toml(stack.targets), encoding="utf-8")
    soapstone = str(Path(sys.executable).with_name("soapstone"))
    options = ["--profile", profile, "--seed", str(seed), "--config", str(config), "--out", str(out)]
    done = subprocess.run(
        [soapstone, "certify", *options], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    printed = done.stdout + done.stderr
    assert (out / "verdict.json").is_file(), printed
    return Run(done.returncode, printed, json.loads((out / "verdict.json").read_bytes()))


def as_toml(targets: Mapping[str, Target]) -> str:
    """The targets as targets.toml has them; a JSON string is a TOML string too."""
    lines = []
    for service, target in targets.items():
        lines += [f"[{service}]", f"url = {json.dumps(target['url'])}", f"[{service}.values]"]
        lines += [f"{leaf} = {json.dumps(value)}" for leaf, value in target["values"].items()]
    return "\n".join(lines) + "\n"


def expected(kind: str, stack: Stack) -> set[Requirement]:
    """The rows of that kind for a stack."""
    return {
        (row["service"], row["binding"], row["requirement"]) for row in EXPECTED[kind] if row["stack"] == stack.name
    }


def test_every_service_of_the_stack_is_judged(runs: Sequence[Run], stack: Stack) -> None:
    for run in runs:
        assert {service for service, _, _ in run.requirements("conformant")} == set(stack.targets)


def test_everything_that_must_be_is_put_to_the_test(runs: Sequence[Run]) -> None:
    for run in runs:
        assert run.unproved() == set(), run.printed


@pytest.mark.parametrize("kind, verdict", [("violation", "violated"), ("deviation", "deviates")])
def test_nothing_is_found_but_what_is_expected(runs: Sequence[Run], stack: Stack, kind: str, verdict: str) -> None:
    """Seed for seed nothing beyond the table, and all that stands in it with one seed or another."""
    for run in runs:
        assert run.requirements(verdict) <= expected(kind, stack), run.printed
    assert set().union(*(run.requirements(verdict) for run in runs)) == expected(kind, stack)


def test_stack_is_certified_unless_violations_are_expected(runs: Sequence[Run], stack: Stack) -> None:
    for run in runs:
        assert run.status == (NOT_CERTIFIED if expected("violation", stack) else CERTIFIED), run.printed


def test_stacks_of_the_pages_have_no_violations() -> None:
    assert not {row["stack"] for row in EXPECTED["violation"]} & set(OF_THE_PAGES)


def test_every_expected_row_names_its_stack_and_reason() -> None:
    for row in (*EXPECTED["violation"], *EXPECTED["deviation"]):
        assert set(row) == {"stack", "service", "binding", "requirement", "reason"}, row
        assert row["stack"] in STACKS, row
        assert row["reason"].strip(), row
