"""SOAP 1.2, parts 1 and 2: envelope, headers, faults, the HTTP binding."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("soap12", "soap12-2")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
