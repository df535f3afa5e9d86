"""A contract or any XML Schema in, Hypothesis strategies out: valid, edge and defective messages, each with its intent.

Sends nothing and judges nothing. For a schema: `from_schema`, `edge_cases`, `invalid_from_schema`, `invalid_cases`. For
an operation of a contract: `messages` and `payloads`; `strategies.cases` holds the deterministic cases that a plan is
made of. docs/strategies.md has examples.
"""

from strategies.errors import OneValidatorWarning, UnsatisfiableError, UnsupportedError
from strategies.payloads import messages, payloads
from strategies.schemas import (
    EdgeCase,
    InvalidCase,
    documents_from_schema,
    edge_cases,
    from_schema,
    invalid_cases,
    invalid_from_schema,
    left_out,
)

__all__ = [
    "EdgeCase",
    "InvalidCase",
    "OneValidatorWarning",
    "UnsatisfiableError",
    "UnsupportedError",
    "documents_from_schema",
    "edge_cases",
    "from_schema",
    "invalid_cases",
    "invalid_from_schema",
    "left_out",
    "messages",
    "payloads",
]
