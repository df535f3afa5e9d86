"""Variations of SOAP envelopes: header blocks, their attributes, and what stands where there is no place for it.

Sources: SOAP 1.1 section 4, SOAP 1.2 part 1 sections 2 and 5.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Final

from lxml import etree

from contracts.judge.records import Request
from contracts.names import ENVELOPE_NAMESPACE, SOAP11_ENCODING, SOAP11_ENVELOPE, SOAP12_ENCODING, SOAP12_ENVELOPE
from strategies.defects import FOREIGN, NEXT_ROLE, UNKNOWN, Sample
from strategies.templates import Element
from strategies.variations import Maker, Variation, Variations
from strategies.wire import document

ROLE_NAMESPACE: Final = f"{SOAP12_ENVELOPE}/role"
ELSEWHERE: Final = f"{FOREIGN}:elsewhere"
"""A node that no service is."""


def with_blocks(*marks: Mapping[str, str]) -> Callable[[Sample], Request]:
    """Adds a header block that nobody knows for each set of attributes of the envelope's namespace."""
    return lambda sample: sample.with_root(_blocked(sample.envelope, sample, marks))


def _blocked(root: Element, sample: Sample, marks: Sequence[Mapping[str, str]]) -> Element:
    header = _header(root, sample)
    for index, attributes in enumerate(marks):
        block = etree.SubElement(header, f"{{{FOREIGN}}}{UNKNOWN}{index or ''}", nsmap={"u": FOREIGN})
        block.text = "soapstone"
        for name, value in attributes.items():
            block.set(f"{{{_uri(sample)}}}{name}", value)
    return root


def _addressed(actor: str, role: str) -> Maker:
    """A mandatory block for a node that the target is not, in the words of the binding's version."""

    def make(sample: Sample) -> Request:
        named = {"actor": actor} if sample.binding.protocol == "soap11" else {"role": role}
        return with_blocks({"mustUnderstand": "1", **named})(sample)

    return make


def _uri(sample: Sample) -> str:
    return ENVELOPE_NAMESPACE[sample.binding.protocol]


def _part(root: Element, sample: Sample, name: str) -> Element | None:
    return root.find(f"{{{_uri(sample)}}}{name}")


def _body(root: Element, sample: Sample) -> Element:
    body = _part(root, sample, "Body")
    assert body is not None
    return body


def _header(root: Element, sample: Sample) -> Element:
    """The Header, made where there is none."""
    header = _part(root, sample, "Header")
    if header is None:
        header = etree.Element(f"{{{_uri(sample)}}}Header")
        root.insert(0, header)
    return header


def _changed(change: Callable[[Element, Sample], object]) -> Maker:
    """The sample's envelope with a change made in place."""

    def make(sample: Sample) -> Request:
        root = sample.envelope
        change(root, sample)
        return sample.with_root(root)

    return make


def _in_body(change: Callable[[Element, Sample], object]) -> Maker:
    """As `_changed`, for what is done to the Body's first child; None where it has none."""
    return lambda sample: None if sample.holds_nothing else _changed(change)(sample)


def _empty_header(root: Element, sample: Sample) -> None:
    _header(root, sample)


def _trailer(root: Element, _: Sample) -> None:
    etree.SubElement(root, f"{{{FOREIGN}}}{UNKNOWN}", nsmap={"u": FOREIGN}).text = "soapstone"


def _late_header(root: Element, sample: Sample) -> None:
    header = _header(root, sample)
    if not len(header):
        etree.SubElement(header, f"{{{FOREIGN}}}{UNKNOWN}", nsmap={"u": FOREIGN})
    root.append(header)


def _two_bodies(root: Element, sample: Sample) -> None:
    root.append(deepcopy(_body(root, sample)))


def _two_operations(root: Element, sample: Sample) -> None:
    body = _body(root, sample)
    body.append(deepcopy(body[0]))


def _style(place: str, uri: str) -> Maker:
    """encodingStyle on a part: `Envelope`, or the first child of Body."""

    def change(root: Element, sample: Sample) -> None:
        element = root if place == "Envelope" else _body(root, sample)[0]
        element.set(f"{{{_uri(sample)}}}encodingStyle", uri)

    return _changed(change) if place == "Envelope" else _in_body(change)


def _mandatory_operation(root: Element, sample: Sample) -> None:
    _body(root, sample)[0].set(f"{{{_uri(sample)}}}mustUnderstand", "1")


def _with_invalid_value(sample: Sample) -> Request | None:
    """A mandatory block that nobody knows, and a value that is none of its type."""
    site = next((each for each in sample.template.leaves if not each.is_credential and _is_number(each.before)), None)
    if site is None:
        return None
    root = document(sample.binding, sample.template.with_values({site.where: "soapstone"}))
    return sample.with_root(_blocked(root, sample, [{"mustUnderstand": "1"}]))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


_NEXT = NEXT_ROLE["soap11"][1], NEXT_ROLE["soap12"][1]

EMPTY_HEADER: Final[Variations] = {
    "empty-header": Variation("Header", "a Header may hold nothing", _changed(_empty_header), "accept"),
}
FOREIGN_NODE: Final[Variations] = {
    "mandatory-header-elsewhere": Variation(
        "Header", "a block for another node need not be understood", _addressed(ELSEWHERE, ELSEWHERE), "accept"
    ),
    "mandatory-header-for-nobody": Variation(
        "Header",
        "a block for no node need not be understood",
        _addressed(f"{ELSEWHERE}:none", f"{ROLE_NAMESPACE}/none"),
        "accept",
    ),
}
ROLES: Final[Variations] = {
    "optional-header-for-ultimate-receiver": Variation(
        "Header",
        "the role of the ultimate receiver may be named",
        with_blocks({"role": f"{ROLE_NAMESPACE}/ultimateReceiver"}),
        "accept",
    ),
    "optional-header-for-next": Variation(
        "Header", "an optional block may be for whoever comes next", with_blocks({"role": _NEXT[1]}), "accept"
    ),
}
RELAYS: Final[Variations] = {
    f"relay-{value}": Variation("Header", f"relay may be {value}", with_blocks({"relay": value}), "accept")
    for value in ("true", "false", "1", "0")
}
MUST_UNDERSTAND_VALUES: Final[Variations] = {
    "must-understand-no-boolean": Variation(
        "Header", "mustUnderstand is no boolean", with_blocks({"mustUnderstand": "yes"}), kind="defect"
    ),
}
MANDATORY_ELSEWHERE: Final[Variations] = {
    "must-understand-on-operation": Variation(
        "Body", "mustUnderstand means nothing outside Header", _in_body(_mandatory_operation), "accept"
    ),
}
SEVERAL_MANDATORY: Final[Variations] = {
    "two-mandatory-headers": Variation(
        "Header",
        "two unknown blocks must be understood",
        with_blocks({"mustUnderstand": "1"}, {"mustUnderstand": "1"}),
        kind="defect",
    ),
}
MANDATORY_BEFORE_BODY: Final[Variations] = {
    "mandatory-header-and-invalid-value": Variation(
        "Header", "an unknown block must be understood, and a value is none of its type", _with_invalid_value,
        kind="defect",
    ),
}  # fmt: skip
CONSTRUCT: Final[Variations] = {
    "element-after-body": Variation("Envelope", "an element follows the Body", _changed(_trailer), kind="defect"),
    "header-after-body": Variation("Envelope", "the Header follows the Body", _changed(_late_header), kind="defect"),
    "two-bodies": Variation("Envelope", "a second Body follows", _changed(_two_bodies), kind="defect"),
    "two-operations": Variation(
        "Body", "a second operation follows the first", _in_body(_two_operations), kind="defect"
    ),
}
ENCODING_STYLE: Final[Variations] = {
    "encoding-style-of-soap11": Variation(
        "Envelope",
        "encodingStyle may stand on any element",
        lambda sample: None if _is_styled(sample) else _style("Envelope", SOAP11_ENCODING)(sample),
        "accept",
    ),
}
MISPLACED_STYLE: Final[Variations] = {
    "encoding-style-on-envelope": Variation(
        "Envelope", "encodingStyle may not stand there", _style("Envelope", SOAP12_ENCODING), kind="defect",
    ),
}  # fmt: skip
UNKNOWN_STYLE: Final[Variations] = {
    "unknown-encoding-style": Variation(
        "Body", "encodingStyle names an unknown encoding", _style("Body", f"{FOREIGN}:encoding"), kind="defect",
    ),
}  # fmt: skip


def _is_styled(sample: Sample) -> bool:
    return f"{{{SOAP11_ENVELOPE}}}encodingStyle" in sample.binding.envelope_attributes
