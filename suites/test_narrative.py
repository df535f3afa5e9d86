"""Services documented in prose."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("narrative")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
