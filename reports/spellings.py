"""The byte sequences in which a value can stand as it is: in a charset, as a GUID, within base64."""

import base64
import contextlib
from collections.abc import Iterator

from reports.pseudonyms import GUID

_CHARSETS = ("utf-8", "iso-8859-1", "cp1252")
_BASE64_ALPHABETS = (b"+/", b"-_")


def spellings(value: str, stand_in: str) -> Iterator[tuple[bytes, bytes]]:
    """Each byte sequence that gives the value away, with its equally long replacement.

    Escapes of single characters (XML, percent, JSON) and UTF-16 are not here: `reports.views` takes them off.
    """
    pairs = dict(_variants(value, stand_in))
    for original, replacement in pairs.items():
        yield from _encoded(original, replacement)
    yield from _within_base64(_utf8(value), _utf8(stand_in))


def _variants(value: str, stand_in: str) -> Iterator[tuple[str, str]]:
    """The value, and the ways in which a server writes the same GUID, or a form its spaces."""
    yield value, stand_in
    if GUID.fullmatch(value):
        for original, replacement in ((value, stand_in), (_bare(value), _bare(stand_in))):
            yield original.lower(), replacement.lower()
            yield original.upper(), replacement.upper()
    if " " in value:
        yield value.replace(" ", "+"), stand_in.replace(" ", "+")


def _bare(guid: str) -> str:
    return guid.strip("{}").replace("-", "")


def _encoded(value: str, stand_in: str) -> Iterator[tuple[bytes, bytes]]:
    yield _utf8(value), _utf8(stand_in)
    if not value.isascii():
        # Fields of HTTP are read as ISO 8859-1, whatever was meant.
        yield _utf8(_utf8(value).decode("latin-1")), _utf8(_utf8(stand_in).decode("latin-1"))
        for charset in _CHARSETS[1:]:
            with contextlib.suppress(UnicodeEncodeError):
                yield value.encode(charset), stand_in.encode(charset, "replace")


def _within_base64(value: bytes, stand_in: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The characters of base64 that depend on the value alone, for each of the three places it can start at."""
    for alphabet in _BASE64_ALPHABETS:
        for before in range(3):
            yield _aligned(value, before, alphabet), _aligned(stand_in, before, alphabet)


def _aligned(value: bytes, before: int, alphabet: bytes) -> bytes:
    encoded = base64.b64encode(b"\0" * before + value, alphabet)
    first = -(-before * 8 // 6)
    end = (before + len(value)) * 8 // 6
    return encoded[first:end]


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
