"""A genuine stack is not violated and deviates only as expected.toml says; otherwise the suites are wrong."""

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

EXPECTED = tomllib.loads(Path(__file__).with_name("expected.toml").read_text(encoding="utf-8"))["deviation"]
CERTIFIED = 0
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


def test_no_requirement_is_violated(run: Run) -> None:
    assert run.requirements("violated") == set(), run.printed


def test_deviations_are_the_expected_ones(run: Run, stack: Stack) -> None:
    expected = {(row["service"], row["binding"], row["requirement"]) for row in EXPECTED if row["stack"] == stack.name}
    assert run.requirements("deviates") == expected


def test_stack_is_certified(run: Run) -> None:
    assert run.status == CERTIFIED, run.printed


def test_every_expected_deviation_names_its_stack_and_reason() -> None:
    for row in EXPECTED:
        assert set(row) == {"stack", "service", "binding", "requirement", "reason"}, row
        assert row["stack"] in STACKS, row
        assert row["reason"].strip(), row
