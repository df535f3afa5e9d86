"""Checks on status, media type and charset of answers."""

import codecs
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.judge.codings import CODINGS, decoded_body
from contracts.judge.trees import descend, text_of
from contracts.model import Requirement


def success_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A documented success payload travels with the documented status. Source: the page; SOAP 1.1 section 6.2."""
    status = answer.response.status_code
    if not answer.is_documented_payload or answer.error_text is not None:
        return None
    if status == answer.binding.status_code:
        return KEPT
    is_refusal = answer.lacks_what_success_needs or answer.exchange.message.expectation not in ("accept", "process")
    if status >= 400 and is_refusal:
        return None
    return [Problem("SuccessWithWrongStatus", str(answer.binding.status_code), str(status), "status code")]


def success_media_type(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A documented success payload travels as a documented media type."""
    if answer.outcome != "success" or answer.version_is_open:
        return None
    allowed = (*answer.binding.response_media_types, *answer.binding.noted_media_types)
    if answer.media_type in allowed:
        return KEPT
    return [Problem("SuccessWithWrongMediaType", " or ".join(allowed), answer.media_type or "none", "Content-Type")]


def noted_media_type(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A media type that is tolerated is worth a note."""
    if answer.outcome != "success" or not answer.binding.noted_media_types:
        return None
    if answer.media_type not in answer.binding.noted_media_types:
        return KEPT
    wanted = " or ".join(answer.binding.response_media_types)
    return [Problem("SuccessWithUnusualMediaType", wanted, answer.media_type or "none", "Content-Type")]


def charset_is_true(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The bytes of the body are text in the charset that Content-Type declares. Source: RFC 7303 section 3.

    A name that we do not know proves nothing about the bytes.
    """
    if answer.charset is None or not answer.content:
        return None
    try:
        answer.content.decode(answer.charset)
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        return [Problem("BytesOutsideCharset", f"{answer.charset} text", found, "body")]
    except (LookupError, ValueError):
        return [Problem("UnknownCharset", "a registered charset", answer.charset, "Content-Type", level="should")]
    return _declared_alike(answer)


def _declared_alike(answer: Answer) -> Sequence[Problem]:
    """An XML declaration that names another encoding than Content-Type is worth a note: the latter wins (RFC 7303)."""
    named = None if answer.root is None else _DECLARED.match(answer.content[:400].replace(b"\0", b""))
    declared = "" if named is None else named.group(1).decode("ascii")
    if not declared or _same(declared, answer.charset or ""):
        return KEPT
    return [
        Problem(
            "EncodingsDisagree", f"encoding {answer.charset} in the XML declaration", declared, "body", level="inform"
        )
    ]


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
    """A body has the coding that Content-Encoding names. Source: RFC 9110 section 8.4."""
    coding = (answer.response.header("Content-Encoding") or "").strip().lower()
    if not coding or not answer.response.body:
        return None
    if coding == "identity" or (decoded_body(answer.response) is not None and coding in CODINGS):
        return KEPT
    return [Problem("BodyWithoutItsCoding", f"{coding} content", "something else", "Content-Encoding")]


def secrets_are_not_returned(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No answer repeats a secret of the request. Values too short to be told from chance are left out."""
    root = answer.request_root
    secrets = [leaf for leaf in answer.operation.leaves if leaf.secret]
    sent = [] if root is None else [(leaf, text_of(each)) for leaf in secrets for each in descend(root, leaf.path)]
    telling = [(leaf, value) for leaf, value in sent if len(value) >= 8]
    if not telling:
        return None
    return [
        Problem("SecretReturned", f"an answer without {leaf.name}", f"{leaf.name} in the body", "body")
        for leaf, value in telling
        if value.encode() in answer.content or escape(value).encode() in answer.content
    ]


def empty_when_no_content(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer with status 204 has no body. Source: RFC 9110 section 15.3.5."""
    if answer.response.status_code != 204:
        return None
    size = len(answer.response.body)
    return [Problem("BodyWithNoContent", "no body", f"{size} bytes", "body")] if size else KEPT


def refusal_is_not_success(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error of HTTP GET and HTTP POST is told by a status of 400 or more, not by other content with 200.

    It speaks of the documented method: a success may answer OPTIONS or HEAD with other content, or none; and of
    messages that may be refused: whatever else answers a valid one is judged as content.
    """
    is_valid = answer.exchange.message.expectation in ("accept", "process")
    if answer.outcome in ("success", "no answer") or answer.exchange.sent.method != answer.binding.method:
        return None
    if is_valid and answer.response.status_code < 400:
        return None
    if answer.response.status_code >= 400:
        return KEPT
    return [Problem("ErrorWithSuccessStatus", "a status of 400 or more", answer.described, "status code")]
