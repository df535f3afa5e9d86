"""Content codings of answers, undone within bounds. Source: RFC 9110 section 8.4."""

import gzip
import zlib

from contracts.judge.records import Response

MAX_DECODED = 64 * 1024 * 1024
"""Bytes after decoding beyond which a body counts as not decodable: a bomb, not an answer."""

CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
"""What is undone. None is asked for, so that none is due."""


def decoded_body(response: Response) -> bytes | None:
    """The body without its content coding: as it is where none is named, None where it has not the one that is."""
    coding = (response.header("Content-Encoding") or "").strip().lower()
    if coding not in CODINGS or not response.body:
        return response.body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(response.body, MAX_DECODED)
    except zlib.error:
        return None
    return unpacked if unpacker.eof else None


def encoded_body(response: Response, plain: bytes) -> bytes:
    """Other content in the coding that the response names, which `decoded_body` undoes; the same for the same bytes."""
    coding = (response.header("Content-Encoding") or "").strip().lower()
    if coding not in CODINGS:
        return plain
    return zlib.compress(plain) if coding == "deflate" else gzip.compress(plain, mtime=0)
