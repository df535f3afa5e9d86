"""Names for what suite modules pass on: a verdict, and the function that makes a pytest outcome of it."""

from collections.abc import Callable
from typing import TypeAlias

from contracts.judge.verdicts import RequirementVerdict

Verdict: TypeAlias = RequirementVerdict
Settle: TypeAlias = Callable[[RequirementVerdict], None]
