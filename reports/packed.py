"""Stretches of base64 and hexadecimal digits: what they hold, and they again with something else in it."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STRETCHES = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
"""Where something can be packed: whole runs of digits, of either alphabet."""

_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{16,}")
_PLAIN_DIGITS = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class _Packing:
    """Groups of so many digits, each for so many bytes. `encode` writes bytes as the group before was written."""

    digits: int
    octets: int
    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Packed:
    """What a stretch holds, if its groups begin at one of the places where they can."""

    stretch: bytes
    content: bytes
    _start: int
    _packing: _Packing

    def closed(self, changed: bytes) -> bytes:
        """The stretch with `changed`, as long as the content, in it; groups of the same bytes stay as they were."""
        packing, pieces, at = self._packing, [self.stretch[: self._start]], self._start
        for index in range(0, len(changed), packing.octets):
            new, old = (each[index : index + packing.octets] for each in (changed, self.content))
            # The last group may be cut short.
            group = self.stretch[at : at + -(-len(new) * packing.digits // packing.octets)]
            pieces.append(group if new == old else packing.encode(new, self.stretch)[: len(group)])
            at += len(group)
        return b"".join([*pieces, self.stretch[at:]])


def packed(stretch: bytes) -> Iterator[Packed]:
    """Every reading of a stretch."""
    for start in range(_BASE64.digits):
        yield Packed(stretch, _BASE64.decode(stretch[start:]), start, _BASE64)
    for run in _HEXADECIMAL.finditer(stretch):
        for start in (run.start(), run.start() + 1):
            yield Packed(stretch, _HEX.decode(stretch[start : run.end()]), start, _HEX)


def _decode_base64(digits: bytes) -> bytes:
    whole = digits[: len(digits) - (len(digits) % 4 == 1)].translate(_PLAIN_DIGITS)
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _encode_base64(new: bytes, stretch: bytes) -> bytes:
    return base64.b64encode(new, b"-_" if b"-" in stretch or b"_" in stretch else None)


def _decode_hexadecimal(digits: bytes) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _encode_hexadecimal(new: bytes, stretch: bytes) -> bytes:
    return new.hex().encode() if stretch.lower() == stretch else new.hex().upper().encode()


_BASE64 = _Packing(4, 3, _decode_base64, _encode_base64)
_HEX = _Packing(2, 1, _decode_hexadecimal, _encode_hexadecimal)
