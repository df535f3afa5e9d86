"""Names for what suite modules pass on: a verdict, and the function that makes a pytest outcome of it."""

from collections.abc import Callable
from typing import TypeAlias

from contracts.judge.verdicts import RequirementVerdict
from contracts.judge.verdicts import Verdict as Kind

Verdict: TypeAlias = RequirementVerdict
Settle: TypeAlias = Callable[[RequirementVerdict], None]

PASSING: frozenset[Kind] = frozenset({"conformant", "deviates", "waived"})
"""Verdicts whose pytest item passes."""
