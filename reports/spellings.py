"""The byte sequences in which a value can stand as it is: in a charset, in other letters, as a GUID, within base64."""

import base64
import contextlib
import unicodedata
from collections.abc import Callable, Iterator

from reports.pseudonyms import GUID

_CHARSETS = ("iso-8859-1", "cp1252")
_BASE64_ALPHABETS = (b"+/", b"-_")

StandIn = Callable[[str], str]
"""What stands for a value: each character by one that is as long in UTF-8."""


def spellings(value: str, stand_in: StandIn) -> Iterator[tuple[bytes, bytes]]:
    """Each byte sequence that gives the value away, with its equally long replacement.

    Escapes of single characters (XML, percent, JSON) and UTF-16 are not here: `reports.views` takes them off.
    """
    for original, replacement in dict(_variants(value, stand_in)).items():
        if _lengths(original) == _lengths(replacement):  # some letters are longer in the other case
            yield from _encoded(original, replacement, stand_in)
    yield from _within_base64(_utf8(value), _utf8(stand_in(value)))


def _variants(value: str, stand_in: StandIn) -> Iterator[tuple[str, str]]:
    """The value, and the ways in which a server writes the same GUID, a form its spaces, and others its letters."""
    made = stand_in(value)
    if GUID.fullmatch(value):
        for original, replacement in ((value, made), (_bare(value), _bare(made))):
            yield original.lower(), replacement.lower()
            yield original.upper(), replacement.upper()
    elif not value.isalpha():  # a plain word in other letters may be anything: the name of an element
        yield value.lower(), made.lower()
        yield value.upper(), made.upper()
    if not value.isascii():
        for form in ("NFC", "NFD"):
            other = unicodedata.normalize(form, value)
            yield other, stand_in(other)
    if " " in value:
        yield value.replace(" ", "+"), made.replace(" ", "+")
    yield value, made


def _bare(guid: str) -> str:
    return guid.strip("{}").replace("-", "")


def _encoded(value: str, made: str, stand_in: StandIn) -> Iterator[tuple[bytes, bytes]]:
    yield _utf8(value), _utf8(made)
    if value.isascii():
        return
    # Fields of HTTP are read as ISO 8859-1, whatever was meant.
    yield _in_latin(value), _in_latin(made)
    for charset in _CHARSETS:
        with contextlib.suppress(UnicodeEncodeError):
            original = value.encode(charset)
            yield original, _standing_for(original, stand_in) or made.encode(charset, "replace")


def _standing_for(original: bytes, stand_in: StandIn) -> bytes:
    """What stands for bytes of another charset that are UTF-8 of something else; empty where they are not."""
    try:
        return _utf8(stand_in(original.decode()))
    except UnicodeDecodeError:
        return b""


def _lengths(text: str) -> tuple[int, int]:
    return len(text), len(_utf8(text))


def _in_latin(text: str) -> bytes:
    return _utf8(_utf8(text).decode("latin-1"))


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
