"""HTTP messages as records, and the way from and to WSGI."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WIRE_FIELD = "Reference-Wire"
"""Names, for the relay, what it is to do to the bytes of the answer. It never reaches a client."""

NEVER = ("q=0", "q=0.0", "q=0.00", "q=0.000")
"""Weights of what a client does not want: RFC 9110 section 12.4.2."""

CHUNKING = frozenset(
    {
        "chunks_with_extensions_and_trailers",
        "length_beside_chunks",
        "last_chunk_missing",
        "chunk_size_not_hexadecimal",
    }
)
"""What the relay does to bodies that come in chunks."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    fields: Mapping[str, str]
    """Header fields by name in lower case."""
    body: bytes

    @property
    def media_type(self) -> str:
        return self.fields.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def takes_gzip(self) -> bool:
        """Whether the client offers to undo gzip. Source: RFC 9110 section 12.5.3."""
        offered = (each.partition(";") for each in self.fields.get("accept-encoding", "").lower().split(","))
        return any(coding.strip() == "gzip" and weight.strip() not in NEVER for coding, _, weight in offered)

    @property
    def charset(self) -> str | None:
        parsed = Message()
        parsed["Content-Type"] = self.fields.get("content-type", "")
        charset = parsed.get_param("charset")
        return charset.strip().lower() if isinstance(charset, str) else None


@dataclass(frozen=True, slots=True)
class Response:
    status_code: int
    body: bytes = b""
    content_type: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    chunked: bool = False
    wire: str = ""
    """What the relay is to do to the bytes, by the name of the fault or variant; empty for nothing."""


def read_request(environ: WSGIEnvironment) -> Request:
    fields = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    fields["content-type"] = environ.get("CONTENT_TYPE", "")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        fields=fields,
        body=environ["wsgi.input"].read(length) if length else b"",
    )


def compressed(response: Response) -> Response:
    """The answer in gzip, which caches keep apart from others. Sources: RFC 9110 sections 8.4.1.3 and 12.5.5."""
    coded = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(response, body=gzip.compress(response.body, mtime=0), fields=(*response.fields, *coded))


def send_response(response: Response, request: Request, start_response: StartResponse) -> Iterable[bytes]:
    if request.method == "HEAD":
        # Nothing follows its head (RFC 9110 section 9.3.2), not even a last chunk; what does is a fault of its own.
        wire = "" if response.wire in CHUNKING else response.wire
        response = replace(response, body=b"", chunked=False, wire=wire)
    body = response.body
    fields = list(response.fields)
    if response.content_type:
        fields.append(("Content-Type", response.content_type))
    if response.wire:
        fields.append((WIRE_FIELD, response.wire))
    if not response.chunked and response.status_code != HTTPStatus.NO_CONTENT:
        fields.append(("Content-Length", str(len(body))))
    start_response(f"{response.status_code} {HTTPStatus(response.status_code).phrase}", fields)
    return _pieces(body) if response.chunked else [body]


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 500):
        yield body[start : start + 500]
