"""ServiceStack: errors, formats, routes."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("servicestack")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
