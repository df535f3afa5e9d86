"""HTTP, status, methods, media types, charsets."""

import pytest

from suites.outcome import Settle, Verdict

pytestmark = pytest.mark.section("http")


def test_requirement(verdict: Verdict, settle: Settle) -> None:
    settle(verdict)
