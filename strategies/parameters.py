"""Variations of requests without SOAP: parameters of a query or a form, and ServiceStack's choice of format.

Sources: HTML 4.01 section 17.13.4, RFC 3986 section 2, ServiceStack's documentation of formats.
"""

from collections.abc import Callable
from typing import Final

from contracts.judge.records import Request
from strategies.defects import UNKNOWN, Sample
from strategies.variations import Maker, Variation, Variations
from strategies.wire import Pairs, form, pairs


def _formed(change: Callable[[Pairs], Pairs]) -> Maker:
    def make(sample: Sample) -> Request | None:
        if not sample.binding.is_form:
            return None
        return form(sample.binding, change(pairs(sample.template.payload)))

    return make


def _twice(parameters: Pairs) -> Pairs:
    """The first parameter, most often the credential, said twice."""
    return [*parameters, *parameters[:1]]


def _in_other_case(parameters: Pairs) -> Pairs:
    return [(name.swapcase(), value) for name, value in parameters]


def _by_get(sample: Sample) -> Request | None:
    """The operation by GET, at an address that ASP.NET gives it and the page does not print."""
    protocols = sample.template.operation.bindings_by_protocol
    if "http_get" in protocols or not sample.binding.is_soap:
        return None
    operation = sample.template.operation.name
    return Request("GET", f"{sample.binding.path}/{operation}", (), None)


def _formatted(field: str) -> Maker:
    """The sample with the format named in the query, against another in Accept."""

    def make(sample: Sample) -> Request:
        known = sample.request
        fields = (*known.headers, ("Accept", "application/json"))
        return Request(known.method, f"{known.path}?{field}", fields, known.body, known.encoding)

    return make


EXTRA: Final[Variations] = {
    "extra-parameter": Variation(
        "parameters", "one that is not documented", _formed(lambda given: [*given, (UNKNOWN, "1")]), "accept"
    ),
}
OTHER_CASE: Final[Variations] = {
    "parameters-in-other-case": Variation(
        "parameters", "names in another case", _formed(_in_other_case), kind="defect"
    ),
}
REPEATED: Final[Variations] = {
    "repeated-text": Variation(
        "parameters", "the first stands twice", _formed(_twice), kind="defect"
    ),
}  # fmt: skip
UNDOCUMENTED_GET: Final[Variations] = {
    "get-not-documented": Variation("path", "the page shows no GET", _by_get, "reject", "defect"),
}
FORMAT_IN_QUERY: Final[Variations] = {
    "format-in-query": Variation("query", "format=xml wins over Accept", _formatted("format=xml"), "accept"),
}
