"""The ids that conformance.html gives to its parts, for links from elsewhere; they do not change from run to run."""

from urllib.parse import quote

from contracts.judge.verdicts import RequirementKey


def requirement_anchor(key: RequirementKey) -> str:
    """The id of a requirement's row on one binding."""
    return quote("/".join(key), safe="/~.-_:")


def finding_anchor(key: RequirementKey, index: int) -> str:
    """The id of a finding: the requirement's, and its place among the requirement's findings from 0."""
    return f"{requirement_anchor(key)}:finding-{index + 1}"


def exchange_anchor(number: int) -> str:
    """The id of an exchange that is shown."""
    return f"exchange-{number}"


def binding_anchor(service: str, operation: str, protocol: str) -> str:
    """The id of a binding's part of the matrix."""
    return quote(f"{service}/{operation}/{protocol}")
