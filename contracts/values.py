"""Configured values: where they stand in a planned request, and how they are filled in before sending."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote_plus
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
    """The request with configured values in place, escaped for where they stand: XML text, query or form.

    Placeholders whose name `values` lacks stay as they are.
    """
    wanted = {name: value for name, value in values.items() if placeholder(name) in _anywhere(request)}
    if not wanted:
        return request
    in_query = {name: quote_plus(value) for name, value in wanted.items()}
    in_body = in_query if _is_form(request) else {name: escape(value) for name, value in wanted.items()}
    return replace(request, path=_put(request.path, in_query), body=_put_bytes(request, in_body))


def _is_form(request: Request) -> bool:
    """Whether the body is a form by its own look: a defect may label XML as one."""
    return "<" not in _body_text(request)[:2]


def _put(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(placeholder(name), value)
    return text


def _put_bytes(request: Request, values: Mapping[str, str]) -> bytes | None:
    body = request.body
    if body is None:
        return None
    for name, value in values.items():
        body = body.replace(
            _encoded(placeholder(name), request.encoding),
            value.encode(_without_mark(request.encoding), "xmlcharrefreplace"),
        )
    return body


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(_without_mark(encoding))


def _without_mark(encoding: str) -> str:
    """The encoding's name with its byte order, so that no byte order mark is written in mid-text."""
    return "utf-16-le" if encoding.lower() in ("utf-16", "utf16") else encoding


def _body_text(request: Request) -> str:
    return (request.body or b"").decode(_without_mark(request.encoding), "replace")


def _anywhere(request: Request) -> str:
    return request.path + _body_text(request)
