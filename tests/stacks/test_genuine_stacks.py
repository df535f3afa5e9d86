"""A genuine stack is violated and deviates only as expected.toml says; otherwise the suites are wrong.

What is expected is true of the stack: each row names the line of the page or the clause that the stack departs from.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .servers import STACKS, Stack, Target

EXPECTED = tomllib.loads(Path(__file__).with_name("expected.toml").read_text(encoding="utf-8"))
OF_THE_PAGES = ("asmx", "php", "perl", "gsoap", "datacontract")
"""The stacks that pages of the five services come from: they are violated in nothing."""
CERTIFIED, NOT_CERTIFIED = 0, 1
SECONDS = 1_800
"""What a run of the standard profile may take on a slow machine."""

Requirement = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What `soapstone certify` made of a stack: its exit status, what it printed, and its verdict.json."""

    status: int
    printed: str
    verdict: Mapping[str, Any]

    def requirements(self, verdict: str) -> set[Requirement]:
        """Service, binding ("" for none) and id of each requirement with this verdict."""
        return {
            (row["service"], row["binding"] or "", row["id"])
            for row in self.verdict["requirements"]
            if row["verdict"] == verdict
        }


@pytest.fixture(scope="session")
def run(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One certification of all the services on the stack."""
    folder = tmp_path_factory.mktemp(f"certify-{stack.name}")
    config, out = folder / "targets.toml", folder / "out"
    config.write_text(as_toml(stack.targets), encoding="utf-8")
    soapstone = str(Path(sys.executable).with_name("soapstone"))
    command = [soapstone, "certify", "--config", str(config), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
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


def test_every_service_of_the_stack_is_judged(run: Run, stack: Stack) -> None:
    assert {service for service, _, _ in run.requirements("conformant")} == set(stack.targets)


def expected(kind: str, stack: Stack) -> set[Requirement]:
    """The rows of that kind for a stack."""
    return {
        (row["service"], row["binding"], row["requirement"]) for row in EXPECTED[kind] if row["stack"] == stack.name
    }


def test_violations_are_the_expected_ones(run: Run, stack: Stack) -> None:
    assert run.requirements("violated") == expected("violation", stack), run.printed


def test_deviations_are_the_expected_ones(run: Run, stack: Stack) -> None:
    assert run.requirements("deviates") == expected("deviation", stack)


def test_stack_is_certified_unless_violations_are_expected(run: Run, stack: Stack) -> None:
    assert run.status == (NOT_CERTIFIED if expected("violation", stack) else CERTIFIED), run.printed


def test_stacks_of_the_pages_have_no_violations() -> None:
    assert not {row["stack"] for row in EXPECTED["violation"]} & set(OF_THE_PAGES)


def test_every_expected_row_names_its_stack_and_reason() -> None:
    for row in (*EXPECTED["violation"], *EXPECTED["deviation"]):
        assert set(row) == {"stack", "service", "binding", "requirement", "reason"}, row
        assert row["stack"] in STACKS, row
        assert row["reason"].strip(), row
