"""Data read with one layer of escapes taken off, and written back with the escapes in place."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class View:
    """Data without its escapes of one notation."""

    decoded: bytes
    _source: bytes
    _notation: Notation

    def rewrite(self, changed: bytes) -> bytes:
        """The data as it was but for what `changed`, which is as long as `decoded`, says otherwise.

        Keeps the length: where the new bytes have no equally long escape they stand literally, filled up.
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
        escaped = self._notation.encode(new, source)
        return escaped if len(escaped) == len(source) else new.ljust(len(source), b"x")


def views(data: bytes) -> Iterator[View]:
    """A view for each notation whose escapes the data holds."""
    for notation in NOTATIONS:
        if any(map(data.__contains__, notation.signs)):
            decoded = notation.escapes.sub(notation.decode, data)
            if decoded != data:
                yield View(decoded, data, notation)


def without_xml_escapes(data: bytes) -> bytes:
    """Character data as an XML parser reports it: references resolved, CDATA opened, comments gone."""
    return XML.escapes.sub(XML.decode, data)


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code <= 0x10FFFF else b"\xef\xbf\xbd"


def _decode_xml(token: Token) -> bytes:
    decimal, hexadecimal, name = token.group(1, 2, 3)
    if decimal is not None:
        return _character(int(decimal))
    if hexadecimal is not None:
        return _character(int(hexadecimal, 16))
    return b"" if name is None else html.unescape(f"&{name.decode()};").encode()


def _encode_xml(new: bytes, source: bytes) -> bytes:
    """A character reference, filled up with zeros to the length of the one it replaces."""
    code = ord(new.decode("utf-8", "surrogatepass"))
    if source[:3].lower() == b"&#x":
        return b"&#x%s;" % (b"%x" % code).rjust(len(source) - 4, b"0")
    return b"&#%s;" % (b"%d" % code).rjust(len(source) - 3, b"0")


def _decode_percent(token: Token) -> bytes:
    return bytes.fromhex(token.group().replace(b"%", b"").decode())


def _encode_percent(new: bytes, source: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in new)


_JSON_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _decode_json(token: Token) -> bytes:
    pair, single, short = token.group(1, 2, 3)
    if short is not None:
        return _JSON_SHORT.get(short, short)
    units = bytes.fromhex((pair or single).replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def _encode_json(new: bytes, source: bytes) -> bytes:
    units = new.decode("utf-8", "surrogatepass").encode("utf-16-be", "surrogatepass")
    return b"".join(b"\\u%02x%02x" % (units[index], units[index + 1]) for index in range(0, len(units), 2))


COMMENT = rb"<!--(?:(?!<!--|-->)[\s\S])*+-->"
"""A comment. It ends before the next one begins: a thousand openings without an end are read once, not each."""

XML = Notation(
    signs=(b"&", b"<!"),
    escapes=re.compile(
        rb"&#0*(\d{1,7});|&#[xX]0*([0-9A-Fa-f]{1,6});|&(amp|lt|gt|quot|apos);|<!\[CDATA\[|\]\]>|" + COMMENT
    ),
    decode=_decode_xml,
    encode=_encode_xml,
)
PERCENT = Notation(
    signs=(b"%",), escapes=re.compile(rb"(?:%[0-9A-Fa-f]{2})+"), decode=_decode_percent, encode=_encode_percent
)
JSON = Notation(
    signs=(b"\\",),
    escapes=re.compile(
        rb"\\u([Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\([\"\\/bfnrt])"
    ),
    decode=_decode_json,
    encode=_encode_json,
)
NOTATIONS = (XML, PERCENT, JSON)


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
