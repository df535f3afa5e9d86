"""What only several answers together show: bindings that agree, answers under load, answers over time."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("relations")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
