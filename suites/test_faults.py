"""Faults of SOAP 1.1 and SOAP 1.2: shape, codes, status and media type."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("soap11", "soap12", "soap12-2", about="fault")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
