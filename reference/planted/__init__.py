"""The planted faults, by the part of the exchange that they spoil. What each breaks is told in `faults.toml`."""

from reference.planted import answers, envelopes, payloads, requests, values

__all__ = ["answers", "envelopes", "payloads", "requests", "values"]
