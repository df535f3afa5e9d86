"""Checks on status, media type and charset of answers."""

import codecs
from collections.abc import Sequence

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.model import Requirement


def success_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A documented success payload travels with the documented status. Source: the page; SOAP 1.1 section 6.2."""
    status = answer.response.status_code
    if not answer.is_documented_payload or answer.error_text is not None:
        return None
    if status == answer.binding.status_code:
        return KEPT
    if status >= 400 and answer.exchange.message.expectation not in ("accept", "process"):
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
    """The bytes of the body are text in the charset that Content-Type declares. Source: RFC 7303 section 3."""
    if answer.charset is None or not answer.response.body:
        return None
    try:
        answer.response.body.decode(answer.charset)
    except LookupError:
        return [Problem("UnknownCharset", "a registered charset", answer.charset, "Content-Type")]
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        return [Problem("BytesOutsideCharset", f"{answer.charset} text", found, "body")]
    return _declared_alike(answer)


def _declared_alike(answer: Answer) -> Sequence[Problem]:
    """An XML declaration that names another encoding than Content-Type does misleads readers of either."""
    root = answer.root
    declared = root.getroottree().docinfo.encoding if root is not None else None
    if not _names_encoding(answer) or declared is None or _same(declared, answer.charset or ""):
        return KEPT
    return [
        Problem(
            "EncodingsDisagree", f"encoding {answer.charset} in the XML declaration", declared, "body", level="should"
        )
    ]


def _names_encoding(answer: Answer) -> bool:
    start = answer.response.body[:120].replace(b"\0", b"")
    return b"encoding=" in start.partition(b"?>")[0]


def _same(one: str, other: str) -> bool:
    """Whether two charset names mean the same, byte order apart."""
    try:
        names = [codecs.lookup(each).name.removesuffix("-le").removesuffix("-be") for each in (one, other)]
    except LookupError:
        return one.lower() == other.lower()
    return names[0] == names[1]


def empty_when_no_content(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer with status 204 has no body. Source: RFC 9110 section 15.3.5."""
    if answer.response.status_code != 204:
        return None
    size = len(answer.response.body)
    return [Problem("BodyWithNoContent", "no body", f"{size} bytes", "body")] if size else KEPT


def refusal_is_not_success(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error of HTTP GET and HTTP POST is told by a status of 400 or more, not by other content with 200."""
    if answer.outcome in ("success", "no answer"):
        return None
    if answer.response.status_code >= 400:
        return KEPT
    return [Problem("ErrorWithSuccessStatus", "a status of 400 or more", answer.described, "status code")]
