"""A response as the judge reads it: decoded, parsed and classified once, however many checks ask."""

import codecs
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from email.message import Message as HeaderFields
from functools import cache, cached_property, lru_cache
from typing import Literal, TypeAlias

from lxml import etree

from contracts.judge.business import business_error
from contracts.judge.codings import decoded_body
from contracts.judge.records import Exchange, Request, Response
from contracts.judge.trees import Element, child, children, descend, is_blank, local
from contracts.judge.validation import SchemaError, validate
from contracts.model import Binding, Content, MessageShape, Operation, Requirement
from contracts.names import ENVELOPE_NAMESPACE, SOAP11_ENVELOPE, SOAP12_ENVELOPE, namespace_of

Outcome: TypeAlias = Literal["success", "fault", "business error", "refusal", "empty", "unrecognised", "no answer"]

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Answer:
    """One exchange read against the operation that it belongs to. Everything is computed on first use."""

    exchange: Exchange
    operation: Operation
    binding: Binding

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that apply to the binding."""
        return self.operation.requirements(self.binding.protocol)

    @property
    def response(self) -> Response:
        """The response. Raises ValueError where there was none: ask `outcome` first."""
        if self.exchange.response is None:
            raise ValueError("there was no answer")
        return self.exchange.response

    @cached_property
    def content(self) -> bytes:
        """The body without its content coding; as it came where it has not the coding that it names."""
        decoded = decoded_body(self.response)
        return self.response.body if decoded is None else decoded

    @cached_property
    def media_type(self) -> str | None:
        """The media type in lower case, without parameters; None if the answer names none."""
        return self._content_type.get_content_type() if self.response.header("Content-Type") else None

    @cached_property
    def charset(self) -> str | None:
        """The charset parameter as given; None if absent."""
        charset = self._content_type.get_param("charset")
        return charset if isinstance(charset, str) else None

    @cached_property
    def parsed(self) -> Element | etree.XMLSyntaxError:
        """Root of the body read as XML, or what is wrong with it. No DTD, entity or network is ever followed.

        The encoding is that of the byte order mark, else of the charset parameter, else of the XML declaration
        (RFC 7303 section 3).
        """
        body = self.content
        override = None if body.startswith(_MARKS) else _known_charset(self.charset)
        try:
            return etree.fromstring(body, _parser(override))
        except etree.XMLSyntaxError as error:
            return error

    @property
    def root(self) -> Element | None:
        """Root of the body read as XML; None if it is not well-formed."""
        return None if isinstance(self.parsed, Exception) else self.parsed

    @cached_property
    def envelope(self) -> Element | None:
        """The root, if its local name is Envelope, in whatever namespace; None for bindings without SOAP."""
        is_envelope = self.binding.is_soap and self.root is not None and local(self.root) == "Envelope"
        return self.root if is_envelope else None

    @cached_property
    def soap_version(self) -> Literal["soap11", "soap12"] | None:
        """The SOAP version whose namespace the Envelope is in; None for none of them."""
        if self.envelope is None:
            return None
        namespace = etree.QName(self.envelope).namespace
        versions: dict[str | None, Literal["soap11", "soap12"]] = {SOAP11_ENVELOPE: "soap11", SOAP12_ENVELOPE: "soap12"}
        return versions.get(namespace)

    @cached_property
    def version_is_open(self) -> bool:
        """Whether the request does not say readably that it is of the binding's SOAP version.

        A request in another version may be answered in that one, or in any (SOAP 1.2 part 1, appendix A); one that
        is not well-formed is of no version (SOAP::Lite answers it in that of the last message it read). With another
        method or media type than the page's, a message may be refused before its envelope is looked at, and one in
        another encoding than UTF-8 where it could not be (gSOAP reads no UTF-16).
        """
        if not self.binding.is_soap:
            return False
        root = self.request_root
        if root is None or root.tag != f"{{{ENVELOPE_NAMESPACE[self.binding.protocol]}}}Envelope":
            return True
        is_other = self.exchange.sent.encoding.lower() not in ("utf-8", "utf-8-sig") and not self.is_documented_payload
        return is_other or self.exchange.sent.method != self.binding.method or self._names_other_media_type

    @property
    def _names_other_media_type(self) -> bool:
        """Whether the request's Content-Type is not the one that the page shows, parameters apart."""
        named = next((value for name, value in self.exchange.sent.headers if name.lower() == "content-type"), "")
        return named.partition(";")[0].strip().lower() != (self.binding.request_media_type or "").lower()

    @cached_property
    def request_root(self) -> Element | None:
        """Root of the request's body read as XML; None if it has none or is not well-formed."""
        return _request_root(self.exchange.sent)

    @property
    def envelope_namespace(self) -> str:
        """The namespace of the Envelope's own children: that of its version, else the binding's."""
        return ENVELOPE_NAMESPACE[self.soap_version or self.binding.protocol]

    @cached_property
    def header(self) -> Element | None:
        """The Header element; None if absent."""
        return None if self.envelope is None else child(self.envelope, f"{{{self.envelope_namespace}}}Header")

    @cached_property
    def body(self) -> Element | None:
        """The first Body element; None if absent."""
        return None if self.envelope is None else child(self.envelope, f"{{{self.envelope_namespace}}}Body")

    @cached_property
    def fault(self) -> Element | None:
        """The first Fault among the Body's children; None if there is none."""
        return None if self.body is None else child(self.body, f"{{{self.envelope_namespace}}}Fault")

    @cached_property
    def payload(self) -> Element | None:
        """What the documented content is read from: the Body's first child, the Body itself where the page types its
        content, or the root of an answer without SOAP.
        """
        if not self.binding.is_soap:
            return self.root
        if self.body is None or self.binding.response.body.type_name is not None:
            return self.body
        return next(iter(children(self.body)), None)

    @cached_property
    def error_text(self) -> str | None:
        """What the answer says of a business error, by the service's rulings; None if it says nothing of one."""
        return business_error(self.operation.business_errors, self.response, self.payload)

    @cached_property
    def is_documented_payload(self) -> bool:
        """Whether the payload is, by its name, what the page documents for success."""
        wanted = self.binding.response.body
        if wanted.is_empty:
            return not self.content.strip() or self._has_empty_body
        if self.payload is None or self.fault is not None:
            return False
        if wanted.element is not None:
            return self.payload.tag == wanted.element
        if not self.binding.is_soap:
            return True
        return any(True for _ in children(self.payload))

    @property
    def _has_empty_body(self) -> bool:
        """Whether the answer is an envelope with nothing in its Body."""
        return self.body is not None and next(children(self.body), None) is None

    def parts(self, shape: MessageShape) -> list[tuple[Element, Content]]:
        """Payload and Header with the content that a documented shape gives each, as far as both are there."""
        pairs = ((self.payload, shape.body), (self._own_header, shape.header))
        return [(part, content) for part, content in pairs if part is not None and content is not None]

    @cached_property
    def _own_header(self) -> Element | None:
        """The Header without blocks of namespaces that the page's messages do not use: any may stand there.

        Source: SOAP 1.1 section 4.2, SOAP 1.2 part 1 section 5.2.
        """
        if self.header is None:
            return None
        own = {*self.operation.schema.exact.maps.namespaces, ""}
        foreign = [index for index, each in enumerate(self.header) if namespace_of(str(each.tag)) not in own]
        if not foreign:
            return self.header
        header = deepcopy(self.header)
        for index in reversed(foreign):
            header.remove(header[index])
        return header

    @cached_property
    def schema_errors(self) -> Sequence[SchemaError]:
        """What is wrong with the content of a success answer."""
        errors = self._errors_against(self.binding.response)
        return [] if errors and self._is_filled_like_an_error else errors

    @cached_property
    def outcome(self) -> Outcome:
        """What kind of answer this is. Only `success` is a documented success payload."""
        if self.exchange.response is None:
            return "no answer"
        if self.fault is not None:
            return "fault"
        if self.response.status_code >= 400:
            return "refusal"
        if not self.content.strip():
            return "success" if self.is_documented_payload and self.response.status_code < 300 else "empty"
        if self.error_text is not None:
            return "business error"
        if not self.is_documented_payload or self.response.status_code >= 300:
            return "unrecognised"
        return "empty" if self.lacks_what_success_needs else "success"

    @cached_property
    def described(self) -> str:
        """The answer in a few words, for messages."""
        if self.exchange.response is None:
            outcome = self.exchange.outcome
            return f"no answer ({getattr(outcome, 'kind', '')}: {getattr(outcome, 'detail', '')})"
        size = f"{len(self.content)} bytes" if self.content else "no body"
        named = f", {local(self.payload)}" if self.payload is not None else ""
        if isinstance(self.parsed, etree.XMLSyntaxError) and self.content.strip():
            named = f", not read as XML: {' '.join(self.parsed.msg.split())[:120]}"
        said = f": {self.error_text}" if self.error_text else ""
        return f"{self.outcome} ({self.response.status_code} {self.media_type or 'no media type'}, {size}{named}){said}"

    @property
    def _is_filled_like_an_error(self) -> bool:
        """Whether a success has the documented shape of an error: pages print error members, unfilled, beside success.

        Only where the page types the Body's content, so that one payload may have either shape.
        """
        shape = self.binding.error
        return shape is not None and shape.body.type_name is not None and not self._errors_against(shape)

    def _errors_against(self, shape: MessageShape) -> list[SchemaError]:
        return [error for part, held in self.parts(shape) for error in validate(self.operation.schema, held, part)]

    @property
    def lacks_what_success_needs(self) -> bool:
        """Whether the member that only a success fills is blank or absent."""
        needed = self.operation.success_needs
        return needed is not None and all(is_blank(each) for each in descend(self.payload, needed))

    @cached_property
    def _content_type(self) -> HeaderFields:
        fields = HeaderFields()
        fields["Content-Type"] = self.response.header("Content-Type") or ""
        return fields


def _request_root(request: Request) -> Element | None:
    try:
        return etree.fromstring(request.body or b"", _parser(None))
    except etree.XMLSyntaxError:
        return None


@cache
def _parser(encoding: str | None) -> etree.XMLParser:
    """A parser for hostile bytes: bounded depth and size, nothing fetched, nothing expanded."""
    return etree.XMLParser(
        encoding=encoding, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=False
    )


@lru_cache(maxsize=64)
def _known_charset(charset: str | None) -> str | None:
    """The charset, under a name that libxml2 knows, if Python knows it too; None if either does not."""
    try:
        names = [] if charset is None else [charset, codecs.lookup(charset).name]
    except (LookupError, ValueError):
        return None
    return next((name for name in names if _libxml2_reads(name)), None)


def _libxml2_reads(charset: str) -> bool:
    try:
        etree.XMLParser(encoding=charset)
    except LookupError:
        return False
    return True
