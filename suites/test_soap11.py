"""SOAP 1.1: envelope, headers, faults, the HTTP binding."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("soap11")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
