"""What the suite watches in itself."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("suite")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
