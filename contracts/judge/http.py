"""Checks on status, media type and charset of answers."""

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote
from xml.sax.saxutils import escape

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.judge.codings import CODINGS, decoded_body
from contracts.judge.records import BodyFlaw
from contracts.judge.trees import descend, local, text_of
from contracts.model import Level, Requirement


def success_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A documented success payload travels with the documented status. Source: the page; SOAP 1.1 section 6.2."""
    status = answer.response.status_code
    if not answer.is_documented_payload or answer.error_text is not None:
        return None
    if status == answer.binding.status_code or (answer.binding.is_one_way and status in _ACKNOWLEDGED):
        return KEPT
    is_refusal = answer.lacks_what_success_needs or answer.exchange.message.expectation not in ("accept", "process")
    if status >= 400 and is_refusal:
        return None
    return [Problem("SuccessWithWrongStatus", str(answer.binding.status_code), str(status), "status code")]


_ACKNOWLEDGED = frozenset({200, 202, 204})
"""Statuses of an answer to a one-way call (WS-I Basic Profile 1.1, R1112; RFC 9110 section 15.3)."""


def success_media_type(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A documented success payload travels as a documented media type."""
    if answer.outcome != "success" or answer.version_is_open:
        return None
    if answer.binding.response.body.is_empty and not answer.content.strip():
        return KEPT  # no content, and so no media type that could be wrong
    allowed = answer.binding.response_media_types
    if answer.media_type in (*allowed, *_tolerated(answer)):
        return KEPT
    return [Problem("SuccessWithWrongMediaType", " or ".join(allowed), answer.media_type or "none", "Content-Type")]


def noted_media_type(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A media type that is tolerated is worth a note."""
    tolerated = _tolerated(answer)
    if answer.outcome != "success" or not tolerated:
        return None
    if answer.media_type not in tolerated:
        return KEPT
    wanted = " or ".join(answer.binding.response_media_types)
    return [Problem("SuccessWithUnusualMediaType", wanted, answer.media_type or "none", "Content-Type")]


def _tolerated(answer: Answer) -> frozenset[str]:
    """Media types that are not the page's and as good: those of the contract, and the other one of XML's two.

    Source: RFC 7303 section 9.2, by which text/xml is an alias of application/xml. SOAP binds each version to one.
    """
    documented = frozenset(answer.binding.response_media_types)
    aliases = _XML_TYPES if _XML_TYPES & documented and not answer.binding.is_soap else frozenset()
    return aliases.union(answer.binding.noted_media_types) - documented


_XML_TYPES = frozenset({"text/xml", "application/xml"})


def charset_is_true(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The bytes of the body are text in the charset that Content-Type declares. Source: RFC 7303 section 3.

    A name that we do not know proves nothing about the bytes.
    """
    if answer.charset is None or not answer.content:
        return None
    try:
        answer.content.decode(answer.charset if _CHARSET_NAME.fullmatch(answer.charset) else "")
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        return [Problem("BytesOutsideCharset", f"{answer.charset} text", found, "body")]
    except (LookupError, ValueError):
        return [Problem("UnknownCharset", "a registered charset", answer.charset, "Content-Type", level="should")]
    if _is_unregistered(answer.charset):
        return [Problem("UnregisteredCharset", "utf-8", answer.charset, "Content-Type", level="should")]
    return _declared_alike(answer)


def _is_unregistered(charset: str) -> bool:
    """Whether UTF-8 is called by a name that it is not registered under, as `utf8`, which .NET does not know.

    Source: RFC 9110 section 8.3.2, XML 1.0 section 4.3.3.
    """
    try:
        return codecs.lookup(charset).name == "utf-8" and charset.lower() != "utf-8"
    except LookupError:
        return False


_CHARSET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_+-]*")
"""Names as they are registered. Python passes over punctuation around them, which other readers do not."""


def _declared_alike(answer: Answer) -> Sequence[Problem]:
    """An XML declaration that names another encoding than Content-Type is worth a note: the latter wins (RFC 7303).

    It deviates where the two make different texts of UTF-8: the label is what is wrong then, and its reader is misled;
    and where there is no such encoding, nor a private one (XML 1.0 section 4.3.3): readers of XML alone give up.
    """
    named = None if answer.root is None else _DECLARED.match(answer.content[:400].replace(b"\0", b""))
    declared = "" if named is None else named.group(1).decode("ascii")
    charset = answer.charset or ""
    if declared and not _is_known(declared):
        return [Problem("UnknownEncodingDeclared", "a registered encoding", declared, "body", level="should")]
    if not declared or _same(declared, charset):
        return KEPT
    expected = f"encoding {charset} in the XML declaration"
    level: Level = "should" if _same(declared, "utf-8") and _reads_otherwise(answer.content, charset) else "inform"
    return [Problem("EncodingsDisagree", expected, declared, "body", level=level)]


def _is_known(encoding: str) -> bool:
    """Whether an encoding has a name that it may be registered under, or a private one."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        return encoding.lower().startswith("x-")
    return not _is_unregistered(encoding)


def _reads_otherwise(content: bytes, charset: str) -> bool:
    """Whether bytes are UTF-8, and other text in a charset that they decode in."""
    try:
        return content.decode("utf-8") != content.decode(charset)
    except UnicodeDecodeError:
        return False


_DECLARED = re.compile(rb"""[^<]{0,3}<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
"""The encoding that an XML declaration names, in bytes without zeros and perhaps behind a byte order mark."""


def _same(one: str, other: str) -> bool:
    """Whether two charset names mean the same, byte order apart."""
    try:
        names = [codecs.lookup(each).name.removesuffix("-le").removesuffix("-be") for each in (one, other)]
    except LookupError:
        return one.lower() == other.lower()
    return names[0] == names[1]


def content_coding_is_true(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A body has the coding that Content-Encoding names. Source: RFC 9110 section 8.4.

    A refusal that names the request's own coding is worth a note: Mono's ASMX writes the field back.
    """
    coding = (answer.response.header("Content-Encoding") or "").strip().lower()
    if not coding or not answer.response.body:
        return None
    if coding == "identity" or (decoded_body(answer.response) is not None and coding in CODINGS):
        return KEPT
    level: Level | None = "inform" if _mirrors(answer, coding) else None
    found = f"a body that begins with the bytes {answer.response.body[:8].hex(' ')}"
    return [Problem("BodyWithoutItsCoding", f"{coding} content", found, "Content-Encoding", level=level)]


def _mirrors(answer: Answer, coding: str) -> bool:
    """Whether a refusal names the coding of a request that was sent in it."""
    return answer.response.status_code >= 400 and _field(answer, "Content-Encoding").lower() == coding


def secrets_are_not_returned(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No answer repeats a secret of the request. Values too short to be told from chance are left out."""
    root = answer.request_root
    secrets = [leaf for leaf in answer.operation.leaves if leaf.secret]
    sent = [] if root is None else [(leaf, text_of(each)) for leaf in secrets for each in descend(root, leaf.path)]
    telling = [(leaf, value) for leaf, value in sent if len(value) >= 8]
    if not telling:
        return None
    fields = [(name, text.casefold()) for name, text in answer.response.headers]
    return [
        Problem("SecretReturned", f"an answer without {leaf.name}", f"{leaf.name} in the {place}", place)
        for leaf, value in telling
        for place in (
            *(["body"] if value.encode() in answer.content or escape(value).encode() in answer.content else []),
            *(name for name, text in fields if value.casefold() in text or quote(value, "").casefold() in text),
        )
    ]


def empty_when_no_content(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer with status 204 has no body. Source: RFC 9110 section 15.3.5."""
    if answer.response.status_code != 204:
        return None
    has_body = bool(_body_flaws(answer) or answer.response.body)
    return [Problem("BodyWithNoContent", "no body", "bytes behind the fields", "body")] if has_body else KEPT


def refusal_is_not_success(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error of HTTP GET and HTTP POST is told by a status of 400 or more, not by other content with 200.

    It speaks of the documented method: a success may answer OPTIONS or HEAD with other content, or none; and of
    messages that may be refused: whatever else answers a valid one is judged as content. A status of 2xx says that the
    request was understood and accepted (RFC 9110 section 15.3); a redirect says no such thing: it deviates.
    """
    is_valid = answer.exchange.message.expectation in ("accept", "process")
    if answer.outcome in ("success", "no answer") or answer.exchange.sent.method != answer.binding.method:
        return None
    status = answer.response.status_code
    if is_valid and status < 400:
        return None
    if status >= 400:
        return KEPT
    problem = Problem("ErrorWithSuccessStatus", "a status of 400 or more", answer.described, "status code")
    return [problem if status < 300 else replace(problem, name="ErrorByRedirect", basis="convention")]


def framing_holds(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The body is as long as Content-Length says, or ends with its last chunk, and the two are not mixed.

    Source: RFC 9112 sections 6.1 to 6.3. What stands behind the end of an answer without a body is another's matter.
    """
    response = answer.response
    lengths = {value.strip() for name, value in response.headers if name.lower() == "content-length"}
    is_chunked = "chunked" in (response.header("Transfer-Encoding") or "").lower()
    if not lengths and not is_chunked:
        return None
    problems = [] if _has_no_body(answer) else _body_flaws(answer)
    if lengths and is_chunked:
        problems.append(_framing("LengthAndChunks", "Content-Length or chunks", "both"))
    if len(lengths) > 1 or not all(each.isascii() and each.isdigit() for each in lengths):
        problems.append(_framing("NoLength", "one number", ", ".join(sorted(lengths))))
    return problems


def _framing(name: str, expected: str, actual: str) -> Problem:
    return Problem(name, expected, actual, "Content-Length")


_FLAWS: Mapping[BodyFlaw, Problem] = {
    "cut short": _framing("BodyCutShort", "as many bytes as announced", "fewer"),
    "bytes after the end": _framing("BytesAfterBody", "as many bytes as announced", "more"),
    "broken chunks": _framing("BrokenChunks", "chunks, the last of length 0", "something else"),
}


def _body_flaws(answer: Answer) -> list[Problem]:
    return [problem for flaw, problem in _FLAWS.items() if flaw in answer.response.flaws]


def _has_no_body(answer: Answer) -> bool:
    """Whether an answer has no body by its status or by the method of its request. Source: RFC 9112 section 6.3."""
    status = answer.response.status_code
    return answer.exchange.sent.method == "HEAD" or status < 200 or status in (204, 304)


def no_body_after_head(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The answer to HEAD has no body. Source: RFC 9110 section 9.3.2."""
    if answer.exchange.sent.method != "HEAD":
        return None
    has_body = bool(_body_flaws(answer) or answer.response.body)
    return [Problem("BodyAfterHead", "no body", "bytes behind the fields", "body")] if has_body else KEPT


def coding_was_asked_for(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Content has no coding that the request does not accept. Source: RFC 9110 section 12.5.3.

    A request that does not say what it accepts, as captured ones may not, accepts any.
    """
    coding = (answer.response.header("Content-Encoding") or "").strip().lower()
    if not coding or coding == "identity" or not answer.response.body:
        return None
    if not any(name.lower() == "accept-encoding" for name, _ in answer.exchange.sent.headers):
        return KEPT
    asked = _field(answer, "Accept-Encoding")
    accepted = [
        part.partition(";")[0].strip().lower() for part in asked.split(",") if "q=0" not in part.replace(" ", "")
    ]
    if coding in accepted or "*" in accepted:
        return KEPT
    level: Level | None = "inform" if _mirrors(answer, coding) else None
    return [Problem("CodingNotAskedFor", asked or "identity", coding, "Content-Encoding", level=level)]


def _field(answer: Answer, name: str) -> str:
    """The value of a field of the request; empty if it was not sent."""
    return next((value for key, value in answer.exchange.sent.headers if key.lower() == name.lower()), "")


def charset_is_named(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The Content-Type of an envelope names its charset. Source: Basic Profile 1.2 R1018, RFC 7303 section 3."""
    if answer.envelope is None:
        return None
    if answer.charset is not None:
        return KEPT
    return [Problem("CharsetNotNamed", "a charset", answer.response.header("Content-Type") or "none", "Content-Type")]


def empty_success_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer without a body that claims success has status 200 or 202; 204 is worth a note.

    Source: Basic Profile 1.2 R1112. It speaks of the documented method alone.
    """
    response = answer.response
    is_other = answer.exchange.sent.method != answer.binding.method
    if is_other or not 200 <= response.status_code < 300 or answer.content.strip():
        return None
    problem = Problem("EmptyWithOtherStatus", "200 or 202", str(response.status_code), "status code")
    if response.status_code in (200, 202):
        return KEPT
    return [replace(problem, level="inform") if response.status_code == 204 else problem]


def refusal_of_method(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Another method than the documented ones is refused with 405, or at least as an error of the client.

    Source: RFC 9110 section 15.5.6, SOAP 1.2 part 2 section 7.5.2.1. GET may show a page or a WSDL, OPTIONS what is
    possible, and HEAD is GET. Whether one may be served is another requirement's matter.
    """
    method, status = answer.exchange.sent.method, answer.response.status_code
    if method in (answer.binding.method, "GET", "HEAD", "OPTIONS") or answer.outcome == "success":
        return None
    if 400 <= status < 500 or status == 501:
        return KEPT
    return [Problem("MethodNotRefusedAsSuch", "405, another status of 4xx, or 501", str(status), "status code")]


def redirect_keeps_method(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A redirect is one that keeps method and body: 307; 308 and the older ones are worth a note.

    Source: Basic Profile 1.2 R1130, RFC 9110 section 15.4.
    """
    status = answer.response.status_code
    if not 300 <= status < 400 or status == 304:
        return None
    if status == 307:
        return KEPT
    problem = Problem(
        "RedirectOfAnotherKind", "307", f"{status} to {answer.response.header('Location')}", "status code"
    )
    return [replace(problem, level="inform") if status in (301, 302, 303, 308) else problem]


def error_is_labelled_truly(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error says what it is: HTML is labelled as HTML, XML as XML. Source: RFC 9110 section 8.3."""
    if answer.response.status_code < 400 or not answer.content.strip():
        return None
    begins = answer.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    is_html = begins.startswith((b"<!doctype html", b"<html"))
    is_xml = begins.startswith((b"<?xml", b"<")) and answer.root is not None and not is_html
    named = answer.media_type or "none"
    is_true = "html" in named if is_html else ("xml" in named if is_xml else True)
    if is_true:
        return KEPT
    return [Problem("ErrorLabelledOtherwise", "HTML" if is_html else "XML", named, "Content-Type")]


def error_is_no_json(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error is not written as JSON where XML is documented, unless the request is, or asks for it."""
    sent = answer.exchange.sent
    asks = "json" in f"{_field(answer, 'Accept')} {_field(answer, 'Content-Type')} {sent.path}".lower()
    if answer.response.status_code < 400 or not answer.content.strip() or asks:
        return None
    return [Problem("ErrorInJSON", "XML or text", answer.described, "body")] if _is_json(answer.content) else KEPT


def _is_json(content: bytes) -> bool:
    """Whether content is an object or a list of JSON, whatever it is called."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def error_is_no_envelope(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error of HTTP GET and HTTP POST is text, not a SOAP fault: its caller speaks no SOAP."""
    if answer.response.status_code < 400:
        return None
    is_soap = answer.root is not None and local(answer.root) == "Envelope"
    return [Problem("FaultWithoutSOAP", "text", "a SOAP envelope", "body")] if is_soap else KEPT


def business_error_has_error_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error that the payload tells travels with a status of 400 or more. Source: RFC 9110 section 15."""
    if answer.error_text is None:
        return None
    status = answer.response.status_code
    return KEPT if status >= 400 else [Problem("ErrorWithSuccessStatus", "400 or more", str(status), "status code")]


def error_has_known_root(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error that is XML is the documented response or error element, and has a code where its reader looks for it:
    in ErrorCode of ResponseStatus.
    """
    if answer.response.status_code < 400 or answer.root is None or "xml" not in (answer.media_type or ""):
        return None
    wanted = [
        answer.binding.response.body.element,
        *([answer.binding.error.body.element] if answer.binding.error else []),
    ]
    if str(answer.root.tag) in wanted:
        codes = [text_of(each).strip() for each in descend(answer.root, "ResponseStatus/ErrorCode")]
        if any(codes):
            return KEPT
        return [Problem("ErrorWithoutCode", "a filled ResponseStatus/ErrorCode", "none", "body")]
    return [Problem("UnknownErrorElement", " or ".join(filter(None, wanted)), str(answer.root.tag), "body")]


def error_is_marked(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """How an error of a service is told, where no fault is: a note for those who read it.

    ServiceStack answers 200 with the true status in X-Status and in a header block.
    """
    if answer.error_text is None or answer.fault is not None:
        return None
    if answer.response.status_code >= 400:
        return KEPT
    return [Problem("ErrorWithoutFault", "a fault, or 400 or more", answer.described[:160], "status code")]
