"""Faults that an attacker looks for: entities, injection, what errors give away, and services that can be put down."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit
from urllib.request import ProxyHandler, build_opener

from lxml import etree

from reference import asmx, studebaker
from reference.calls import DOCUMENT, LEAF, OUTCOME, REQUEST, RESPONSE, VALUES, Call, Leaf, Outcome, at
from reference.http import Request, Response
from reference.planted.making import is_error
from reference.planted.values import Values
from reference.refusals import Kind, Refusal

# Entities

_DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[(.*?)\]\s*)?>", re.DOTALL)
_INTERNAL = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_EXTERNAL = re.compile(r"<!ENTITY\s+(%\s*)?([\w.-]+)\s+(?:SYSTEM|PUBLIC\s+[\"'][^\"']*[\"'])\s+[\"']([^\"']*)[\"']\s*>")
_SUBSET = re.compile(r"<!DOCTYPE\s+[\w:.-]+\s+(?:SYSTEM|PUBLIC\s+[\"'][^\"']*[\"'])\s+[\"']([^\"']*)[\"']")
DEPTH, SIZE = 12, 1_000_000
"""How deep entities are followed, and how many characters they may come to."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _subset(body: bytes) -> tuple[bytes, str] | None:
    """The request without its document type declaration, and the declarations that were in it."""
    match = _DOCUMENT_TYPE.search(body)
    if match is None:
        return None
    return body[: match.start()] + body[match.end() :], (match.group(1) or b"").decode(errors="replace")


def _expanded(text: str, entities: dict[str, str], depth: int = DEPTH) -> str:
    """The text with the references to those entities replaced, however deep."""

    def resolve(match: re.Match[str]) -> str:
        known = entities.get(match[1])
        return match[0] if known is None else known

    for _ in range(depth):
        replaced = re.sub(r"&([\w.-]+);", resolve, text)
        if replaced == text or len(replaced) > SIZE:
            break
        text = replaced
    return text


@at(REQUEST)
def expands_internal_entities(request: Request, call: Call) -> Request:
    """Reads the declarations of the request, and puts in what they say."""
    found = _subset(request.body)
    if found is None:
        return request
    body, declarations = found
    entities = {name: one or other for name, one, other in _INTERNAL.findall(declarations)}
    return replace(request, body=_expanded(body.decode(errors="replace"), entities).encode())


def _fetched(address: str) -> str:
    """What stands at an address of this machine: no other is ever asked, and no file that not everybody may read."""
    parts = urlsplit(address)
    try:
        if parts.scheme == "http" and parts.hostname in LOOPBACK:
            with build_opener(ProxyHandler({})).open(address, timeout=2) as answer:
                return bytes(answer.read(4_096)).decode(errors="replace")
        if parts.scheme == "file" and parts.hostname in (None, "", "localhost"):
            file = Path(unquote(parts.path))
            if file.is_file() and file.stat().st_mode & stat.S_IROTH:
                with file.open("rb") as stream:
                    return stream.read(4_096).decode(errors="replace")
    except (OSError, ValueError):
        pass
    return ""


@at(REQUEST)
def fetches_external_entities(request: Request, call: Call) -> Request:
    """Reads what external entities name, and puts it in."""
    found = _subset(request.body)
    if found is None:
        return request
    body, declarations = found
    entities = {name: escape(_fetched(address)) for _, name, address in _EXTERNAL.findall(declarations)}
    return replace(request, body=_expanded(body.decode(errors="replace"), entities).encode())


@at(REQUEST)
def fetches_external_entities_before_refusing(request: Request, call: Call) -> Request:
    """Asks for what the declarations name, and refuses the message afterwards."""
    found = _subset(request.body)
    if found is not None:
        for _, _, address in _EXTERNAL.findall(found[1]):
            _fetched(address)
    return request


@at(REQUEST)
def fetches_external_subset(request: Request, call: Call) -> Request:
    """Loads the document type that a request names."""
    match = _SUBSET.search(request.body.decode(errors="replace"))
    if match:
        _fetched(match[1])
    return request


@at(DOCUMENT)
def processes_xinclude(root: etree._Element, call: Call) -> etree._Element:
    """Replaces inclusions by what they name."""
    for inclusion in list(root.iter("{http://www.w3.org/2001/XInclude}include")):
        parent = inclusion.getparent()
        if parent is not None:
            parent.text = (parent.text or "") + _fetched(inclusion.get("href", ""))
            parent.remove(inclusion)
    return root


# What puts the service down


DOWN = Response(503, b"Service Unavailable", "text/plain; charset=us-ascii")
RESTART = 3
"""Answers of what stands before a service while it is started again."""


def _broken_by(is_too_much: Callable[[Request], bool]) -> Callable[[Response, Call], Response]:
    """Serves nothing any more after the first request of that kind."""

    def change(response: Response, call: Call) -> Response:
        if is_too_much(call.request):
            call.state.memory.exchange(f"{call.binding} down", "yes")
        return DOWN if call.state.memory.latest(f"{call.binding} down", "") else response

    return change


def _restarted_by(is_too_much: Callable[[Request], bool], gone: Response) -> Callable[[Response, Call], Response]:
    """Ends at each request of that kind, and is started again by what watches over it, a few requests later."""

    def change(response: Response, call: Call) -> Response:
        place = f"{call.binding} restarting"
        if is_too_much(call.request):
            call.state.memory.exchange(place, RESTART)
            return gone
        left = call.state.memory.latest(place, 0)
        call.state.memory.exchange(place, left - 1)
        return gone if left > 0 else response

    return change


def _depth(body: bytes) -> int:
    """How deep the tags of the request are nested, comments and the like apart."""
    depth = deepest = 0
    for tag in re.finditer(rb"<(/?)[A-Za-z_][^<>]*?(/?)>", body):
        depth += -1 if tag[1] else (0 if tag[2] else 1)
        deepest = max(deepest, depth)
    return deepest


def _is_large(request: Request) -> bool:
    return len(request.body) + len(request.query) > 60_000


def _has_document_type(request: Request) -> bool:
    return b"<!DOCTYPE" in request.body


def _naming(scheme: str) -> Callable[[Request], bool]:
    """Whether a request names something of that scheme in a document type declaration or an entity."""
    named = re.compile(rb"<!(?:DOCTYPE|ENTITY)[^>]*[\"']" + scheme.encode() + b":")
    return lambda request: named.search(request.body) is not None


at(RESPONSE, "dies_of_deep_nesting")(_broken_by(lambda request: _depth(request.body) > 100))
at(RESPONSE, "dies_of_large_request")(_broken_by(_is_large))
at(RESPONSE, "dies_of_document_type")(_broken_by(_has_document_type))
CLOSED = replace(DOWN, wire="restarts_after_document_type")
at(RESPONSE, "restarts_after_deep_nesting")(_restarted_by(lambda request: _depth(request.body) > 100, DOWN))
at(RESPONSE, "restarts_after_large_request")(_restarted_by(_is_large, DOWN))
at(RESPONSE, "restarts_after_document_type")(_restarted_by(_has_document_type, CLOSED))
at(RESPONSE, "restarts_after_external_address")(_restarted_by(_naming("http"), DOWN))
at(RESPONSE, "restarts_after_external_file")(_restarted_by(_naming("file"), DOWN))

# Data taken for code

_SQL = "Unclosed quotation mark after the character string ''. Incorrect syntax near 'x'. (SqlException, error 105)"
_XPATH = "XPathException: '//session[id=' has an invalid token."


def _failing_on_quotes(error: str) -> Callable[[Leaf, Call], Leaf]:
    def change(leaf: Leaf, call: Call) -> Leaf:
        if leaf.type_name == "string" and "'" in leaf.text:
            raise Refusal(Kind.BUSINESS, f"Server was unable to process request. ---> {error}")
        return leaf

    return change


at(LEAF, "sql_error_for_a_quote")(_failing_on_quotes(_SQL))
at(LEAF, "xpath_error_for_a_quote")(_failing_on_quotes(_XPATH))
_TRUE = re.compile(r"['\"]\s*(or|\|\|)\s", re.IGNORECASE)


@at(VALUES)
def lets_in_by_sql_injection(values: Values, call: Call) -> Values:
    if any(_TRUE.search(str(values[member] or "")) for member in ("Username", "Password")):
        return {**values, "Username": call.state.username, "Password": call.state.password}
    return values


@at(VALUES)
def opens_session_by_sql_injection(values: Values, call: Call) -> Values:
    """Takes a quote in the session's name for the end of it."""
    if _TRUE.search(str(values["SessionID"] or "")):
        return {**values, "SessionID": call.state.ecgridos_sessions.mint()}
    return values


@at(VALUES)
def ends_session_by_sql_injection(values: Values, call: Call) -> Values:
    if _TRUE.search(str(values.get("sessionid") or "")):
        return {**values, "sessionid": call.state.partstream_sessions.mint()}
    return values


def _texts(request: Request) -> list[str]:
    """What a request holds as text: its parameters, or the text of its elements and their references."""
    pairs = parse_qsl(request.query or request.body.decode(errors="replace"), keep_blank_values=True)
    inner = re.findall(rb">([^<>]+)<", request.body)
    unescaped = [re.sub(r"&#(x?)([0-9a-fA-F]+);", _character, each.decode(errors="replace")) for each in inner]
    return [*(value for _, value in pairs), *unescaped]


def _character(match: re.Match[str]) -> str:
    code = int(match[2], 16 if match[1] else 10) if match[1] or match[2].isdigit() else 0
    return chr(code) if 0 < code < 0xD800 else ""


@at(RESPONSE)
def header_split_by_a_value(response: Response, call: Call) -> Response:
    """Repeats what was sent in a field of the answer, line ends and all."""
    for text in _texts(call.request):
        lines = re.split(r"\r\n?|\n", text)
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon and re.fullmatch(r"[\w-]+", name.strip(), re.ASCII) and value.strip().isascii():
                response = replace(response, fields=(*response.fields, (name.strip(), value.strip())))
    return response


# What errors give away


def _telling(text: str) -> Callable[[Outcome, Call], Outcome]:
    """Adds to the reason of every refusal."""

    def change(outcome: Outcome, call: Call) -> Outcome:
        if not isinstance(outcome, Refusal):
            return outcome
        return Refusal(outcome.kind, f"{outcome.reason} {text}", header_block=outcome.header_block)

    return change


at(OUTCOME, "stack_trace_of_net_in_error")(
    _telling(
        "System.FormatException: Input string was not in a correct format.\n"
        "   at System.Number.StringToNumber(String str, NumberStyles options)\n"
        "   at Service.Read(XmlReader reader) in D:\\builds\\service\\Service.asmx.cs:line 118"
    )
)
at(OUTCOME, "stack_trace_of_java_in_error")(
    _telling(
        "java.lang.NumberFormatException: For input string\n"
        "\tat java.lang.Integer.parseInt(Integer.java:580)\n"
        "\tat com.example.service.Reader.read(Reader.java:42)"
    )
)
at(OUTCOME, "stack_trace_of_python_in_error")(
    _telling(
        'Traceback (most recent call last):\n  File "/srv/service/app.py", line 61, in read\n'
        "    return int(text)\nValueError: invalid literal for int()"
    )
)
at(OUTCOME, "stack_trace_of_go_in_error")(
    _telling(
        "panic: runtime error: index out of range [3] with length 2\n\ngoroutine 18 [running]:\n"
        "main.handle(0xc0000b2000)\n\t/src/service/main.go:88 +0x1d"
    )
)
at(OUTCOME, "place_in_perl_in_error")(
    _telling('Can\'t locate object method "open" via package "Session" at Service/Handler.pm line 214.')
)
at(OUTCOME, "database_login_in_error")(_telling("Login failed for user 'service'. Timed out."))
at(OUTCOME, "inner_address_in_error")(_telling("Could not connect to 10.1.2.3:1433."))
at(OUTCOME, "directory_name_in_error")(_telling("Bind failed: cn=service,ou=apps,dc=corp,dc=example."))
at(OUTCOME, "password_of_database_in_error")(_telling("Cannot reach mongodb://service:hunter2hunter2@db1:27017/log."))
at(OUTCOME, "share_in_error")(_telling("Could not open \\\\fileserver01\\config$\\service.xml."))
at(OUTCOME, "path_in_error")(_telling("Uncaught SoapFault in /var/www/html/service/endpoint.php on line 212"))
at(OUTCOME, "windows_path_in_error")(_telling("Could not find a part of 'C:\\inetpub\\wwwroot\\service\\log.txt'."))
at(OUTCOME, "sql_in_error")(
    _telling("Query failed: SELECT id, owner FROM sessions WHERE id = 'x' (ORA-00942: table or view does not exist)")
)
at(OUTCOME, "connection_string_in_error")(
    _telling("Cannot open database: Server=db01;Database=service;User Id=sa;Password=hunter2hunter2;")
)


@at(RESPONSE)
def session_in_cookie_of_errors(response: Response, call: Call) -> Response:
    """Keeps in a cookie whatever SessionID was sent."""
    sent = (call.request.body + call.request.query.encode()).decode(errors="replace")
    found = re.search(r"SessionID(?:=|>)([\w-]+)", sent)
    if found is None or response.status_code < 400:
        return response
    return replace(response, fields=(*response.fields, ("Set-Cookie", f"session={found[1]}; HttpOnly")))


def _credentials(call: Call) -> str:
    state = call.state
    sent = call.request.body + call.request.query.encode()
    known = (state.device_serial_number, state.session_uid, state.password)
    secrets = [secret for secret in known if secret.encode() in sent]
    session = re.search(rb"(?i)sessionid[^>=]*[>=]([0-9a-f]{32})", sent)
    return " ".join((*secrets, *([session[1].decode()] if session else [])))


@at(OUTCOME)
def credentials_in_error(outcome: Outcome, call: Call) -> Outcome:
    """Tells, for the log's sake, with which credentials the call was made."""
    return _telling(f"(called with {_credentials(call)})")(outcome, call) if _credentials(call) else outcome


@at(RESPONSE)
def refusal_repeats_the_message_as_html(response: Response, call: Call) -> Response:
    """Shows what was sent, unescaped, on a page of HTML."""
    if not is_error(response):
        return response
    sent = call.request.body + unquote_plus(call.request.query).encode()
    page = b"<html><body><h1>Bad request</h1>" + sent + b"</body></html>"
    return Response(500, page, "text/html; charset=utf-8")


@at(RESPONSE)
def login_error_with_password(response: Response, call: Call) -> Response:
    """Says which password could not be read."""
    sent = re.search(rb"Password[^>]*>([^<]+)<", call.request.body)
    if response.status_code < 400 or sent is None:
        return response
    password = sent[1].decode(errors="replace")
    refusal = Refusal(Kind.VALUE, f"No login with the password {password}.")
    return studebaker.refused(call, refusal)


@at(RESPONSE)
def crashes_on_unknown_type(response: Response, call: Call) -> Response:
    """Looks for the class that xsi:type names, and says that it has none."""
    named = re.search(rb"type=[\"']([^\"']*)[\"']", call.request.body)
    if not named or b"xsd:" in named[1] or b"xs:" in named[1]:
        return response
    words = f"System.TypeLoadException: {named[1].decode(errors='replace')}\n   at System.Type.GetType(String name)"
    return asmx.refused(call, Refusal(Kind.BUSINESS, words))
