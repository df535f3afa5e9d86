"""SOAP 1.2, parts 1 and 2: envelope, headers, the HTTP binding. Its faults stand in test_faults."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("soap12", "soap12-2", but="fault")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
