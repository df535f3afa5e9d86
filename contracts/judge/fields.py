"""Checks on how an answer begins: its status line, and the fields that HTTP defines."""

import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime, parsedate_to_datetime

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.judge.records import HeadFlaw
from contracts.model import Level, Requirement


def date_is_imf_fixdate(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Date is a day and time that there is, in the one form that senders may use.

    Source: RFC 9110 sections 5.6.7 and 6.6.1.
    """
    date = answer.response.header("Date")
    if date is None:
        return None
    return KEPT if is_http_date(date.strip()) else [Problem("DateInOtherForm", _FIXDATE, date[:80], "Date")]


def is_http_date(text: str) -> bool:
    """Whether text is an IMF-fixdate, and of a day that is called so. Source: RFC 9110 section 5.6.7."""
    try:
        return format_datetime(parsedate_to_datetime(text), usegmt=True) == text
    except (ValueError, TypeError, OverflowError):
        return False


_FIXDATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def head_has_its_form(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer begins with its status line, and each line up to the empty one is one field.

    Source: RFC 9112 sections 2.1, 2.2, 5.1 and 5.2: a sender must not fold lines, nor put blanks before a colon, nor
    write a carriage return alone. What every reader passes over deviates: a line feed alone (section 2.2), no blank
    behind the code where no reason is given (section 4), a control character that may stand for itself (RFC 9110, 5.5).
    """
    controls = [(name, each) for name, value in answer.response.headers for each in _CONTROL.findall(value)]
    return [
        *(problem for flaw, problem in _HEAD_FLAWS.items() if flaw in answer.response.flaws),
        *(
            Problem(
                "ControlInField",
                "no control characters",
                repr(each),
                name,
                level=None if each in "\r\n\0" else "should",
            )
            for name, each in controls[:1]
        ),
    ]


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no value of a field may hold; a bare CR ends the line to some readers. Source: RFC 9110 section 5.5."""


_HEAD_FLAWS: Mapping[HeadFlaw, Problem] = {
    "no blank after the status code": Problem(
        "NoBlankAfterStatusCode", "a blank between status code and reason", "none", "status line", level="should"
    ),
    "empty line before the status line": Problem(
        "EmptyLineFirst", "the status line first", "an empty line before it", "status line"
    ),
    "line feed alone": Problem(
        "LineFeedAlone", "lines that end in CRLF", "a line feed alone", "status line, fields", level="should"
    ),
    "folded field": Problem("FoldedField", "a line for each field", "a field over several lines", "fields"),
    "blank before a colon": Problem("BlankBeforeColon", "a name, then a colon", "a blank between them", "fields"),
    "line that is no field": Problem("LineWithoutField", "a name, a colon and a value", "another line", "fields"),
}


def single_fields_are_single(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A field whose definition knows one value stands once. Source: RFC 9110 section 5.3.

    Readers of two that differ disagree on what they got where the field says how content is read or where to go. A
    repetition of the same value misleads nobody, nor do two dates or names of servers, as intermediaries add: it
    deviates.
    """
    values: dict[str, list[str]] = {}
    for name, value in answer.response.headers:
        if name.lower() in _SINGLE:
            values.setdefault(name.lower(), []).append(value)
    return [
        Problem("FieldRepeated", "one value", " and ".join(each)[:160], name, level=_level_of_repetition(name, each))
        for name, each in values.items()
        if len(each) > 1
    ]


def _level_of_repetition(name: str, values: Sequence[str]) -> Level:
    return "must" if name in _DECISIVE and len(set(values)) > 1 else "should"


_DECISIVE = frozenset({"content-type", "content-length", "content-range", "location"})
_SINGLE = _DECISIVE | {"age", "content-location", "date", "etag", "expires", "last-modified", "retry-after", "server"}
"""Fields that are no lists. Source: RFC 9110 sections 6.6.1, 8.3 to 8.8, 10.2 and 14.4; RFC 9111 sections 5.1, 5.3."""


def fields_have_their_form(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A field that HTTP defines is written by its grammar. Source: RFC 9110 section 2.2.

    A media type's parameter stands once (RFC 6838 section 4.3): of two charsets, readers take either.
    """
    found = [(name, value, _FORMS[name.lower()]) for name, value in answer.response.headers if name.lower() in _FORMS]
    if not found:
        return None
    wrong = [
        Problem("FieldOfAnotherForm", wanted, value[:80], name)
        for name, value, (is_kept, wanted) in found
        if not is_kept(value)
    ]
    return wrong or [
        Problem("ParameterRepeated", "each parameter once", value[:80], name)
        for name, value, _form in found
        if name.lower() == "content-type" and _repeats_parameter(value)
    ]


_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PARAMETERS = rf"(?:[ \t]*;(?:[ \t]*{_TOKEN}=(?:{_TOKEN}|{_QUOTED}))?)*[ \t]*"
_PARAMETER = re.compile(rf";[ \t]*({_TOKEN})=(?:{_TOKEN}|{_QUOTED})")
"""No run of blanks can be taken in two ways: an answer is its sender's to make, and may be made to be slow to match."""


def _repeats_parameter(value: str) -> bool:
    names = [each.lower() for each in _PARAMETER.findall(value)]
    return len(set(names)) < len(names)


def _by(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _listed(item: str) -> str:
    """Items between commas; between two of those there may be none. Source: RFC 9110 section 5.6.1."""
    return rf"(?:{item})?(?:[ \t]*,(?:[ \t]*{item})?)*[ \t]*"


_TOKENS = _listed(_TOKEN)

_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "content-type": (_by(rf"{_TOKEN}/{_TOKEN}{_PARAMETERS}"), "type/subtype; name=value"),
    "content-encoding": (_by(_TOKENS), "names of codings"),
    "last-modified": (is_http_date, _FIXDATE),
    "etag": (_by(r'(?:W/)?"[^"\s]*"'), "a tag in quotes"),
    "retry-after": (
        lambda value: (value.isascii() and value.isdigit()) or is_http_date(value),
        f"seconds, or {_FIXDATE}",
    ),
    "age": (_by(r"[0-9]+"), "seconds"),
    "allow": (_by(_TOKENS), "names of methods"),
    "vary": (_by(_TOKENS), "names of fields, or *"),
    "connection": (_by(_TOKENS), "names of options"),
    "accept-ranges": (_by(_TOKENS), "names of units"),
    "content-language": (_by(_listed(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")), "tags of languages"),
    "cache-control": (_by(_listed(rf"{_TOKEN}(?:=(?:{_TOKEN}|{_QUOTED}))?")), "directives between commas"),
    "location": (_by(r"[^\s<>\"{}|\\^`]*"), "a URI reference"),
}
"""Fields, what is of their grammar, and that in a few words. Source: RFC 9110 sections 5.6, 7.6.1, 8.3 to 8.5, 8.8.2,
8.8.3, 10.2.1 to 10.2.3, 12.5.5 and 14.3; RFC 9111 sections 5.1 and 5.2. Expires is not among them: `-1`, which ASP.NET
writes, is read as a time that has passed (RFC 9111 section 5.3).
"""


def status_has_its_field(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A status that only makes sense with a field comes with it. Source: RFC 9110 sections 15.3.7, 15.4 and 15.5."""
    status = answer.response.status_code
    wanted = _FIELD_OF_STATUS.get(status)
    if wanted is None:
        return None
    has_parts = status == 206 and answer.media_type == "multipart/byteranges"
    if has_parts or answer.response.header(wanted) is not None:
        return KEPT
    return [Problem("FieldOfStatusMissing", wanted, f"{status} without it", wanted)]


_FIELD_OF_STATUS: Mapping[int, str] = {
    206: "Content-Range",
    301: "Location",
    302: "Location",
    303: "Location",
    307: "Location",
    308: "Location",
    401: "WWW-Authenticate",
    407: "Proxy-Authenticate",
    426: "Upgrade",
}
"""405 has a requirement of its own."""


def protocol_version(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The status line names HTTP/1.1 or HTTP/1.0. Source: RFC 9112 section 2.3, Basic Profile 1.2 R1140."""
    version = answer.response.version
    wanted = ("HTTP/1.1", "HTTP/1.0")
    return KEPT if version in wanted else [Problem("WrongVersion", " or ".join(wanted), version, "status line")]


def allow_with_405(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Status 405 comes with the methods that are allowed. Source: RFC 9110 section 15.5.6."""
    if answer.response.status_code != 405:
        return None
    allowed = answer.response.header("Allow")
    named = [each.strip() for each in (allowed or "").split(",")]
    if answer.binding.method in named or (allowed is not None and answer.exchange.sent.method == answer.binding.method):
        return KEPT
    return [Problem("AllowMissing", f"Allow with {answer.binding.method}", allowed or "no Allow", "Allow")]


def not_publicly_cached(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No cache may give one caller's answer to another. Source: RFC 9111 section 5.2.2."""
    said = (answer.response.header("Cache-Control") or "").lower()
    if not said:
        return None
    ages = [int(age) for age in re.findall(r"(?:s-maxage|max-age)\s*=\s*\"?([0-9]{1,9})", said)]
    is_shared = "public" in [each.strip() for each in said.split(",")]
    if is_shared or any(age > MAX_AGE for age in ages):
        return [Problem("CachedForOthers", "neither public nor a long age", said[:80], "Cache-Control")]
    return KEPT


MAX_AGE = 60
"""Seconds for which an answer of its caller's own may be kept without a note."""


def versions_are_not_told(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The fields of an answer do not tell the version of the software behind it. Source: CWE-200."""
    told = [(name, value) for name, value in answer.response.headers if name.lower() in _BANNERS]
    if not told:
        return None
    return [
        Problem("VersionTold", "no version", f"{name}: {value}"[:120], name)
        for name, value in told
        if re.search(r"[0-9]", value)
    ]


_BANNERS = frozenset({"server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version"})
