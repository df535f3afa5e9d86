"""An exchange as commands that a reader can run: secrets stand as variables, bodies in files."""

import base64
import re
import shlex
from collections.abc import Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from contracts.judge.records import Exchange

LONGEST_BODY = 16 * 1024
"""Bytes of a body beyond which a command gives only the way to get it."""

_MARK = "\0"
_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)


def curl_command(exchange: Exchange, target: str, values: Mapping[str, str]) -> str:
    """The shell commands that send an exchange again. `values` gives the names of configured values by stand-in.

    Host, Content-Length and Connection are left to curl.
    """
    sent = exchange.sent
    fields = [f"{name}: {value}" for name, value in sent.headers if name.lower() not in _OWN_FIELDS]
    parts = ["curl", "--silent", "--show-error", "--include", "--request", _quoted(sent.method, values)]
    for each in fields:
        parts += ["\\\n  --header", _quoted(each, values)]
    lines = []
    if sent.body is not None:
        name = f"exchange-{exchange.number}.body"
        lines.append(_body_file(sent.body, name, values))
        parts += ["\\\n  --data-binary", f"@{name}"]
    parts += ["\\\n ", _quoted(target + sent.path, values)]
    return "\n".join([*lines, " ".join(parts)])


_OWN_FIELDS = frozenset({"host", "content-length", "connection", "accept-encoding"})


def replay_command(exchange: Exchange, target: str) -> str:
    """The command that sends an exchange again and has its answer judged."""
    service = exchange.message.service
    return f"soapstone replay evidence.jsonl --exchange {exchange.number} --target {shlex.quote(f'{service}={target}')}"


def _body_file(body: bytes, name: str, values: Mapping[str, str]) -> str:
    """The command that makes a file of a body, byte for byte but for the variables."""
    if len(body) > LONGEST_BODY:
        return f"# {name} is to hold the {len(body):,} bytes of the request's body, as the evidence log gives them"
    for mark, charset in _CHARSETS.items():
        if body.startswith(mark):
            text = _text(body[len(mark) :], charset)
            if text is not None and charset == "utf-8":
                return f"printf %s {_quoted(text, values)} > {name}"
            if text is not None:
                octal = "".join(f"\\{byte:03o}" for byte in mark)
                recoded = f"printf %s {_quoted(text, values)} | iconv -f UTF-8 -t {charset.upper()}"
                return f"{{ printf '{octal}'; {recoded}; }} > {name}"
    return f"base64 -d > {name} <<'END'\n{base64.encodebytes(body).decode()}END"


_CHARSETS = {b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be", b"": "utf-8"}
"""The charsets that a body is told in as text, by the byte order mark that it begins with."""


def _text(body: bytes, charset: str) -> str | None:
    """The body as text without a NUL, which no command can hold; None where it is none."""
    try:
        text = body.decode(charset)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _quoted(text: str, values: Mapping[str, str]) -> str:
    """Text for a shell, with variables where stand-ins stood."""
    for stand_in, name in values.items():
        for spelt in {stand_in, escape(stand_in), quote(stand_in, safe="")}:
            text = text.replace(spelt, f"{_MARK}{_NOT_IN_NAMES.sub('_', name)}{_MARK}")
    pieces = text.split(_MARK)
    return "".join(f'"${{{piece}}}"' if index % 2 else _single(piece) for index, piece in enumerate(pieces)) or "''"


def _single(text: str) -> str:
    return shlex.quote(text) if text else ""
