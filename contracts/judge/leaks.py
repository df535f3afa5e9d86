"""Checks on what answers give away, and on what the target does with what was meant to stay text.

Sources: CWE-209 and CWE-497 (error text), CWE-79 (echoes), CWE-611 and CWE-776 (entities), CWE-918 (requests made for
others).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, quote, unquote_plus
from xml.sax.saxutils import escape, unescape

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.judge.trees import text_of
from contracts.model import Requirement

_LOOKED_AT = 64 * 1024
"""Bytes of an answer that are searched: error text is short, and a search of all of a large one costs more than it
finds."""


def no_stack_trace(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error shows no stack trace. Source: CWE-209."""
    return _searched(answer, _TRACES, "StackTrace")


def no_internals(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error shows no path of the server's files, no SQL and no connection string. Source: CWE-209, CWE-497."""
    return _searched(answer, _INTERNALS, "InternalsTold")


_TRACES: Mapping[str, re.Pattern[str]] = {
    "a frame of .NET": re.compile(
        r"(?:^|\s|&#xD;)at [A-Za-z_][\w.`+<>\[\]]{0,200}\.[\w.`<>\[\]]{1,200} ?\([^()\n]{0,300}\)"
    ),
    "a frame of Java": re.compile(r"\bat [\w.$]{1,200}\([\w$]{1,100}\.(?:java|kt|scala|groovy):[0-9]{1,6}\)"),
    "a frame of Python": re.compile(r"Traceback \(most recent call last\)|File \"[^\"\n]{1,200}\", line [0-9]{1,6}"),
    "a frame of PHP": re.compile(
        r"Stack trace:\s{0,4}#0|#[0-9]{1,3} (?:/|[A-Z]:\\)[^\n(]{1,200}\([0-9]{1,6}\)"
        r"|\bin (?:/|[A-Z]:\\)[^\s:]{1,200}\.php(?::[0-9]{1,6}| on line [0-9]{1,6})"
    ),
    "a frame of Node.js": re.compile(
        r"\bat (?:[\w.<>\[\]]{1,100} ){0,3}\(?(?:file://)?(?:/|[A-Z]:\\|node:)[^\s():]{1,200}:[0-9]{1,6}:[0-9]{1,6}"
    ),
    "a frame of Ruby": re.compile(r"[\w./-]{1,100}\.rb:[0-9]{1,6}:in [`']"),
    "a frame of Go": re.compile(r"\bgoroutine [0-9]{1,9} \[|\bpanic: runtime error\b|[\w./-]{1,100}\.go:[0-9]{1,6}\b"),
    "a frame of Rust": re.compile(r"thread '[^'\n]{1,60}' panicked at|[\w./-]{1,100}\.rs:[0-9]{1,6}:[0-9]{1,6}"),
    "a filled StackTrace": re.compile(r"<(?:\w{1,20}:)?StackTrace\b[^>/]{0,200}>\s{0,20}[^<\s]"),
}
"""Every repetition has a bound: an answer is its sender's to make, and may be made to be slow to search."""

_INNER = r"(?:10\.[0-9]{1,3}|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))(?:\.[0-9]{1,3}){2}"
"""A private address of IPv4 (RFC 1918 section 3). Four numbers alone may be a version."""

_INTERNALS: Mapping[str, re.Pattern[str]] = {
    "a path of Windows": re.compile(r"(?<![\w/])[A-Za-z]:\\(?:[\w .$-]{1,60}\\){1,8}[\w.$-]{0,60}"),
    "a place in Perl": re.compile(r"\bat [\w./\\:-]{1,200}\.(?:pm|pl|cgi) line [0-9]{1,6}"),
    "a share of Windows": re.compile(r"\\\\[A-Za-z][\w.-]{1,60}\\[\w$.-]{1,60}"),
    "a path of Unix": re.compile(
        r"(?<![\w.:/])/(?:home|usr|var|opt|srv|etc|root|tmp|app|mnt|proc)/[\w.-]{1,100}(?:/[\w.-]{1,100}){0,8}"
    ),
    "SQL": re.compile(
        r"\b(?:SELECT\s[\w\s,.*\[\]\"`]{1,200}\sFROM\s|INSERT\s{1,4}INTO\s{1,4}\w"
        r"|UPDATE\s{1,4}\w{1,60}\s{1,4}SET\s|DELETE\s{1,4}FROM\s{1,4}\w)",
        re.IGNORECASE,
    ),
    "an error of a database": re.compile(
        r"\b(?:ORA-[0-9]{5}|SQLSTATE\[|SqlException|syntax error at or near|You have an error in your SQL"
        r"|Unclosed quotation mark|XPath(?:Eval)?(?:Exception|Error)\b|LDAPException"
        r"|near \"[^\"]{0,60}\": syntax error|unrecognized token: "
        r"|Login failed for user|Cannot open database|Access denied for user '|Invalid (?:object|column) name '"
        r"|no such (?:table|column): |(?:relation|column) \"[^\"]{1,60}\" does not exist|duplicate key value violates"
        r"|Violation of (?:PRIMARY|UNIQUE) KEY|String or binary data would be truncated|was deadlocked on"
        r"|prior to obtaining a connection from the pool|SQLException|OleDbException|PDOException|OperationalError\b)"
    ),
    "an address of an inner network": re.compile(
        rf"(?:\b(?:host|server|address|to|at|from)[ =:\"']{{1,3}}|//){_INNER}(?![\w.])"
        rf"|(?<![\w.]){_INNER}:[0-9]{{2,5}}\b",
        re.IGNORECASE,
    ),
    "a name of a directory": re.compile(
        r"\b(?:cn|uid|ou)=[^,=<>\n]{1,60}, ?(?:(?:ou|cn|o|dc)=[^,=<>\n]{1,60}, ?){0,6}(?:o|dc)=\w", re.IGNORECASE
    ),
    "a password in an address": re.compile(
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@<>]{1,60}:[^\s/@<>]{1,60}@", re.IGNORECASE
    ),
    "a key": re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b"),
    "a connection string": re.compile(
        r"\b(?:Data Source|Server|Initial Catalog|Database)\s{0,4}=\s{0,4}[^;<>\n]{1,100};[^<>\n]{0,200}?"
        r"(?:User Id|Uid|Password|Pwd|Integrated Security|Trusted_Connection)\s{0,4}=",
        re.IGNORECASE,
    ),
}


def _searched(answer: Answer, patterns: Mapping[str, re.Pattern[str]], name: str) -> Sequence[Problem] | None:
    """What of the patterns stands in an error, and did not stand in the request: an echo is the caller's own."""
    if answer.outcome in ("success", "empty", "no answer") or not answer.content:
        return None
    text = answer.content[:_LOOKED_AT].decode("utf-8", "replace")
    request = answer.exchange.sent
    sent = " ".join(((request.body or b"").decode("utf-8", "replace"), request.path, *(v for _, v in request.headers)))
    for what, pattern in patterns.items():
        found = pattern.search(text)
        if found is not None and found.group().strip() not in sent:
            return [Problem(name, "an error without it", f"{what}: {found.group().strip()[:120]}", "body")]
    return KEPT


def echo_is_escaped(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Markup of the request that comes back as HTML is escaped. Source: CWE-79, RFC 9110 section 17.

    It speaks of answers that a browser would read as a page.
    """
    media_type = answer.media_type or ""
    sent = [] if answer.envelope is not None else _sent_markup(answer)
    if not sent or ("html" not in media_type and media_type) or not answer.content:
        return None
    text = answer.content[:_LOOKED_AT].decode("utf-8", "replace")
    found = next((each for each in sent if each in text), None)
    return KEPT if found is None else [Problem("MarkupEchoed", "escaped markup", found[:80], "body")]


def _sent_markup(answer: Answer) -> list[str]:
    """Markup of the request: scripts that stood there as text, and the tag that its own document begins with."""
    sent = answer.exchange.sent
    body = (sent.body or b"")[:_LOOKED_AT].decode("utf-8", "replace")
    values = (unescape(body), unquote_plus(body), unquote_plus(sent.path[:_LOOKED_AT]))
    root = _ROOT_TAG.search(body[:2048])
    own = [] if root is None or root.group().lower().startswith(("<html", "<a")) else [root.group()]
    scripts = [script for value in values if "<script" in value.lower() for script in _SCRIPT.findall(value)]
    return [*scripts, *own]


_SCRIPT = re.compile(r"<script[^<]{0,100}</script>", re.IGNORECASE)
_ROOT_TAG = re.compile(r"<[A-Za-z_][\w.-]*:?[\w.-]*[^<>]{0,200}>")


def credentials_are_not_told(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error does not repeat a credential of the request, in its body or a field. Source: CWE-209, CWE-200.

    Values too short to be told from chance are left out.
    """
    if answer.outcome in ("success", "empty", "no answer"):
        return None
    sent = {name: value for name, value in _sent_credentials(answer) if len(value) >= MIN_CREDENTIAL}
    if not sent:
        return None
    places = [("body", answer.content[:_LOOKED_AT].decode("utf-8", "replace")), *answer.response.headers]
    return [
        Problem("CredentialTold", f"an error without {name}", f"{name} in the {place}", place)
        for name, value in sent.items()
        for place, text in places
        if any(each in text for each in (value, escape(value), quote(value, "")))
    ]


MIN_CREDENTIAL = 8
"""Characters of a value that does not stand in an answer by chance."""


def _sent_credentials(answer: Answer) -> Iterator[tuple[str, str]]:
    """The credentials and secrets of a request, by name."""
    leaves = [leaf for leaf in answer.operation.leaves if leaf.credential or leaf.secret]
    if answer.binding.is_form:
        sent = answer.exchange.sent
        text = sent.path.partition("?")[2] or (sent.body or b"").decode("ascii", "replace")
        given = dict(parse_qsl(text, max_num_fields=1000) if len(text) < _LOOKED_AT else ())
        yield from ((leaf.name, given[leaf.path]) for leaf in leaves if leaf.path in given)
    elif answer.request_root is not None:
        names = {leaf.name for leaf in leaves}
        for name in names:
            for each in answer.request_root.iter(f"{{*}}{name}"):
                yield name, text_of(each)


def _is_probed(answer: Answer, requirement: Requirement) -> bool:
    """Whether an answer is one to the messages of the requirement's probe, the known-good ones between them included:
    what a probe sets off may take a moment.
    """
    return answer.exchange.message.item.partition(":")[2] == requirement.parameters["probing"]


def nothing_is_fetched(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """The target asked no one for what a message of the requirement named. Source: CWE-611, CWE-918."""
    if not _is_probed(answer, requirement):
        return None
    fetched = answer.exchange.fetched
    return (
        [Problem("Fetched", "no request of the target's own", ", ".join(fetched)[:200], "witness")] if fetched else KEPT
    )


def no_file_is_shown(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """No answer to a message that names a file of the server holds what stands in such files. Source: CWE-611."""
    if not _is_probed(answer, requirement) or not answer.content:
        return None
    text = answer.content[:_LOOKED_AT].decode("utf-8", "replace")
    found = next((shown.group() for pattern in _FILES for shown in [pattern.search(text)] if shown), None)
    return [Problem("FileShown", "nothing of the server's files", found[:60], "body")] if found else KEPT


_FILES = (
    re.compile(r"root:[^:\n]*:0:0:"),
    re.compile(r"\[(?:fonts|extensions|mci extensions)\]", re.IGNORECASE),
    re.compile(r"localhost(?:\.localdomain)?\s+localhost|127\.0\.0\.1\s+localhost|::1\s+\S*localhost"),
)
"""What the files hold that probes name: /etc/passwd, win.ini, hosts."""


def no_expansion_is_shown(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """Entities of a message are not expanded into its answer. Source: CWE-776, XML 1.0 section 4.4."""
    if not _is_probed(answer, requirement) or not answer.content:
        return None
    mark = str(requirement.parameters["mark"]).encode()
    times = answer.content.count(mark)
    if times < MAX_ECHOES:
        return KEPT
    return [Problem("EntitiesExpanded", f"fewer than {MAX_ECHOES} copies of an entity", f"{times} of them", "body")]


MAX_ECHOES = 640
"""Copies of an entity, of 16 bytes each, that an answer may hold: 10 KB and more are worth an attacker's while."""


def no_field_is_injected(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """What a value says behind the end of a line is no field of the answer. Source: CWE-113."""
    if not _is_probed(answer, requirement):
        return None
    found = [name for name, _ in answer.response.headers if name.lower() == INJECTED.lower()]
    return [Problem("FieldInjected", f"no {INJECTED}", found[0], "fields")] if found else KEPT


INJECTED = "X-Soapstone-Injected"
"""The field that the probe's value would add."""
