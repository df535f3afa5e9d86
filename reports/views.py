"""Data read with one layer of escapes taken off, and written back with the escapes in place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.entities import html5

Token = re.Match[bytes]


@dataclass(frozen=True, slots=True)
class Notation:
    """One way of escaping characters. `decode` gives the bytes (UTF-8) that an escape stands for.

    `encode` writes other bytes of the same length as an escape like the one given. No escape occurs in data that
    holds none of the `signs`.
    """

    signs: tuple[bytes, ...]
    escapes: re.Pattern[bytes]
    decode: Callable[[Token], bytes]
    encode: Callable[[bytes, bytes], bytes]

    def view(self, data: bytes) -> "View | None":
        """The data without these escapes; None where it holds none."""
        for sign in self.signs:
            if sign in data:
                break
        else:
            return None
        decoded = self.escapes.sub(self.decode, data)
        return None if decoded == data else View(decoded, data, self)


@dataclass(frozen=True, slots=True)
class View:
    """Data without its escapes of one notation."""

    decoded: bytes
    _source: bytes
    _notation: Notation

    def rewrite(self, changed: bytes) -> bytes:
        """The data as it was but for what `changed`, which is as long as `decoded`, says otherwise.

        Keeps the length: where the new bytes have no equally long escape, letters stand instead.
        """
        pieces: list[bytes] = []
        read = at = 0
        for token in self._notation.escapes.finditer(self._source):
            end = at + token.start() - read
            plain = self._notation.decode(token)
            pieces += changed[at:end], self._escape(changed[end : end + len(plain)], plain, token.group())
            read, at = token.end(), end + len(plain)
        return b"".join([*pieces, changed[at:]])

    def _escape(self, new: bytes, old: bytes, source: bytes) -> bytes:
        if new == old:
            return source
        try:
            escaped = self._notation.encode(new, source)
        except (UnicodeDecodeError, TypeError):  # no whole character, or several: what an escape cannot hold
            escaped = b""
        return escaped if len(escaped) == len(source) else b"x" * len(source)


def without_xml_escapes(data: bytes) -> bytes:
    """Character data as an XML parser reports it: references resolved, CDATA opened, comments gone."""
    return SECTIONS.escapes.sub(SECTIONS.decode, data)


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code <= 0x10FFFF else b"\xef\xbf\xbd"


def _decode_xml(token: Token) -> bytes:
    decimal, hexadecimal, name = token.group(1, 2, 3)
    if decimal is not None:
        return _character(int(decimal))
    if hexadecimal is not None:
        return _character(int(hexadecimal, 16))
    if name is None:
        return b""
    known = html5.get(f"{name.decode()};")
    return token.group() if known is None else known.encode()


def _encode_xml(new: bytes, source: bytes) -> bytes:
    """A character reference, filled up with zeros to the length of the one it replaces."""
    code = ord(_text(new))
    if source[:3].lower() == b"&#x":
        return b"&#x%s;" % (b"%x" % code).rjust(len(source) - 4, b"0")
    return b"&#%s;" % (b"%d" % code).rjust(len(source) - 3, b"0")


def _decode_sections(token: Token) -> bytes:
    content: bytes | None = token.group(4)
    return _decode_xml(token) if content is None else content


def _encode_sections(new: bytes, source: bytes) -> bytes:
    return _encode_xml(new, source) if source[:2] != b"<!" else b"<![CDATA[%s]]>" % new.replace(b"]]>", b"xxx")


def _decode_percent(token: Token) -> bytes:
    escape = token.group()
    return _decode_units(escape.split(b"%u")) if escape[1:2] == b"u" else _from_hex(escape.split(b"%"))


def _encode_percent(new: bytes, source: bytes) -> bytes:
    return _encode_units(b"%u", new) if source[1:2] == b"u" else b"".join(b"%%%02X" % byte for byte in new)


_JSON_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _decode_json(token: Token) -> bytes:
    pair, single, short, octets = token.group(1, 2, 3, 4)
    if short is not None:
        return _JSON_SHORT.get(short, short)
    return _decode_units((pair or single).split(b"\\u")) if octets is None else _from_hex(octets.split(b"\\x"))


def _encode_json(new: bytes, source: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in new) if source[1:2] == b"x" else _encode_units(b"\\u", new)


def _decode_quoted(token: Token) -> bytes:
    return b"" if token.group()[1:2] in b"\r\n" else _from_hex(token.group().split(b"="))


def _encode_quoted(new: bytes, source: bytes) -> bytes:
    return b"".join(b"=%02X" % byte for byte in new)


def _decode_to_nothing(token: Token) -> bytes:
    return b""


def _encode_as_it_was(new: bytes, source: bytes) -> bytes:
    return source


def _from_hex(digits: list[bytes]) -> bytes:
    return bytes.fromhex(b"".join(digits).decode())


def _decode_units(digits: list[bytes]) -> bytes:
    """UTF-16 code units in hexadecimal."""
    return _from_hex(digits).decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def _encode_units(sign: bytes, new: bytes) -> bytes:
    units = _text(new).encode("utf-16-be", "surrogatepass")
    return b"".join(b"%s%02x%02x" % (sign, units[index], units[index + 1]) for index in range(0, len(units), 2))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


COMMENT = rb"<!--(?:(?!<!--|-->)[\s\S])*+-->"
"""A comment. It ends before the next one begins: a thousand openings without an end are read once, not each."""

_REFERENCE = rb"&#0*(\d{1,7});|&#[xX]0*([0-9A-Fa-f]{1,6});|&([A-Za-z][A-Za-z0-9]{1,31});"
_SECTION = rb"<!\[CDATA\[((?:(?!<!\[CDATA\[|\]\]>)[\s\S])*+)\]\]>"
_UNSEEN = rb"<!\[CDATA\[|\]\]>|" + COMMENT
_PAIR = rb"[Dd][89ABab][0-9A-Fa-f]{2}%s[Dd][C-Fc-f][0-9A-Fa-f]{2}"

XML = Notation(
    signs=(b"&", b"<!"),
    escapes=re.compile(_REFERENCE + rb"|" + _UNSEEN),
    decode=_decode_xml,
    encode=_encode_xml,
)
SECTIONS = Notation(  # what looks like a reference within CDATA is text
    signs=(b"<![CDATA[",),
    escapes=re.compile(_REFERENCE + rb"|" + _SECTION + rb"|" + _UNSEEN),
    decode=_decode_sections,
    encode=_encode_sections,
)
PERCENT = Notation(
    signs=(b"%",),
    escapes=re.compile(rb"(?:%[0-9A-Fa-f]{2})+|%u(?:" + _PAIR % rb"%u" + rb"|[0-9A-Fa-f]{4})"),
    decode=_decode_percent,
    encode=_encode_percent,
)
JSON = Notation(
    signs=(b"\\",),
    escapes=re.compile(
        rb"\\u(" + _PAIR % rb"\\u" + rb")|\\u([0-9A-Fa-f]{4})|\\([\"\\/bfnrt])|((?:\\x[0-9A-Fa-f]{2})+)"
    ),
    decode=_decode_json,
    encode=_encode_json,
)
QUOTED = Notation(  # quoted-printable (RFC 2045 section 6.7)
    signs=(b"=",),
    escapes=re.compile(rb"=(?:[0-9A-F]{2}(?:=[0-9A-F]{2})*|\r?\n)"),
    decode=_decode_quoted,
    encode=_encode_quoted,
)
FOLDED = Notation(  # what MIME and PEM break into lines
    signs=(b"\n",),
    escapes=re.compile(rb"(?:\r\n(?<=[\w+/-]{12}\r\n)|\n(?<=[\w+/-]{12}\n))[ \t]*(?=[\w+/-])", re.ASCII),
    decode=_decode_to_nothing,
    encode=_encode_as_it_was,
)
INSTRUCTIONS = Notation(  # those within text: the one that begins a document hides nothing
    signs=(b"?>",),
    escapes=re.compile(rb"<\?(?<=[^>\s]<\?)(?:(?!<\?|\?>)[\s\S])*+\?>"),
    decode=_decode_to_nothing,
    encode=_encode_as_it_was,
)
NOTATIONS = (XML, SECTIONS, PERCENT, JSON, QUOTED, FOLDED, INSTRUCTIONS)


def utf8_of(data: bytes) -> tuple[bytes, str]:
    """The data in UTF-8, and the encoding it was in: UTF-16 or UTF-32 where it starts like it."""
    encoding = _wide_encoding(data)
    if encoding is None:
        return data, "utf-8"
    return data.decode(encoding, "replace").encode("utf-8", "surrogatepass"), encoding


def _wide_encoding(data: bytes) -> str | None:
    return next((name for marks, name in _WIDE_STARTS.items() if data.startswith(marks)), None)


def wide_readings(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Start, end and encoding of the stretches that can be text of two or four bytes a character.

    Data without a NUL byte holds none: even foreign text in UTF-16 stands among ASCII markup.
    """
    if b"\0" not in data:
        return
    whole = _wide_encoding(data)
    readings = [(0, whole)] if whole else [(start, name) for start in (0, 1) for name in ("utf-16-le", "utf-16-be")]
    for start, name in readings:
        unit = 4 if name.startswith("utf-32") else 2
        yield start, start + (len(data) - start) // unit * unit, name


_WIDE_STARTS = {
    (b"\xff\xfe\0\0", b"<\0\0\0"): "utf-32-le",
    (b"\0\0\xfe\xff", b"\0\0\0<"): "utf-32-be",
    (b"\xff\xfe", b"<\0"): "utf-16-le",
    (b"\xfe\xff", b"\0<"): "utf-16-be",
}
