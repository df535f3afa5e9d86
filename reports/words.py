"""What the words of a report mean, in the words of its readers."""

from collections.abc import Mapping
from typing import Final

from contracts.citations import Duty, Reading
from contracts.judge.verdicts import Verdict
from contracts.model import Basis, Level, Protocol

VERDICTS: Final[Mapping[Verdict, str]] = {
    "violated": "The target did what the requirement forbids, and the page or a standard demands it (under --strict "
    "also a recommendation, a convention, or our reading of the page).",
    "deviates": "The target departs from a recommendation, a convention, or our reading of the page.",
    "waived": "The target departs from it, and its owner has accepted that in writing.",
    "inconclusive": "Messages were sent for it, and no usable answer came, or not all could be sent.",
    "not exercised": "The run had to provoke it and did not, for want of a value, of budget, or of time.",
    "conformant": "It was exercised at least once and always kept.",
    "not observed": "It speaks of an answer, such as a fault, that did not occur. The run is complete without it.",
    "not applicable": "It does not speak of this binding.",
    "out of scope": "The configuration does not allow what would exercise it.",
}
"""In the order of their gravity."""

COUNTS: Final[Mapping[str, str]] = {
    "exchanges": "exchanges",
    "planned": "of the plan",
    "probe": "known-good messages where an answer was in doubt",
    "repeat": "repetitions of an unanswered message",
    "minimise": "to make a counterexample small",
    "groups": "judged groups",
}
"""What the footer's counts count; `failed: KIND` are exchanges without an answer."""

COLUMNS: Final[Mapping[str, tuple[Verdict, ...]]] = {
    "kept": ("conformant",),
    "deviates": ("deviates",),
    "waived": ("waived",),
    "violated": ("violated",),
    "open": ("inconclusive", "not exercised"),
    "no verdict": ("not observed", "not applicable", "out of scope"),
}
"""The columns of the summary, and the verdicts that each counts."""

LEVELS: Final[Mapping[Level, str]] = {
    "must": "binding",
    "should": "recommended: breaking it is a deviation, or under --strict a violation",
    "inform": "worth knowing: never a verdict",
}

BASES: Final[Mapping[Basis, str]] = {
    "documented": "the service's page prints it",
    "standard": "a published standard demands it, or a published list of weaknesses names its breach",
    "convention": "pages and servers of this kind work so: breaking it is a deviation, or under --strict a violation",
    "inferred": "our reading of the page: breaking it is a deviation, or under --strict a violation",
}

READINGS: Final[Mapping[Reading, str]] = {
    "text": "read in its text",
    "excerpt": "the beginning of the section read",
    "quoted": "read as others quote it",
    "unread": "not seen",
}

DUTIES: Final[Mapping[Duty, str]] = {
    "must": "the text obliges: MUST, REQUIRED, or a fatal error",
    "defined": "the text defines it in prose, a table or a grammar, without such a word",
    "should": "the text recommends: SHOULD",
    "may": "the text permits other conduct too: MAY",
    "open": "the text says nothing that obliges",
    "weakness": "a list of weaknesses names it; such a list obliges nobody",
}

PROTOCOLS: Final[Mapping[Protocol, str]] = {
    "soap11": "SOAP 1.1",
    "soap12": "SOAP 1.2",
    "xml": "XML over HTTP",
    "http_get": "HTTP GET",
    "http_post": "HTTP POST",
}

LIMITS: Final[tuple[str, ...]] = (
    "It speaks of the messages that were sent and of the time they were sent at. Other messages, other data and a "
    "later version of the target may behave otherwise.",
    "It speaks of form and of the documented behaviour. Whether an answer is true, or the business logic right, is "
    "tested only where a requirement says so.",
    "It measures neither speed, capacity and availability, nor security beyond the requirements listed.",
    "Where the page is silent the contract rests on conventions and on written rulings; each requirement names its "
    "basis.",
    "Requirements that were not observed, not exercised or out of scope are not shown to be kept.",
)
"""What passing does not prove."""
