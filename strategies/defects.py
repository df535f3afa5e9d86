"""Named defects: how a request is broken, in tables of small functions; the families' table says what each entitles to.

A defect has a name in the families' table and a function from the `Sample` to the request that carries it. Defects
leave credentials as they are, or leave them out, or put made-up values in all of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal
from urllib.parse import quote_plus

from lxml import etree

from contracts.families import Entitlement, families
from contracts.judge.records import Change, Request
from contracts.model import Protocol
from contracts.names import ENVELOPE_NAMESPACE, SOAP11_ACTOR_NEXT, local_name, namespace_of
from contracts.values import names_in
from strategies.subjects import Draft
from strategies.templates import MADE_UP, Element, Payload, Site, Template, deepcopy_of, tag_of
from strategies.wire import FORM, document, encoded_form, form, pairs, post, request, serialised, soap_action

FOREIGN: Final = "urn:soapstone:unknown"
"""A namespace that no service knows."""

UNKNOWN: Final = "SoapstoneUnknown"
"""A name that no service knows: of an operation, a header block or an element."""

NEXT_ROLE: Final[Mapping[str, tuple[str, str]]] = {
    "soap11": ("actor", SOAP11_ACTOR_NEXT),
    "soap12": ("role", "http://www.w3.org/2003/05/soap-envelope/role/next"),
}
"""Attribute and value that address a header block to whoever gets it first: SOAP 1.1 section 4.2.2, SOAP 1.2 part 1
section 5.2.2."""

OTHER_VERSION: Final[Mapping[str, Protocol]] = {"soap11": "soap12", "soap12": "soap11"}


class Sample:
    """The known-good message of a template, in the forms that defects start from."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.binding = template.binding

    @property
    def envelope(self) -> Element:
        """The document of the sample, free to be changed."""
        return deepcopy(self._document)

    @cached_property
    def text(self) -> str:
        """The document of the sample as text."""
        return serialised(self._document).decode()

    @cached_property
    def request(self) -> Request:
        """The known-good request."""
        return request(self.template, deepcopy_of(self.template.payload))

    @cached_property
    def with_one_credential_at_most(self) -> Request:
        """The known-good request, with made-up credentials where there are several.

        For where a configured value may not arrive as it is: filled into XML that is labelled as a form, a password
        may turn into a wrong one.
        """
        template = self.template
        return self.with_payload(
            template.with_values(template.made_up_values() if len(template.credentials) > 1 else {})
        )

    @cached_property
    def open_leaf(self) -> Site | None:
        """The first leaf that is no credential and holds text: an element rather than an attribute, one of any text
        rather than one of a number; None if there is none.
        """
        leaves = [site for site in self.template.leaves if not site.is_credential and site.before]
        leaves.sort(key=lambda site: (site.attribute is not None, not _is_text(site)))
        return next(iter(leaves), None)

    @cached_property
    def open_number(self) -> Site | None:
        """As `open_leaf`, of a type that not every text is a value of; None if there is none."""
        leaves = [site for site in self.template.leaves if not site.is_credential and site.before]
        return next((site for site in leaves if not _is_text(site)), None)

    @property
    def holds_nothing(self) -> bool:
        """Whether its Body is empty: no element there names the operation."""
        return self.binding.is_soap and not len(_body(self.envelope))

    def with_text(self, text: str) -> Request:
        """The request with another body."""
        return post(self.binding, text.encode())

    def with_root(self, root: Element) -> Request:
        """The request with another document."""
        return post(self.binding, serialised(root))

    def with_payload(self, payload: Payload) -> Request:
        """The request with another payload, valid or not."""
        return request(self.template, payload)

    @cached_property
    def _document(self) -> Element:
        return document(self.binding, deepcopy_of(self.template.payload))


@dataclass(frozen=True, slots=True)
class Defect:
    """One way to break a request. `make` gives None where the sample has nothing to break so."""

    where: str
    rule: str
    make: Callable[[Sample], Request | None]
    forbidden_characters: bool = False


def entitlement(template: Template, name: str) -> Entitlement | None:
    """What a defect entitles to over the template's binding; None where it does not apply."""
    return families().defect(name, template.operation.family, template.binding.protocol)


def drafts(
    sample: Sample, defects: Mapping[str, Defect], remains: Callable[[Sample, Request], bool]
) -> Iterator[Draft]:
    """The defects of a table that apply, each once; those that healed themselves (`remains` says no) are left out."""
    for name, defect in defects.items():
        entitled = entitlement(sample.template, name)
        broken = defect.make(sample) if entitled else None
        if entitled is None or broken is None or broken == sample.request or not remains(sample, broken):
            continue
        yield defective(
            sample.template,
            broken,
            Change("defect", defect.where, f"{name}: {defect.rule}", after=name),
            entitled,
            forbidden_characters=defect.forbidden_characters,
        )


def defective(
    template: Template,
    broken: Request,
    change: Change,
    entitled: Entitlement,
    *,
    needed: Iterable[Change] = (),
    forbidden_characters: bool = False,
) -> Draft:
    """The draft of one defective message. `needed` puts the place there that `change` breaks."""
    credentials = {site.leaf.name for site in template.credentials if site.leaf}
    return Draft(
        kind="defect",
        expectation=entitled.expectation,
        request=broken,
        changes=(*needed, change),
        because=entitled.because,
        forbidden_characters=forbidden_characters,
        uses_credentials=not credentials or bool(credentials & names_in(broken)),
    )


# --- whether a defect remains -----------------------------------------------------------------------------------------

_READER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def always(_: Sample, __: Request) -> bool:
    """For defects of the HTTP request, which no reading can heal."""
    return True


def is_ill_formed(_: Sample, broken: Request) -> bool:
    """Whether the body is no well-formed document."""
    return _parsed(broken) is None


def has_document_type(_: Sample, broken: Request) -> bool:
    """Whether the body is a document with a document type declaration."""
    root = _parsed(broken)
    return root is not None and bool(root.getroottree().docinfo.doctype)


def differs_in_structure(sample: Sample, broken: Request) -> bool:
    """Whether the body is a well-formed document whose elements are not the sample's; always so for a form."""
    if sample.binding.is_form:
        return broken != sample.request
    root = _parsed(broken)
    return root is not None and [each.tag for each in root.iter()] != [each.tag for each in sample.envelope.iter()]


def _parsed(broken: Request) -> Element | None:
    """The root of the body; None if it is not well-formed."""
    try:
        return etree.fromstring(broken.body or b"", _READER)
    except etree.XMLSyntaxError:
        return None


# --- ill-formed documents (XML 1.0 sections 2.1, 2.2, 3 and 4.1) ------------------------------------------------------

_ROOT_TAG = re.compile(r"(<[^?!][^\s/>]*)")
_LAST_TAG = re.compile(r"</[^<>]+>$")


def _in_leaf(what: str) -> Callable[[Sample], Request | None]:
    """Puts characters at the end of a leaf that is no credential."""

    def make(sample: Sample) -> Request | None:
        site = sample.open_leaf
        if site is None:
            return None
        mark = "soapstone-mark"
        payload = sample.template.with_values({site.where: site.before + mark})
        return sample.with_text(serialised(document(sample.binding, payload)).decode().replace(mark, what, 1))

    return make


def _unclosed(sample: Sample) -> Request:
    return sample.with_text(_LAST_TAG.sub("", sample.text))


def _mismatched(sample: Sample) -> Request:
    return sample.with_text(_LAST_TAG.sub(f"</{UNKNOWN}>", sample.text))


def _twice_an_attribute(sample: Sample) -> Request:
    return sample.with_text(_ROOT_TAG.sub(r'\1 twice="1" twice="2"', sample.text, count=1))


def _two_roots(sample: Sample) -> Request:
    return sample.with_text(f"{sample.text}<{UNKNOWN}/>")


ILL_FORMED: Final[Mapping[str, Defect]] = {
    "unclosed": Defect("document", "the root element has no end tag", _unclosed),
    "not-xml": Defect("document", "the body is no markup", lambda sample: sample.with_text("soapstone: not XML")),
    "raw-ampersand": Defect("text", "an ampersand stands for itself", _in_leaf(" & ")),
    "mismatched-tag": Defect("document", "the root's end tag has another name", _mismatched),
    "duplicate-attribute": Defect("document", "an attribute stands twice on the root", _twice_an_attribute),
    "undefined-entity": Defect("text", "an entity is not declared", _in_leaf("&soapstone;")),
    "forbidden-character": Defect("text", "U+0001 stands in text", _in_leaf("\x01"), forbidden_characters=True),
    "forbidden-reference": Defect("text", "a reference to U+0001", _in_leaf("&#1;"), forbidden_characters=True),
    "two-roots": Defect("document", "an element follows the root", _two_roots),
}


def _with_document_type(sample: Sample) -> Request:
    found = _ROOT_TAG.search(sample.text)
    assert found is not None
    declared = f"<!DOCTYPE {found.group(1)[1:]}>"
    return sample.with_text(sample.text[: found.start()] + declared + sample.text[found.start() :])


DOCUMENT_TYPE: Final[Mapping[str, Defect]] = {
    "document-type": Defect("document", "a document type declaration, without entities", _with_document_type),
}

EMPTY_REQUEST: Final[Mapping[str, Defect]] = {
    "empty-request-body": Defect("body", "the request has no content", lambda sample: post(sample.binding, b"")),
}


# --- envelopes (SOAP 1.1 section 4, SOAP 1.2 part 1 section 5) --------------------------------------------------------


def _in_envelope_namespace(uri: str) -> Callable[[Sample], Request]:
    def make(sample: Sample) -> Request:
        return sample.with_text(sample.text.replace(ENVELOPE_NAMESPACE[sample.binding.protocol], uri))

    return make


def _without_namespace(sample: Sample) -> Request:
    """The envelope's elements without their prefix; attributes of the envelope's namespace go with it."""
    root = sample.envelope
    prefix = root.prefix
    text = re.sub(rf'(</?){prefix}:|\s(?:xmlns:{prefix}|{prefix}:\w+)="[^"]*"', r"\1", sample.text)
    return sample.with_text(text)


def _in_other_version(sample: Sample) -> Request:
    return _in_envelope_namespace(ENVELOPE_NAMESPACE[OTHER_VERSION[sample.binding.protocol]])(sample)


ENVELOPES: Final[Mapping[str, Defect]] = {
    "foreign-envelope": Defect("Envelope", "the namespace is no SOAP version's", _in_envelope_namespace(FOREIGN)),
    "other-version-envelope": Defect("Envelope", "the namespace is the other SOAP version's", _in_other_version),
    "envelope-without-namespace": Defect("Envelope", "the envelope is in no namespace", _without_namespace),
}


def _without_body(sample: Sample) -> Request:
    root = sample.envelope
    root.remove(_body(root))
    return sample.with_root(root)


def _with_empty_body(sample: Sample) -> Request:
    root = sample.envelope
    _body(root)[:] = []
    return sample.with_root(root)


def _body(envelope: Element) -> Element:
    body = envelope.find(f"{{{namespace_of(tag_of(envelope))}}}Body")
    assert body is not None
    return body


BODIES: Final[Mapping[str, Defect]] = {
    "missing-body": Defect("Body", "the envelope has no Body", _without_body),
    "empty-body": Defect("Body", "the Body has no child", _with_empty_body),
}


# --- operations -------------------------------------------------------------------------------------------------------


def _renamed(rename: Callable[[str], str]) -> Callable[[Sample], Request | None]:
    """Gives the element that names the operation another name; over a form, the path's last step."""

    def make(sample: Sample) -> Request | None:
        if sample.holds_nothing:
            return None
        if sample.binding.is_form:
            head, _, name = sample.request.path.partition("?")[0].rpartition("/")
            path = f"{head}/{rename(name)}"
            return _at_path(sample.request, path)
        root = sample.envelope
        element = _body(root)[0] if sample.binding.is_soap else root
        named = _recreated(element, rename(tag_of(element)))
        return sample.with_root(named if element is root else root)

    return make


def _recreated(element: Element, tag: str) -> Element:
    """The element under another name, in its place; its children keep their own."""
    uri = namespace_of(tag)
    other = etree.Element(tag, attrib=dict(element.attrib), nsmap={None: uri} if uri else {})
    other.text = element.text
    parent = element.getparent()
    if parent is not None:
        parent.replace(element, other)
    other.extend(list(element))
    return other


def _at_path(known: Request, path: str) -> Request:
    query = known.path.partition("?")[2]
    return Request(known.method, f"{path}?{query}" if query else path, known.headers, known.body, known.encoding)


def _unknown_name(tag: str) -> str:
    return f"{{{namespace_of(tag)}}}{UNKNOWN}" if namespace_of(tag) else UNKNOWN


def _foreign_name(tag: str) -> str:
    return f"{{{FOREIGN}}}{local_name(tag)}"


OPERATIONS: Final[Mapping[str, Defect]] = {
    "unknown-operation": Defect("operation", "no operation has that name", _renamed(_unknown_name)),
    "operation-in-foreign-namespace": Defect(
        "operation", "the operation's name is in another namespace", _renamed(_foreign_name)
    ),
    "operation-in-other-case": Defect("operation", "the operation's name is in another case", _renamed(str.swapcase)),
}


# --- header blocks (SOAP 1.1 section 4.2, SOAP 1.2 part 1 section 5.2) ------------------------------------------------


def with_block(name: str, text: str | None = None) -> Callable[[Sample], Request]:
    """Adds a header block of that name, in Clark notation, and content."""

    def make(sample: Sample) -> Request:
        root = sample.envelope
        _added_block(root, name).text = text
        return sample.with_root(root)

    return make


def with_unknown_block(must_understand: str | None, *, for_next: bool = False) -> Callable[[Sample], Request]:
    """Adds a header block that nobody knows, marked with that mustUnderstand; None leaves the mark out."""

    def make(sample: Sample) -> Request:
        root = sample.envelope
        uri = namespace_of(tag_of(root))
        block = _added_block(root, f"{{{FOREIGN}}}{UNKNOWN}")
        if must_understand is not None:
            block.set(f"{{{uri}}}mustUnderstand", must_understand)
        if for_next:
            attribute, role = NEXT_ROLE[sample.binding.protocol]
            block.set(f"{{{uri}}}{attribute}", role)
        return sample.with_root(root)

    return make


def _added_block(root: etree._Element, name: str) -> etree._Element:
    """A new header block of an envelope, last in its Header, which is made if there is none."""
    uri = namespace_of(tag_of(root))
    header = root.find(f"{{{uri}}}Header")
    if header is None:
        header = etree.Element(f"{{{uri}}}Header")
        root.insert(0, header)
    return etree.SubElement(header, name, nsmap={"u": namespace_of(name)})


HEADERS: Final[Mapping[str, Defect]] = {
    "mandatory-header": Defect("Header", "an unknown block must be understood", with_unknown_block("1")),
    "mandatory-header-next": Defect(
        "Header", "an unknown block, for whoever comes next, must be understood", with_unknown_block("1", for_next=True)
    ),
    "mandatory-header-true": Defect(
        "Header", "an unknown block must be understood, said as true", with_unknown_block("true")
    ),
}


# --- HTTP requests ----------------------------------------------------------------------------------------------------


def _acting(change: Callable[[str], str]) -> Callable[[Sample], Request | None]:
    def make(sample: Sample) -> Request | None:
        action = sample.binding.soap_action
        if action is None:
            return None
        return post(sample.binding, sample.request.body, headers=soap_action(sample.binding, change(action)))

    return make


SOAP_ACTIONS: Final[Mapping[str, Defect]] = {
    "soap-action-of-other-operation": Defect(
        "SOAPAction", "names another operation", _acting(lambda action: f"{action}{UNKNOWN}")
    ),
    "soap-action-in-other-case": Defect("SOAPAction", "is in another case", _acting(str.swapcase)),
    "soap-action-empty": Defect("SOAPAction", "is empty, where the page prints a value", _acting(lambda _: "")),
}


def _by_method(method: str, *, has_body: bool = True) -> Callable[[Sample], Request | None]:
    """The known-good request by another method; None where the service documents the method at that path."""

    def make(sample: Sample) -> Request | None:
        documented = {(binding.path, binding.method) for binding in sample.template.operation.bindings}
        if (sample.binding.path, method) in documented:
            return None
        known = sample.request
        body = known.body if has_body else None
        headers = known.headers if body is not None else ()
        return Request(method, known.path, headers, body, known.encoding)

    return make


METHODS: Final[Mapping[str, Defect]] = {
    f"method-{name.lower()}": Defect("method", f"{method} is not documented", _by_method(method, has_body=has_body))
    for name, method, has_body in (
        ("PUT", "PUT", True),
        ("HEAD", "HEAD", False),
        ("DELETE", "DELETE", True),
        ("PATCH", "PATCH", True),
        ("GET", "GET", False),
        ("UNKNOWN", "SOAPSTONE", True),
        ("OPTIONS", "OPTIONS", False),
    )
}


def _typed(media_type: str | None) -> Callable[[Sample], Request | None]:
    def make(sample: Sample) -> Request | None:
        binding = sample.binding
        if binding.request_media_type in (None, media_type) or not sample.request.body:
            return None
        body = sample.request.body if media_type != FORM else sample.with_one_credential_at_most.body
        return post(binding, body, headers={"Content-Type": media_type and _with_charset(media_type)})

    return make


def _with_charset(media_type: str) -> str:
    return media_type if media_type == FORM else f"{media_type}; charset=utf-8"


MEDIA_TYPES: Final[Mapping[str, Defect]] = {
    f"media-type-{name}": Defect("Content-Type", f"is {media_type or 'absent'}", _typed(media_type))
    for name, media_type in (
        ("text-plain", "text/plain"),
        ("json", "application/json"),
        ("form", FORM),
        ("none", None),
        ("application-xml", "application/xml"),
        ("text-xml", "text/xml"),
        ("soap12", "application/soap+xml"),
    )
}


# --- parameters of GET and POST ---------------------------------------------------------------------------------------


def missing_parameters(sample: Sample) -> Iterator[Draft]:
    """Requests with a parameter left out, or cut short, or sent in the wrong place."""
    template, binding = sample.template, sample.binding
    given = pairs(template.payload)
    for name in ("missing-parameter", "parameter-without-value"):
        entitled = entitlement(template, name)
        for left_out, _ in given if entitled else ():
            site = _site_named(template, left_out)
            if name == "parameter-without-value" and (site.is_credential or _is_text(site)):
                continue  # what has no value is the empty text to ASMX
            rest = [(key, value) for key, value in given if key != left_out]
            broken = form(binding, rest)
            if name == "parameter-without-value":
                broken = _appended(sample, rest, left_out)
            assert entitled is not None
            yield defective(template, broken, Change("defect", left_out, name, after=name), entitled)
    yield from drafts(sample, _WHOLE_FORMS, always)


def _is_text(site: Site) -> bool:
    """Whether any text is a value of a leaf."""
    return "string" in site.type_names


def _site_named(template: Template, name: str) -> Site:
    return next(site for site in template.leaves if site.path == name)


def _appended(sample: Sample, parameters: list[tuple[str, str]], text: str) -> Request:
    """A form with encoded text after its parameters."""
    joined = "&".join((*(f"{key}={value if '{{' in value else quote_plus(value)}" for key, value in parameters), text))
    return encoded_form(sample.binding, joined)


def _malformed_escape(sample: Sample) -> Request | None:
    site = sample.open_number  # ASMX reads %zz as the text that it is
    if site is None:
        return None
    rest = [(key, value) for key, value in pairs(sample.template.payload) if key != site.path]
    return _appended(sample, rest, f"{site.path}=%zz")


def _in_query(sample: Sample) -> Request | None:
    body = (sample.request.body or b"").decode()
    if not body:
        return None
    return Request(sample.binding.method, f"{sample.binding.path}?{body}", sample.request.headers, b"")


_WHOLE_FORMS: Final[Mapping[str, Defect]] = {
    "malformed-escape": Defect("parameters", "an escape has no hexadecimal digits", _malformed_escape),
    "parameters-in-query": Defect("parameters", "the parameters of a POST stand in its query", _in_query),
}


# --- credentials ------------------------------------------------------------------------------------------------------

CredentialDefect = Literal["invalid-credentials", "invalid-login"]


def made_up_credentials(sample: Sample, name: CredentialDefect) -> Iterator[Draft]:
    """All credentials made up; for a login, then with one after the other left empty besides; then other secrets, such
    as a hash in a password's place, made up too.
    """
    template = sample.template
    entitled = entitlement(template, name)
    if entitled is None or not template.credentials:
        return
    values = template.made_up_values()
    emptied = [{**values, site.where: ""} for site in template.credentials] if name == "invalid-login" else []
    secrets = [site.where for site in template.leaves if site.leaf and site.leaf.secret and not site.is_credential]
    others = [{**values, **dict.fromkeys(secrets, MADE_UP)}] if secrets else []
    for filled in (values, *emptied, *others):
        broken = sample.with_payload(template.with_values(filled))
        change = Change("credential", ", ".join(filled), name, after=", ".join(filled.values()))
        yield defective(template, broken, change, entitled)
