"""The documented messages themselves: the sample, its spellings, valid variations, edge values, wrong values."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("page", "service")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
