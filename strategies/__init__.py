"""A contract in, Hypothesis strategies out: valid, edge and defective messages, each with its intent.

Sends nothing and judges nothing. `messages` and `payloads` are ordinary strategies for use under `@given`;
`strategies.cases` holds the deterministic cases that a plan is made of.
"""

from strategies.payloads import messages, payloads

__all__ = ["messages", "payloads"]
