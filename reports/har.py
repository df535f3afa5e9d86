"""exchanges.har: every exchange of a log in HTTP Archive 1.2, for browsers and proxies. Streamed: logs can be large."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contracts.judge.records import Exchange, Failure, Headers, Request, Response
from reports.codec import exchange_from_json, header_from_json
from reports.files import whole_file
from reports.header import RunHeader
from reports.lines import TornLineError, read_lines

Json = dict[str, Any]


def write_har(log: Path, path: Path) -> Path:
    """Writes the archive of a log: there whole or, where that fails, as it was before. Raises OutputError."""
    with whole_file(path) as file:
        for piece in _pieces(log):
            file.write(piece.encode("utf-8", "backslashreplace"))
    return path


def _pieces(log: Path) -> Iterator[str]:
    """The archive's text, an entry at a time."""
    separator = ""
    header: RunHeader | None = None
    try:
        for line in read_lines(log):
            if header is None:
                header = header_from_json(line.record)
                yield _head(header)
            elif line.record["type"] == "exchange":
                exchange = exchange_from_json(line.record)
                yield f"{separator}\n{json.dumps(_entry(exchange, header.url_of(exchange)), ensure_ascii=False)}"
                separator = ","
    except TornLineError:
        pass
    yield "\n]}}\n"


def _head(header: RunHeader) -> str:
    creator = json.dumps({"name": header.tool, "version": header.version})
    comment = json.dumps("Secrets are replaced by stand-ins of equal length and kind.")
    return f'{{"log":{{"version":"1.2","creator":{creator},"comment":{comment},"pages":[],"entries":['


def _entry(exchange: Exchange, target: str) -> Json:
    message, milliseconds = exchange.message, round(exchange.elapsed * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started, UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange.sent, target),
        "response": _response(exchange.outcome),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"exchange {exchange.number}: {message.item}, {message.kind}, {message.expectation}",
    }


def _request(sent: Request, target: str) -> Json:
    url = target + sent.path
    record: Json = {
        "method": sent.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _fields(sent.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(_query(url), keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(sent.body or b""),
    }
    if sent.body is not None:
        text, encoding = _text(sent.body)
        record["postData"] = {"mimeType": _media_type(sent.headers), "text": text}
        if encoding:
            record["postData"]["comment"] = "the text is the body in base64: it is not UTF-8"
    return record


def _response(outcome: Response | Failure) -> Json:
    """A request without an answer has status 0, as browsers write it."""
    if isinstance(outcome, Failure):
        empty = {"size": 0, "mimeType": "x-unknown"}
        told = {"comment": f"no answer: {outcome.kind}: {outcome.detail}"}
        return {**_answer(0, "", (), empty, -1), **told}
    text, encoding = _text(outcome.body)
    content = {"size": len(outcome.body), "mimeType": _media_type(outcome.headers), "text": text, **encoding}
    return _answer(outcome.status_code, outcome.reason, outcome.headers, content, len(outcome.body))


def _answer(status: int, reason: str, headers: Headers, content: Json, size: int) -> Json:
    return {
        "status": status,
        "statusText": reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _fields(headers),
        "content": content,
        "redirectURL": next((value for name, value in headers if name.lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": size,
    }


def _fields(headers: Headers) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _media_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "x-unknown")


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _text(body: bytes) -> tuple[str, Json]:
    """A body as text, in base64 (with the member that says so) where it is not UTF-8."""
    try:
        return body.decode(), {}
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), {"encoding": "base64"}
