"""An exchange as commands that a reader can run: secrets stand as variables, bodies in files."""

import base64
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from contracts.judge.records import Exchange
from contracts.values import in_xml

LONGEST_BODY = 16 * 1024
"""Bytes of a body beyond which a command gives only the way to get it."""

_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)


def curl_command(exchange: Exchange, target: str, values: Mapping[str, str]) -> str:
    """The shell commands that send an exchange again. `values` gives the names of configured values by stand-in.

    Host, Content-Length and Connection are left to curl.
    """
    sent = exchange.sent
    shell = _Shell(values)
    parts = ["curl", "--silent", "--show-error", "--include", "--request", shell.quoted(sent.method)]
    for name, value in sent.headers:
        if name.lower() not in _OWN_FIELDS:
            parts += ["\\\n  --header", shell.field(name, value)]
    lines = []
    if sent.body is not None:
        file = f"exchange-{exchange.number}.body"
        lines.append(_body_file(sent.body, file, shell))
        parts += ["\\\n  --data-binary", f"@{file}"]
    parts += ["\\\n ", shell.quoted(target + sent.path)]
    return "\n".join([*shell.recoded(), *lines, " ".join(parts)])


_OWN_FIELDS = frozenset({"host", "content-length", "connection", "accept-encoding"})


def replay_command(exchange: Exchange, target: str, values: Mapping[str, str]) -> str:
    """The command that sends an exchange again and has its answer judged; with a configuration where it needs one."""
    service = exchange.message.service
    needs = " --config targets.toml" if _Shell(values).stands_in(exchange) else ""
    named = shlex.quote(f"{service}={target}")
    return f"soapstone replay evidence.jsonl --exchange {exchange.number} --target {named}{needs}"


class _Shell:
    """Quotes text for a shell, with variables where stand-ins stood, and knows which recodings those need."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._variables = {
            spelt(stand_in): (_NOT_IN_NAMES.sub("_", name), suffix if spelt(stand_in) != stand_in else "")
            for suffix, spelt in reversed(SPELLINGS)
            for stand_in, name in values.items()
        }
        self._used: dict[tuple[str, str], None] = {}

    def stands_in(self, exchange: Exchange) -> bool:
        """Whether a stand-in occurs in a request, its fields of proof included."""
        sent = exchange.sent
        text = sent.path + (_text(sent.body or b"", sent.encoding) or "")
        return any(spelt in text for spelt in self._variables) or any(is_proof(name) for name, _ in sent.headers)

    def quoted(self, text: str) -> str:
        """Text with variables where stand-ins stood."""
        if not self._variables:
            return shlex.quote(text)
        pieces = []
        for index, piece in enumerate(_split(text, self._variables)):
            if index % 2:
                variable = self._variables[piece]
                self._used[variable] = None
                pieces.append(f'"${{{"_".join(filter(None, variable))}}}"')
            elif piece:
                pieces.append(shlex.quote(piece))
        return "".join(pieces) or "''"

    def field(self, name: str, value: str) -> str:
        """A field of HTTP; what proves the caller is a variable of the field's name."""
        if not is_proof(name):
            return self.quoted(f"{name}: {value}")
        scheme = value.partition(" ")[0] + " " if " " in value else ""
        return f'{shlex.quote(f"{name}: {scheme}")}"${{{_NOT_IN_NAMES.sub("_", name)}}}"'

    def recoded(self) -> Iterator[str]:
        """The lines that make variables of a spelling from those that the reader sets."""
        for name, suffix in self._used:
            if suffix:
                yield f"{name}_{suffix}=$(python3 -c '{_RECODE[suffix]}' \"${{{name}}}\")"


SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", str),
    ("xml", escape),
    ("xml", in_xml),
    ("url", lambda value: quote(value, safe="")),
    ("url", quote_plus),
)
"""How a value is written where it stands, and the end of the name of the variable that holds it so written."""

_RECODE: Mapping[str, str] = {
    "xml": 'import sys, html; print(html.escape(sys.argv[1], False).encode("ascii", "xmlcharrefreplace").decode())',
    "url": "import sys, urllib.parse; print(urllib.parse.quote_plus(sys.argv[1]))",
}


def is_proof(field: str) -> bool:
    """Whether a field of HTTP, by its name, proves who calls: no message of a plan has such a one of its own."""
    return _PROOF.search(field) is not None


_PROOF = re.compile("authori[sz]ation|api-?key|token|secret|cookie|(?:^|-)key$", re.IGNORECASE)


def _split(text: str, variables: Mapping[str, object]) -> list[str]:
    """The text around stand-ins, and every second time a stand-in, the longest that fits."""
    longest_first = sorted(variables, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, longest_first))})", text)


def _body_file(body: bytes, name: str, shell: _Shell) -> str:
    """The command that makes a file of a body, byte for byte but for the variables."""
    if len(body) > LONGEST_BODY:
        return f"# {name} is to hold the {len(body):,} bytes of the request's body, as the evidence log gives them"
    for mark, charset in _CHARSETS.items():
        if body.startswith(mark):
            text = _text(body[len(mark) :], charset)
            if text is not None and charset == "utf-8":
                return f"printf %s {shell.quoted(text)} > {name}"
            if text is not None:
                octal = "".join(f"\\{byte:03o}" for byte in mark)
                recoded = f"printf %s {shell.quoted(text)} | iconv -f UTF-8 -t {charset.upper()}"
                return f"{{ printf '{octal}'; {recoded}; }} > {name}"
    return f"base64 -d > {name} <<'END'\n{base64.encodebytes(body).decode()}END"


_CHARSETS = {b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be", b"": "utf-8"}
"""The charsets that a body is told in as text, by the byte order mark that it begins with."""


def _text(body: bytes, charset: str) -> str | None:
    """The body as text without a NUL, which no command can hold; None where it is none."""
    try:
        text = body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\0" in text else text
