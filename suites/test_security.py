"""Security: what answers give away, and what probes may not achieve."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("security")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
