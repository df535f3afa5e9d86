"""What a WSGI application cannot do to the bytes of its answer, by the name of the fault or variant that does it.

Each action gives the pieces that are sent instead of a marked answer. Then the connection is closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

SILENCE = 8.0
"""Seconds without an answer, longer than a client waits by default."""
PAUSE = 0.02
"""Seconds between the pieces of an answer that comes in pieces."""

Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the server sent it."""

    status_line: bytes
    fields: Fields
    body: bytes

    def field(self, name: bytes) -> bytes:
        return next((value for key, value in self.fields if key.lower() == name.lower()), b"")

    def framed(self, length: int) -> bytes:
        """The bytes of the answer, whose Content-Length is as told; a 204 has none."""
        length_field = (b"Content-Length", str(length).encode())
        return self.with_head(() if b" 204 " in self.status_line else (length_field,)) + self.body

    def with_head(self, framing: Fields, *, separator: bytes = b": ") -> bytes:
        """The status line and the fields, those that tell where the body ends as given."""
        own = (b"content-length", b"transfer-encoding")
        fields = [field for field in self.fields if field[0].lower() not in own]
        lines = [name + separator + value for name, value in (*fields, *framing)]
        return b"\r\n".join((self.status_line, *lines, b"", b""))

    def chunks(self, size: int, *, extension: bytes = b"") -> bytes:
        """The body in chunks, without the last one, which has none of it."""
        parts = (self.body[start : start + size] for start in range(0, len(self.body), size))
        return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)


Action = Callable[[Answer, threading.Event], Iterator[bytes]]
CHUNKED = (b"Transfer-Encoding", b"chunked")
LAST_CHUNK = b"0\r\n\r\n"


def _whole(make: Callable[[Answer], bytes]) -> Action:
    """An answer made in one piece."""

    def action(answer: Answer, stopped: threading.Event) -> Iterator[bytes]:
        yield make(answer)

    return action


def _keep_silent(answer: Answer, stopped: threading.Event) -> Iterator[bytes]:
    stopped.wait(SILENCE)
    yield b""


def _in_pieces(answer: Answer, stopped: threading.Event) -> Iterator[bytes]:
    """The head and the body in eight pieces that come apart."""
    whole = answer.framed(len(answer.body))
    size = len(whole) // 8 + 1
    for start in range(0, len(whole), size):
        if start:
            stopped.wait(PAUSE)
        yield whole[start : start + size]


def _count_characters(answer: Answer) -> bytes:
    """Announces as many bytes as there are characters: the classic slip where text is not ASCII."""
    return answer.framed(len(answer.body.decode()))


def _announce_less(answer: Answer) -> bytes:
    return answer.framed(max(len(answer.body) - 20, 0))


def _with_status_line(change: Callable[[bytes], bytes]) -> Action:
    def make(answer: Answer) -> bytes:
        changed = Answer(change(answer.status_line), answer.fields, answer.body)
        return changed.framed(len(answer.body))

    return _whole(make)


def _reason(phrase: bytes) -> Callable[[bytes], bytes]:
    return lambda line: b" ".join((*line.split(b" ", 2)[:2], phrase))


def _version(version: bytes) -> Callable[[bytes], bytes]:
    return lambda line: version + b" " + line.partition(b" ")[2]


def _in_lower_case(answer: Answer) -> bytes:
    fields = tuple((name.lower(), value) for name, value in answer.fields)
    length = (b"content-length", str(len(answer.body)).encode())
    return Answer(answer.status_line, fields, b"").with_head((length,)) + answer.body


def _with_lines(*lines: bytes) -> Action:
    """Puts lines of its own at the end of the head."""

    def make(answer: Answer) -> bytes:
        head = answer.with_head(_length_field(answer)).removesuffix(b"\r\n")
        return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + answer.body

    return _whole(make)


def _respelled(before: bytes, after: bytes) -> Action:
    """Writes a part of the head in another way."""
    return _whole(lambda answer: answer.with_head(_length_field(answer)).replace(before, after, 1) + answer.body)


def _after(preface: bytes) -> Action:
    return _whole(lambda answer: preface + answer.framed(len(answer.body)))


def _length_field(answer: Answer) -> Fields:
    return ((b"Content-Length", str(len(answer.body)).encode()),)


def _two_lengths(answer: Answer) -> bytes:
    other = (b"Content-Length", str(len(answer.body) + 7).encode())
    return answer.with_head((*_length_field(answer), other)) + answer.body


def _of_another_day(answer: Answer) -> bytes:
    """Calls a Sunday Monday."""
    fields = tuple(field for field in answer.fields if field[0].lower() != b"date")
    date = (b"Date", b"Mon, 22 Nov 2026 10:52:41 GMT")
    return Answer(answer.status_line, (*fields, date), b"").with_head(_length_field(answer)) + answer.body


ACTIONS: Mapping[str, Action] = {
    # Faults
    "content_length_counts_characters": _whole(_count_characters),
    "content_length_too_small": _whole(_announce_less),
    "content_length_too_large": _whole(lambda answer: answer.framed(len(answer.body) + 20)),
    "length_beside_chunks": _whole(
        lambda answer: answer.with_head((*_length_field(answer), CHUNKED)) + answer.chunks(500) + LAST_CHUNK
    ),
    "last_chunk_missing": _whole(lambda answer: answer.with_head((CHUNKED,)) + answer.chunks(500)),
    "chunk_size_not_hexadecimal": _whole(
        lambda answer: answer.with_head((CHUNKED,)) + b"length\r\n" + answer.body + b"\r\n" + LAST_CHUNK
    ),
    "status_line_of_http_3": _with_status_line(_version(b"HTTP/3.0")),
    "status_line_without_version": _with_status_line(_version(b"HTTP")),
    "empty_lines_before_status_line": _after(b"\r\n\r\n"),
    "two_content_lengths": _whole(_two_lengths),
    "another_content_type_behind": _with_lines(b"Content-Type: text/html"),
    "content_type_folded": _respelled(b"Content-Type: ", b"Content-Type:\r\n\t"),
    "blank_before_colon": _respelled(b"Content-Type:", b"Content-Type :"),
    "date_of_another_weekday": _whole(_of_another_day),
    "carriage_return_in_field": _with_lines(b"X-Served: by\rone"),
    "body_after_head": _whole(lambda answer: answer.framed(0) + b"<html><body>Service</body></html>"),
    "no_content_with_body": _whole(
        lambda answer: (
            Answer(b"HTTP/1.1 204 No Content", answer.fields, b"").with_head(_length_field(answer)) + answer.body
        )
    ),
    "closes_connection_once_in_20": _whole(lambda answer: b""),
    "restarts_after_document_type": _whole(lambda answer: b""),
    "silent_once_in_50": _keep_silent,
    # Variants
    "closes_connection_on_unreadable_message": _whole(lambda answer: b""),
    "closes_connection_on_any_refusal": _whole(lambda answer: b""),
    "closes_connection_once": _whole(lambda answer: b""),
    "keeps_silent_on_unreadable_message": _keep_silent,
    "answers_of_http_1_0": _with_status_line(_version(b"HTTP/1.0")),
    "body_until_the_end_of_the_connection": _whole(
        lambda answer: answer.with_head(((b"Connection", b"close"),)) + answer.body
    ),
    "chunks_with_extensions_and_trailers": _whole(
        lambda answer: (
            answer.with_head((CHUNKED,)) + answer.chunks(97, extension=b";part=a") + b"0\r\nX-Checked: yes\r\n\r\n"
        )
    ),
    "field_names_in_lower_case": _whole(_in_lower_case),
    "blanks_around_field_values": _whole(
        lambda answer: answer.with_head(_length_field(answer), separator=b": \t ") + answer.body
    ),
    "another_reason_phrase": _with_status_line(_reason(b"As You Asked")),
    "no_reason_phrase": _with_status_line(_reason(b"")),
    "interim_answer_first": _after(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early_hints_first": _after(
        b"HTTP/1.1 102 Processing\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 2
    ),
    "closes_after_each_answer": _whole(
        lambda answer: answer.with_head((*_length_field(answer), (b"Connection", b"close"))) + answer.body
    ),
    "answers_in_pieces": _in_pieces,
}
"""The actions of faults and variants on the wire."""
