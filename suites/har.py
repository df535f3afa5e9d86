"""HTTP Archive 1.2 read: what browsers, proxies and we ourselves captured, as requests and answers.

Exporters undo codings and decode text: an answer's body is made bytes again by its charset, and the fields that spoke
of its size and coding on the wire are left out where they no longer hold. Source: HAR 1.2, sections entries, request,
response, content; RFC 9110 sections 8.4 and 8.6.
"""

import base64
import binascii
import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from contracts.errors import ContractError, Place
from contracts.judge.codings import CODINGS
from contracts.judge.records import Headers, Response

_SLACK = 4
"""Bytes by which a body may be shorter than its entry says: a byte order mark that the exporter took away."""


class TrafficError(ContractError):
    """Captured traffic cannot be used."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One entry: a request by its absolute URL, and its answer.

    `problem` says why it cannot be judged; empty if it can. `started` and `elapsed` are in seconds.
    """

    number: int
    method: str
    url: str
    headers: Headers
    body: bytes | None
    response: Response | None
    started: float
    elapsed: float
    problem: str = ""


def read_har(file: Path) -> Iterator[Capture]:
    """The entries of an archive. Raises TrafficError for a file that is none."""
    try:
        content = json.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise TrafficError(Place(file), f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TrafficError(Place(file), "is not UTF-8 text, as a HAR is", hint=_EXPORT) from error
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        told = getattr(error, "msg", "too deeply nested").removesuffix(" starting at")
        raise TrafficError(Place(file, line), f"is not JSON, as a HAR is: {told}", hint=_EXPORT) from error
    log = content.get("log") if isinstance(content, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise TrafficError(Place(file), "is JSON, but no HAR: it has no log.entries", hint=_EXPORT)
    entries = log["entries"]
    creator = log.get("creator", {})
    is_ours = isinstance(creator, dict) and creator.get("name") == "soapstone"
    return (_capture(number, entry, is_ours) for number, entry in enumerate(entries, 1))


_EXPORT = "Save traffic as HAR 1.2 with contents: in a browser's network panel, or by mitmdump --set hardump=FILE"


def _capture(number: int, entry: Any, is_ours: bool) -> Capture:
    """One entry, with what is wrong with it where it cannot be used."""
    try:
        request, response = entry["request"], entry["response"]
        method, url = str(request["method"]), str(request["url"])
        urlsplit(url)
        headers = _fields(request)
        body = _request_body(request, is_ours)
        started, elapsed = _moment(entry), float(entry.get("time") or 0) / 1000
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Capture(
            number, "", "", (), None, None, 0.0, 0.0, f"is no complete entry: {type(error).__name__} {error}"
        )
    try:
        answer, problem = _response(response, is_ours)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        answer, problem = None, f"its response is not complete: {type(error).__name__} {error}"
    return Capture(number, method, url, headers, body, answer, started, max(0.0, elapsed), problem)


def _moment(entry: Mapping[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(entry.get("startedDateTime", ""))).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _fields(part: Mapping[str, Any]) -> Headers:
    """The fields, without those of HTTP/2 that stand for the request line (RFC 9113 section 8.3)."""
    told = [(str(each["name"]), str(each["value"])) for each in part.get("headers", ())]
    return tuple((name, value) for name, value in told if not name.startswith(":"))


def _request_body(request: Mapping[str, Any], is_ours: bool) -> bytes | None:
    data = request.get("postData")
    if not isinstance(data, dict):
        return None
    text = data.get("text")
    if not text and data.get("params"):
        return urlencode([(each["name"], each.get("value", "")) for each in data["params"]]).encode()
    coded = data.get("encoding") == "base64" or (is_ours and str(data.get("comment", "")).startswith("the text is"))
    if coded:
        return base64.b64decode(str(text or ""), validate=True)
    return _encoded(str(text or ""), str(data.get("mimeType", "")))


def _response(response: Mapping[str, Any], is_ours: bool) -> tuple[Response | None, str]:
    """An answer, or why it cannot be judged."""
    status = int(response["status"])
    if not 100 <= status <= 999:
        return None, "was not answered"
    content = response.get("content") or {}
    fields = _fields(response)
    text, size = content.get("text"), int(content.get("size") or 0)
    if text is None and size > 0:
        return None, f"its body of {size:,} bytes was not captured: save the traffic with contents"
    if content.get("encoding") == "base64":
        try:
            body = base64.b64decode(str(text or ""), validate=True)
        except binascii.Error:
            return None, "its body is not the base64 that it claims to be"
    else:
        body = _encoded(str(text or ""), _field(fields, "Content-Type") or str(content.get("mimeType", "")))
    if size - len(body) > _SLACK and not content.get("compression"):
        return None, f"its body is cut off: {len(body):,} bytes of {size:,} were captured"
    kept = fields if is_ours else _true_fields(fields, body)
    version = str(response.get("httpVersion") or "HTTP/1.1").upper()
    named = version if re.fullmatch(r"HTTP/1\.[01]", version) else "HTTP/1.1"
    return Response(status, str(response.get("statusText", "")), kept, body, named), ""


def _true_fields(fields: Headers, body: bytes) -> Headers:
    """The fields without those on the wire's size and coding that the captured body no longer bears out."""
    coding = (_field(fields, "Content-Encoding") or "").strip().lower()
    is_coded = coding in CODINGS and body[:2] in (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda", b"\x78\x5e")
    dropped = {"transfer-encoding"} | (set() if is_coded else {"content-encoding"})
    if _field(fields, "Content-Length") != str(len(body)):
        dropped.add("content-length")
    return tuple((name, value) for name, value in fields if name.lower() not in dropped)


def _field(fields: Headers, name: str) -> str | None:
    return next((value for key, value in fields if key.lower() == name.lower()), None)


def _encoded(text: str, content_type: str) -> bytes:
    """Text as the bytes that it was read from: by the charset parameter, else the XML declaration, else UTF-8."""
    named = re.search(r"charset\s*=\s*\"?([A-Za-z0-9._:-]+)", content_type, re.IGNORECASE)
    declared = re.match(r"\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)", text)
    for found in (named, declared):
        if found is not None:
            try:
                return text.encode(codecs.lookup(found.group(1)).name, "xmlcharrefreplace")
            except (LookupError, ValueError):
                continue
    return text.encode("utf-8", "surrogatepass")
