"""The planted faults, by the part of the exchange that they spoil. What each breaks is told in `faults/`."""

from reference.planted import (
    answers,
    contents,
    encodings,
    envelope_parts,
    envelopes,
    fault_elements,
    lexicals,
    memory,
    payloads,
    refusals,
    requests,
    security,
    values,
    wires,
)

__all__ = [
    "answers",
    "contents",
    "encodings",
    "envelope_parts",
    "envelopes",
    "fault_elements",
    "lexicals",
    "memory",
    "payloads",
    "refusals",
    "requests",
    "security",
    "values",
    "wires",
]
