"""A request cut at its leaves: one with other values is put together from its parts, without a tree.

Most messages of a run differ from the sample in values alone. To copy the sample's tree, change it, and write it costs
several times what the bytes do.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from contracts.judge.records import Change, Request
from strategies.sites import Key
from strategies.templates import Site, Template
from strategies.wire import request


class Stencil:
    """The requests of a template that have other values than the sample's, byte for byte as `wire.request` has them."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._leaves: dict[Key, tuple[int, Callable[[str], str]]] = {}
        self._parts: list[bytes] = []
        self._sample = request(template, template.vary(()))
        if not template.binding.is_form:
            values = (site for site in template.sites if site.kind == "value")
            self._cut([site for site in values if not (site.scope or site.guarded or site.unique)])

    def request(self, changes: Iterable[Change]) -> Request:
        """The request with those changes to its values; by way of a tree where they are not of values alone."""
        changes = tuple(changes)
        parts = self._parts.copy()
        for change in changes:
            if (change.kind, change.where) not in self._leaves:
                return request(self._template, self._template.vary(changes))
            index, escape = self._leaves[change.kind, change.where]
            parts[index] = escape(change.after or "").encode()
        if not changes:
            return self._sample
        known = self._sample
        return Request(known.method, known.path, known.headers, b"".join(parts))

    def _cut(self, sites: list[Site]) -> None:
        """Cuts the sample at leaves that are filled with marks. A leaf whose mark does not stand once is left alone."""
        marks = {site.where: f"soapstone-mark-{number}-" for number, site in enumerate(sites)}
        template = self._template
        body = (request(template, template.with_values(marks)).body or b"").decode()
        pieces = re.split(f"({'|'.join(map(re.escape, marks.values()))})", body) if marks else [body]
        by_mark = {marks[site.where]: site for site in sites}
        for index, piece in enumerate(pieces):
            site = by_mark.get(piece)
            if site is not None:
                escape = _escaped if site.attribute is None else _escaped_in_attribute
                self._leaves[site.key] = index, escape
                pieces[index] = escape(site.before)
        self._parts = [piece.encode() for piece in pieces]


def _escaped(text: str) -> str:
    """Text as libxml2 writes it."""
    return text.translate(_IN_TEXT) if _TO_ESCAPE.search(text) else text


def _escaped_in_attribute(text: str) -> str:
    """The value of an attribute as libxml2 writes it."""
    return text.translate(_IN_ATTRIBUTE)


_TO_ESCAPE: Final = re.compile("[&<>\r]")
_IN_TEXT: Final[Mapping[int, str]] = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_IN_ATTRIBUTE: Final[Mapping[int, str]] = {
    **_IN_TEXT, ord('"'): "&quot;", ord("\n"): "&#10;", ord("\t"): "&#9;",
}  # fmt: skip
