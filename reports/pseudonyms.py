"""What stands in evidence in a secret's place: text of the same length and lexical type."""

import hmac
import itertools
import re
from collections.abc import Iterator

GUID = re.compile(r"\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?|[0-9A-Fa-f]{32}")
_HEX = re.compile(r"(?=.*[0-9])(?=.*[A-Fa-f])[0-9A-Fa-f]+")
_DIGITS = re.compile(r"[0-9]+")
_FEWEST_REPLACED = 4
"""Below so many letters and digits a value's punctuation is the secret, and is replaced as well."""

_DECIMAL, _UPPER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEXADECIMAL = ("0123456789", "abc", "def", "ABCDEF")

# Characters of one row are equally long in UTF-8 and in character references, decimal and hexadecimal, so that a
# stand-in fits wherever the value stood: "c" is &#99; and "d" is &#100;. Each row's stand-ins are letters or digits
# that XML allows; those for ISO 8859-1 stay within it.
_ROWS = (
    ("0", "9", _DECIMAL),
    ("A", "Z", _UPPER),
    ("a", "c", "abc"),
    ("d", "z", "defghijklmnopqrstuvwxyz"),
    ("\x80", "\xff", "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜàáâãäåçèéêëìíîïñòóôõöùúûü"),
    ("\u0100", "\u03e7", "".join(chr(code) for code in range(0x100, 0x130))),
    ("\u03e8", "\u07ff", "".join(chr(code) for code in range(0x430, 0x450))),
    ("\u0800", "\u0fff", "".join(chr(code) for code in range(0x905, 0x935))),
    ("\u1000", "\u270f", "".join(chr(code) for code in range(0x1E00, 0x1E40))),
    ("\u2710", "\uffff", "".join(chr(code) for code in range(0x4E00, 0x4E40))),
    ("\U00010000", "\U0001869f", "".join(chr(code) for code in range(0x10330, 0x1034A))),
    ("\U000186a0", "\U000fffff", "".join(chr(code) for code in range(0x20000, 0x20040))),
    ("\U00100000", "\U0010ffff", "".join(chr(code) for code in range(0x100000, 0x100040))),
)


def pseudonym(value: str, key: bytes) -> str:
    """A stand-in for a value, the same for the same value and key.

    Digits stay digits, hexadecimal digits hexadecimal, letters letters of their case; punctuation stays, so that a
    GUID stays one. Every character keeps its length in UTF-8, and the stand-in is never the value itself.
    """
    alphabets = _alphabets(value)
    for attempt in range(16):
        numbers = _stream(key, value, attempt)
        made = "".join(
            _pick(alphabet, numbers) if alphabet else character
            for character, alphabet in zip(value, alphabets, strict=True)
        )
        if made != value:
            return made
    raise AssertionError("sixteen draws gave the value itself")


def _alphabets(value: str) -> list[str]:
    """For each character, those that may stand in its place; none where it stays."""
    if GUID.fullmatch(value) or _HEX.fullmatch(value):
        return [_row_of(character, _HEXADECIMAL) for character in value]
    if _DIGITS.fullmatch(value):
        return [_leading(value[0]), *(_DECIMAL for _ in value[1:])]
    alphabets = [_same_kind(character) for character in value]
    if sum(map(bool, alphabets)) < _FEWEST_REPLACED:
        return [alphabet or _UPPER for alphabet in alphabets]
    return alphabets


def _row_of(character: str, rows: tuple[str, ...]) -> str:
    return next((row for row in rows if character in row), "")


def _leading(digit: str) -> str:
    """First digits that keep a number within the range of the type it came from."""
    return _DECIMAL[1 : max(2, int(digit))] if digit != "0" else _DECIMAL


def _same_kind(character: str) -> str:
    return next((row for first, last, row in _ROWS if first <= character <= last), "")


def _pick(alphabet: str, numbers: Iterator[int]) -> str:
    return alphabet[next(numbers) % len(alphabet)]


def _stream(key: bytes, value: str, attempt: int) -> Iterator[int]:
    """Endless numbers that nobody can foretell without the key."""
    secret = value.encode("utf-8", "surrogatepass")
    for count in itertools.count():
        digest = hmac.digest(key, b"%d:%d:" % (attempt, count) + secret, "sha256")
        yield from (int.from_bytes(digest[index : index + 2], "big") for index in range(0, len(digest), 2))
