"""HTTP GET and HTTP POST: parameters in a query or a form."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("parameters")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
