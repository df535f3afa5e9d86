"""XML, its namespaces and encodings, whatever the messages hold."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("xml", "xml-names")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
