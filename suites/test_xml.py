"""XML and namespaces, whatever the messages hold."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("xml")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
