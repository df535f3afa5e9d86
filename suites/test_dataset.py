"""DataSets of .NET."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("dataset")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
