"""Configured values: where they stand in a planned request, and how they are filled in before sending."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from urllib.parse import quote_plus, unquote_plus
from xml.sax.saxutils import escape

from contracts.judge.records import Request

_PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_.-]*)\}\}")


def placeholder(name: str) -> str:
    """What stands in a planned request where the configured value of that name goes."""
    return f"{{{{{name}}}}}"


def names_in(request: Request) -> frozenset[str]:
    """Names of the values that a planned request needs."""
    text = request.path + _body_text(request) + " ".join(value for _, value in request.headers)
    return frozenset(_PLACEHOLDER.findall(text))


def fill(request: Request, values: Mapping[str, str]) -> Request:
    """The request with configured values in place, escaped for where they stand: XML text, query, form or field.

    Placeholders whose name `values` lacks stay as they are, and so do those that a value itself holds.
    """
    wanted = {name: values[name] for name in names_in(request) if name in values}
    if not wanted:
        return request
    in_query = {name: quote_plus(value) for name, value in wanted.items()}
    in_body = in_query if _is_form(request) else {name: in_xml(value) for name, value in wanted.items()}
    return replace(
        request,
        path=_put(request.path, in_query),
        headers=tuple((name, _put(value, wanted)) for name, value in request.headers),
        body=_put_bytes(request, in_body),
    )


def supplied(planned: Request, filled: Request) -> Mapping[str, str]:
    """The values, by name, that were filled into a planned request to make the other."""
    pairs = [
        (planned.path, filled.path, unquote_plus),
        (_body_text(planned), _body_text(filled), unquote_plus if _is_form(planned) else unescape),
        *((one[1], other[1], str) for one, other in zip(planned.headers, filled.headers, strict=False)),
    ]
    return {name: plain(value) for one, other, plain in pairs for name, value in _aligned(one, other)}


def _aligned(planned: str, filled: str) -> Iterator[tuple[str, str]]:
    """Names of placeholders in a text, each with what stands in its place in the other."""
    fixed, names = _PLACEHOLDER.split(planned)[::2], _PLACEHOLDER.findall(planned)
    if names:
        found = re.fullmatch("(.*?)".join(map(re.escape, fixed)), filled, re.DOTALL)
        yield from zip(names, found.groups(), strict=True) if found else ()


def in_xml(value: str) -> str:
    """A value as text of a message: in ASCII, with references.

    Whatever the encoding: a message whose encoding is in doubt must not alter a password on its way.
    """
    return escape(value, _WHITE_SPACE).encode("ascii", "xmlcharrefreplace").decode("ascii")


_WHITE_SPACE = {"\r": "&#13;"}
"""What XML readers would change if it stood in a text as it is."""


def _is_form(request: Request) -> bool:
    return any(value.lower().startswith("application/x-www-form-urlencoded") for _, value in request.headers)


def _put(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group()), text)


def _put_bytes(request: Request, values: Mapping[str, str]) -> bytes | None:
    if request.body is None or not values:
        return request.body
    encoding = _without_mark(request.encoding)
    encoded = {placeholder(name).encode(encoding): value.encode(encoding) for name, value in values.items()}
    pattern = b"|".join(map(re.escape, encoded))
    return re.sub(pattern, lambda found: encoded[found.group()], request.body)


def _without_mark(encoding: str) -> str:
    """The encoding's name with its byte order, so that no byte order mark is written in mid-text."""
    return "utf-16-le" if encoding.lower() in ("utf-16", "utf16") else encoding


def _body_text(request: Request) -> str:
    return (request.body or b"").decode(_without_mark(request.encoding), "replace")
