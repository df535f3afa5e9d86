"""Where a contract declares secrets: members of those names in XML, forms, queries and JSON, and cookies."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote_plus, unquote_to_bytes
from xml.sax.saxutils import escape

from contracts.judge.records import Headers
from contracts.model import Operation
from reports.views import COMMENT, utf8_of, without_xml_escapes

# Each pattern begins with the name itself, which `re` finds many times faster than what stands before it.
_XML_MEMBER = (
    rb"%(name)s(?<=[<:]%(name)s)(?=[\s>])[^<>]*(?<!/)>"
    rb"((?:[^<]++|<!\[CDATA\[(?:(?!<!\[|\]\]>)[\s\S])*+\]\]>|" + COMMENT + rb")*+)"
)
_PARAMETER = rb"%(name)s(?:(?<=[?&;]%(name)s)|(?<=\A%(name)s))=([^&\s#<>\"']*)"
_JSON_MEMBER = rb"%(name)s(?<=\"%(name)s)\"\s*:\s*\"((?:[^\"\\]|\\.)*+)\""


@dataclass(frozen=True, slots=True)
class _Syntax:
    pattern: re.Pattern[bytes]
    decode: Callable[[bytes], bytes]
    encode: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Positions:
    """The members of an operation's messages that hold secrets.

    Told by local name alone: a defective message or an unforeseen answer may hold them anywhere.
    """

    _syntaxes: tuple[tuple[bytes, tuple[_Syntax, ...]], ...]

    @classmethod
    def of(cls, operation: Operation) -> "Positions":
        """The positions that an operation's leaves and response secrets name."""
        leaves = [leaf.name for leaf in operation.leaves if leaf.credential or leaf.secret]
        names = sorted({*leaves, *(path.rpartition("/")[2] for path in operation.response_secrets)})
        return cls(tuple((name.encode(), tuple(_syntaxes(name))) for name in names))

    def values_in(self, data: bytes) -> Iterator[str]:
        """The non-empty values at the declared positions, without escapes and surrounding white space."""
        text, _ = utf8_of(data)
        for syntax in self._syntaxes_in(text):
            for found in syntax.pattern.finditer(text):
                if value := _plain(found.group(1), syntax):
                    yield value

    def replace(self, data: bytes, stand_in: Callable[[str], str | None]) -> bytes:
        """The data with other values at the declared positions; None from `stand_in` leaves one as it is."""
        text, encoding = utf8_of(data)
        replaced = text
        for syntax in self._syntaxes_in(text):
            replaced = syntax.pattern.sub(partial(_substitute, syntax=syntax, stand_in=stand_in), replaced)
        if replaced == text:
            return data
        return replaced if encoding == "utf-8" else replaced.decode("utf-8", "surrogatepass").encode(encoding)

    def _syntaxes_in(self, text: bytes) -> Iterator[_Syntax]:
        """The syntaxes of the names that stand in the text at all; most bodies hold none."""
        return (syntax for name, syntaxes in self._syntaxes if name in text for syntax in syntaxes)


def cookie_values(headers: Headers) -> Iterator[str]:
    """The values that an answer's Set-Cookie fields set, read as UTF-8 where they are."""
    for name, field in headers:
        if name.lower() == "set-cookie":
            value = field.partition(";")[0].partition("=")[2].strip().strip('"')
            try:
                yield value.encode("latin-1").decode()
            except UnicodeError:
                yield value


def _syntaxes(name: str) -> Iterator[_Syntax]:
    names = {b"name": re.escape(name.encode())}
    yield _Syntax(re.compile(_XML_MEMBER % names), without_xml_escapes, escape)
    yield _Syntax(re.compile(_PARAMETER % names), _unquote, quote_plus)
    yield _Syntax(re.compile(_JSON_MEMBER % names), _unescape_json, lambda text: json.dumps(text)[1:-1])


def _unquote(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))


def _unescape_json(raw: bytes) -> bytes:
    try:
        return str(json.loads(b'"%s"' % raw, strict=False)).encode("utf-8", "surrogatepass")
    except ValueError:
        return raw


def _plain(raw: bytes, syntax: _Syntax) -> str:
    plain = syntax.decode(raw)
    try:
        return plain.decode().strip()
    except UnicodeDecodeError:
        return plain.decode("latin-1").strip()


def _substitute(found: re.Match[bytes], syntax: _Syntax, stand_in: Callable[[str], str | None]) -> bytes:
    """The whole match, with its value replaced and the white space around it kept."""
    raw = found.group(1)
    other = stand_in(_plain(raw, syntax))
    if other is None:
        return found.group()
    margin = len(raw) - len(raw.lstrip())
    tail = len(raw.rstrip())
    start = found.start(1) - found.start()
    written = syntax.encode(other).encode("utf-8", "surrogatepass")
    return found.group()[:start] + raw[:margin] + written + raw[tail:]
