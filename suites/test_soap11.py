"""SOAP 1.1: envelope, headers, the HTTP binding. Its faults stand in test_faults."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("soap11", but="fault")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
