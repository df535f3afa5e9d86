"""Made-up secrets that a run plants in its own log, to see that none comes through in any output."""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from contracts.judge.records import Change, Exchange, Message, Request, Response
from contracts.model import Operation

_CHUNK = 1 << 20


def canaries(seed: int) -> tuple[str, ...]:
    """The made-up secrets of a run: a GUID, a token, and a phrase that needs escapes everywhere."""
    drawn = hashlib.sha256(f"soapstone canary {seed}".encode()).digest()
    token = base64.urlsafe_b64encode(drawn[:18]).decode().replace("-", "k").replace("_", "q")
    return str(uuid.UUID(bytes=drawn[:16], version=4)), f"Cn7{token}", f"pä\"ss & <{drawn.hex()[:12]}> w'ord"


def planted(canary: str, number: int, operation: Operation) -> Iterator[Exchange]:
    """Exchanges that never happened, with a canary in every place and spelling that a message can hold it in."""
    binding = operation.bindings[0]
    for name, spelt in _spellings(canary).items():
        # No field and no path can hold a NUL.
        text = name if b"\0" in spelt else spelt.decode("latin-1")
        sent = Request("POST", f"?canary={quote(spelt)}", (("X-Canary", text),), b"<a>" + spelt + b"</a>")
        message = Message(
            item="canary",
            index=number,
            service=operation.service,
            operation=operation.name,
            protocol=binding.protocol,
            requirement="canary",
            kind="sample",
            expectation="either",
            request=sent,
            changes=(Change("canary", "body", name, text, canary),),
        )
        answer = Response(200, text, (("Set-Cookie", f"canary={text}"),), b"<b c='" + spelt + b"'/>")
        yield Exchange(number, message, sent, answer, 0.0, 0.0)


def survivors(files: Iterable[Path], secrets: Sequence[str]) -> Iterator[str]:
    """Where a canary stands in an output, and in what spelling; the canary itself is not told."""
    wanted = {
        phrase: f"canary {index} ({name})"
        for index, each in enumerate(secrets, 1)
        for name, spelt in _spellings(each).items()
        for phrase in _as_written(spelt)
    }
    for file in files:
        for told in sorted({wanted[phrase] for phrase in _found(file, tuple(wanted))}):
            yield f"{file.name}: {told}"


def _spellings(canary: str) -> Mapping[str, bytes]:
    """The canary in each encoding; made without the redactor's tables, so that one mistake cannot hide in both."""
    plain = canary.encode()
    return {
        "as it is": plain,
        "in XML": escape(canary, quote=True).encode(),
        "in decimal references": "".join(f"&#{ord(each)};" for each in canary).encode(),
        "in hexadecimal references": "".join(f"&#x{ord(each):X};" for each in canary).encode(),
        "percent-encoded": quote(canary, safe="").encode(),
        "percent-encoded throughout": "".join(f"%{byte:02X}" for byte in plain).encode(),
        "in JSON": json.dumps(canary)[1:-1].encode(),
        "in JSON throughout": "".join(f"\\u{ord(each):04x}" for each in canary).encode(),
        "in UTF-16, little end first": canary.encode("utf-16-le"),
        "in UTF-16, big end first": canary.encode("utf-16-be"),
        "in ISO 8859-1": canary.encode("latin-1"),
        **{f"in base64, offset {lead}": _in_base64(plain, lead) for lead in range(3)},
    }


def _in_base64(plain: bytes, lead: int) -> bytes:
    """The characters of base64 that the canary alone decides, wherever in a text it begins."""
    whole = base64.b64encode(b"\0" * lead + plain)
    return whole[-(-lead * 8 // 6) : (lead + len(plain)) * 8 // 6]


def _as_written(spelt: bytes) -> Iterator[bytes]:
    """The ways in which outputs write a spelling: as it is, in HTML, in JSON, and in base64."""
    yield spelt
    try:
        text = spelt.decode()
    except UnicodeDecodeError:
        text = spelt.decode("latin-1")
    yield escape(text, quote=True).encode()
    yield spelt.decode("latin-1").encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    for lead in range(3):
        yield _in_base64(spelt, lead)


def _found(file: Path, phrases: Sequence[bytes]) -> Iterator[bytes]:
    """The phrases that a file holds, read piece by piece."""
    overlap = max(map(len, phrases))
    tail = b""
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            data = tail + piece
            yield from (phrase for phrase in phrases if phrase in data)
            tail = data[-overlap:]
