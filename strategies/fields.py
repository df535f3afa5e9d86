"""Variations of HTTP requests: fields, media types, framing, methods and paths.

Sources: RFC 9110, RFC 9112, RFC 3902, SOAP 1.1 section 6.1.1.
"""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from contracts.judge.records import Request
from contracts.names import local_name, namespace_of
from contracts.values import names_in
from strategies.defects import UNKNOWN, Sample
from strategies.variations import Maker, Variation, Variations
from strategies.wire import post


def _with_fields(*fields: tuple[str, str]) -> Maker:
    """The sample with fields added."""

    def make(sample: Sample) -> Request:
        known = sample.request
        return Request(known.method, known.path, (*known.headers, *fields), known.body, known.encoding)

    return make


def _typed(change: Callable[[Sample, str], str | None]) -> Maker:
    """The sample with another Content-Type, made from the documented one; None leaves the field out."""

    def make(sample: Sample) -> Request | None:
        known = sample.binding.request_content_type
        if known is None:
            return None
        return post(sample.binding, sample.request.body, headers={"Content-Type": change(sample, known)})

    return make


def _upper_case(sample: Sample, known: str) -> str:
    return known.upper()


def _upper_charset(sample: Sample, known: str) -> str | None:
    media_type, semicolon, rest = known.partition(";")
    name, equals, value = rest.partition("=")
    return f"{media_type}{semicolon}{name}{equals}{value.upper()}"


def _with_upper_charset(sample: Sample) -> Request | None:
    """The charset in upper case, in the field and in the XML declaration (XML 1.0 section 4.3.3)."""
    typed = _typed(_upper_charset)(sample)
    if typed is None or sample.binding.is_form:
        return typed
    body = sample.text.replace('encoding="utf-8"', 'encoding="UTF-8"', 1).encode()
    return replace(typed, body=body)


def _quoted_charset(sample: Sample, known: str) -> str:
    media_type = sample.binding.request_media_type
    return f'{media_type}; charset="utf-8"'


def _with_blanks(sample: Sample, known: str) -> str:
    media_type = sample.binding.request_media_type
    return f"{media_type} ;  charset=utf-8"


def _with_action(action: Callable[[Sample], str | None]) -> Maker:
    def make(sample: Sample) -> Request | None:
        named = action(sample)
        if named is None:
            return None
        content_type = f'application/soap+xml; charset=utf-8; action="{named}"'
        return post(sample.binding, sample.request.body, headers={"Content-Type": content_type})

    return make


def _documented_action(sample: Sample) -> str | None:
    """The action that the operation's page prints for SOAP 1.1; None where it prints none."""
    actions = (binding.soap_action for binding in sample.template.operation.bindings)
    return next((action for action in actions if action), None)


def _unknown_action(sample: Sample) -> str:
    element = sample.binding.request.body.element or ""
    return f"{namespace_of(element) or 'urn:soapstone'}/{UNKNOWN}{local_name(element)}"


def _named_charset(sample: Sample, known: str) -> str | None:
    """The documented media type with a charset; None where the page prints one."""
    return None if "charset" in known.lower() else f"{known}; charset=utf-8"


def _in_lower_case(sample: Sample) -> Request:
    known = sample.request
    fields = tuple((name.lower(), value) for name, value in known.headers)
    return Request(known.method, known.path, fields, known.body, known.encoding)


def _acting(change: Callable[[str], str | None]) -> Maker:
    """The sample with another SOAPAction, as it stands in the field; None leaves the field out."""

    def make(sample: Sample) -> Request | None:
        action = sample.binding.soap_action
        if action is None:
            return None
        return post(sample.binding, sample.request.body, headers={"SOAPAction": change(action)})

    return make


def _chunked(sample: Sample) -> Request | None:
    """The sample in chunks, whose length is not said beforehand (RFC 9112 section 7.1)."""
    return _with_fields(("Transfer-Encoding", "chunked"))(sample) if sample.request.body else None


def _compressed(sample: Sample) -> Request | None:
    """The sample in gzip. None where a configured value stands in it: what is packed cannot be filled in."""
    known = sample.request
    if known.body is None or names_in(known):
        return None
    packed = gzip.compress(known.body, mtime=0)
    return Request(known.method, known.path, (*known.headers, ("Content-Encoding", "gzip")), packed)


def _expecting(sample: Sample) -> Request | None:
    return _with_fields(("Expect", "100-continue"))(sample) if sample.request.body else None


def _reading(sample: Sample) -> Request | None:
    """GET at the address of a binding that takes POST; None where the service documents it."""
    documented = {(binding.path, binding.method) for binding in sample.template.operation.bindings}
    is_documented = (sample.binding.path, "GET") in documented or sample.binding.method == "GET"
    return None if is_documented else Request("GET", sample.binding.path, (), None)


def _elsewhere(sample: Sample) -> Request | None:
    """GET below the documented address, where nothing is."""
    base = sample.binding.path.partition("?")[0].rstrip("/")
    return Request("GET", f"{base}/soapstone/no-such-page", (), None)


def _two_hosts(sample: Sample) -> Request:
    known = sample.request
    fields = (("Host", "soapstone.invalid"), ("Host", "localhost"), *known.headers)
    return Request(known.method, known.path, fields, known.body, known.encoding)


MEDIA_TYPE_SPELLINGS: Final[Variations] = {
    "charset-in-upper-case": Variation(
        "Content-Type, encoding", "names of charsets have no case", _with_upper_charset, "accept"
    ),
    "media-type-in-upper-case": Variation("Content-Type", "media types have no case", _typed(_upper_case), "accept"),
}
CHARSET_SPELLINGS: Final[Variations] = {
    "charset-quoted": Variation("Content-Type", "a parameter may be quoted", _typed(_quoted_charset), "accept"),
    "charset-after-blanks": Variation("Content-Type", "blanks may stand before it", _typed(_with_blanks), "accept"),
}
NAMED_CHARSETS: Final[Variations] = {
    "charset-named": Variation("Content-Type", "a charset may be named", _typed(_named_charset), "accept"),
}
FIELD_NAMES: Final[Variations] = {
    "field-names-in-lower-case": Variation("fields", "names of fields have no case", _in_lower_case, "accept"),
}
ACTIONS: Final[Variations] = {
    "action-documented": Variation("Content-Type", "action may be named", _with_action(_documented_action), "accept"),
}
UNKNOWN_ACTIONS: Final[Variations] = {
    "action-unknown": Variation(
        "Content-Type", "names an unknown action", _with_action(_unknown_action), kind="defect"
    ),
}
SOAP_ACTION_SPELLINGS: Final[Variations] = {
    "soap-action-unquoted": Variation(
        "SOAPAction", "stands without quotes", _acting(lambda action: action), kind="defect"
    ),
}
NO_SOAP_ACTION: Final[Variations] = {
    "soap-action-missing": Variation("SOAPAction", "is absent", _acting(lambda _: None), kind="defect"),
}
CHUNKS: Final[Variations] = {
    "chunked": Variation("Transfer-Encoding", "a body may come in chunks", _chunked, "accept"),
}
EXPECT: Final[Variations] = {
    "expect-continue": Variation("Expect", "a client may wait for 100", _expecting, "accept"),
}
COMPRESSED: Final[Variations] = {
    # To a server that does not look at the coding, the first byte of gzip is a control character.
    "compressed": Variation(
        "Content-Encoding", "the body is compressed", _compressed, kind="defect", forbidden_characters=True
    ),
}
ACCEPT_CODINGS: Final[Variations] = {
    "accept-gzip": Variation(
        "Accept-Encoding", "a client may take gzip", _with_fields(("Accept-Encoding", "gzip")), "accept"
    ),
}
ACCEPT_TYPES: Final[Variations] = {
    "accept-documented": Variation(
        "Accept",
        "a client may name the media type of the answer",
        lambda sample: _with_fields(("Accept", ", ".join(sample.binding.response_media_types)))(sample),
        "accept",
    ),
}
READING: Final[Variations] = {
    "get-at-endpoint": Variation("method", "GET asks for something else", _reading, "reject", "defect"),
}
ELSEWHERE: Final[Variations] = {
    "unknown-path": Variation("path", "nothing is documented there", _elsewhere, "reject", "defect"),
}
HOSTS: Final[Variations] = {
    "two-hosts": Variation("Host", "stands twice", _two_hosts, "reject", "defect"),
}
