"""Content codings of answers, undone within bounds. Source: RFC 9110 section 8.4."""

import gzip
import zlib

from contracts.judge.records import Response

MAX_DECODED = 64 * 1024 * 1024
"""Bytes after decoding beyond which a body counts as not decodable: a bomb, not an answer."""

CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
"""What is undone. None is asked for, so that none is due."""


_ZLIB, _GZIP = zlib.MAX_WBITS, zlib.MAX_WBITS | 16
"""The wrappers of deflate and of gzip, as zlib is told: RFC 9110 sections 8.4.1.2 and 8.4.1.3."""

_MEMBER = b"\x1f\x8b"
"""How each member of gzip begins: RFC 1952 section 2.3.1."""


def decoded_body(response: Response) -> bytes | None:
    """The body without its content coding: as it is where none is named, None where it has not the one that is."""
    coding = (response.header("Content-Encoding") or "").strip().lower()
    if coding not in CODINGS or not response.body:
        return response.body
    return _unpacked(response.body, _ZLIB if coding == "deflate" else _GZIP)


def _unpacked(body: bytes, wrapper: int) -> bytes | None:
    """What a body holds, in one member or, of gzip, in several (RFC 1952 section 2.2); None for what is not whole."""
    parts: list[bytes] = []
    rest = body
    while not parts or rest.startswith(_MEMBER):
        unpacker = zlib.decompressobj(wrapper)
        try:
            parts.append(unpacker.decompress(rest, MAX_DECODED))
        except zlib.error:
            return None
        if not unpacker.eof or sum(map(len, parts)) > MAX_DECODED:
            return None
        rest = unpacker.unused_data
    return b"".join(parts)


def encoded_body(response: Response, plain: bytes) -> bytes:
    """Other content in the coding that the response names, which `decoded_body` undoes; the same for the same bytes."""
    coding = (response.header("Content-Encoding") or "").strip().lower()
    if coding not in CODINGS:
        return plain
    return zlib.compress(plain) if coding == "deflate" else gzip.compress(plain, mtime=0)
