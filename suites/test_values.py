"""Payload values: what XML Schema says of types, xsi attributes and members."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("xsd-1", "xsd-2")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
