"""Samples put together: a request with the answers that belong to it, by operation and binding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from contracts.derive.description import Caution
from contracts.derive.markup import Node
from contracts.derive.samples import Sample
from contracts.derive.text import Text
from contracts.model import Protocol
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE

_ENVELOPES: Final[dict[str, Protocol]] = {SOAP11_ENVELOPE: "soap11", SOAP12_ENVELOPE: "soap12"}
_MEANT: Final[tuple[tuple[re.Pattern[str], Protocol], ...]] = (
    (re.compile(r"https?://schemas\.(?:xml)?soap\.org/soap/envelope/?", re.IGNORECASE), "soap11"),
    (re.compile(r"https?://(?:www\.)?w3\.org/200[1-3]/\d\d/soap-envelope/?", re.IGNORECASE), "soap12"),
)
"""Namespaces of envelopes with a slip in them, and those of drafts, which tutorials have spread."""
_ANSWER: Final = re.compile(r"(?:Response|Result|Reply|Return)$")
_QUESTION: Final = re.compile(r"(?:Request|Req)$")


@dataclass(eq=False)
class Call:
    """One documented call: a request over a binding, and its answers. `further` are more samples of the request."""

    name: str
    protocol: Protocol
    request: Sample
    answers: list[Sample] = field(default_factory=list)
    further: list[Sample] = field(default_factory=list)

    @property
    def responses(self) -> list[Sample]:
        """The answers of success."""
        return [each for each in self.answers if each.role == "response"]

    @property
    def errors(self) -> list[Sample]:
        """The answers that report an error in the service's own form; SOAP's own Fault is no promise of a page's."""
        return [each for each in self.answers if each.role == "error" and not _is_fault(each)]


def calls_of(
    text: Text, samples: Sequence[Sample], name: str | None, fallback: str
) -> tuple[list[Call], list[Caution]]:
    """The calls that a page documents, in the order printed, and what could not be used of it.

    `name` names the operation where the page documents one; `fallback` does where the page does not name it either.
    """
    cautions: list[Caution] = []
    calls: list[Call] = []
    orphans: list[Sample] = []
    titled = name or title_name(text) or _answered_name(samples)
    for sample in samples:
        if sample.is_foreign:
            cautions.append(Caution(sample.source, "a sample in JSON, CSV or another form than XML is passed over"))
        elif sample.envelope_namespace is not None and sample.root is not None and not sample.root.children:
            cautions.append(Caution(sample.source, "an envelope whose content is left out is passed over"))
        elif sample.role == "request":
            protocol, uri = _protocol(sample), sample.envelope_namespace
            if uri is not None and protocol is None:
                problem = f"an envelope in {uri or 'no namespace'}, which no version of SOAP has: passed over"
                cautions.append(Caution(sample.source, problem))
            elif uri is not None and uri not in _ENVELOPES:
                problem = f"an envelope in {uri}: read as {'SOAP 1.1' if protocol == 'soap11' else 'SOAP 1.2'}"
                cautions.append(Caution(sample.source, problem))
            if protocol is not None:
                calls.append(Call(_operation_name(sample, protocol, titled, fallback), protocol, sample))
        elif sample.is_bare or not _attached(sample, calls):
            orphans.append(sample)
    _rename_bare(text, calls)
    for sample in orphans:
        if sample.is_bare:
            cautions += _attached_bare(sample, calls)
            continue
        unanswered = next((call for call in calls if not call.answers), None)
        if unanswered is not None:  # a page that shows the answer first
            unanswered.answers.append(sample)
        else:
            cautions.append(Caution(sample.source, "a response that no request on the page belongs to is passed over"))
    return calls, cautions


def title_name(text: Text) -> str | None:
    """The operation's name as a heading gives it: the first line that holds one name alone and no everyday word."""
    for line in text.content.splitlines()[:40]:
        match = re.fullmatch(r"[\s#*|]*([^\W\d][\w.-]*)[\s#*|:]*", line)
        if match and (re.search(r"[a-z0-9_][A-Z]|_", match.group(1)) or line.lstrip().startswith("#")):
            return match.group(1)
        first = re.match(r"[\s#*|]*([^\W\d]\w*[a-z0-9_][A-Z]\w*)\s", line)
        if first and len(line) > _FLATTENED:
            return first.group(1)
    return None


def _answered_name(samples: Sequence[Sample]) -> str | None:
    """The operation's name as its answer's element gives it: `FindResponse`."""
    payloads = [sample.payload for sample in samples if sample.role == "response"]
    names = [payload.local for payload in payloads if payload is not None]
    return next((stem(each) for each in names if stem(each) != each), None)


_FLATTENED: Final = 400
"""Characters of a line that is a whole page whose newlines were lost: it begins with the heading."""


def _rename_bare(text: Text, calls: Sequence[Call]) -> None:
    """Gives operations whose element has another name than they have the name that SOAPAction and a heading agree on.

    A document/literal operation may take any element; its samples over SOAP 1.2 do not say what it is called.
    """
    headings = _headings(text, calls)
    meant: dict[str, set[str]] = {}
    for call in calls:
        action = call.request.fields.get("soapaction", "").strip("\"'").rstrip("/")
        meant.setdefault(call.name, set()).update({re.split(r"[/#:]", action)[-1]} - {""})
    for call in calls:
        names = meant[call.name]
        if len(names) == 1 and names <= headings and not _is_in_path(call):
            call.name = named(next(iter(names)))


def _headings(text: Text, calls: Sequence[Call]) -> set[str]:
    """The lines of a page; where its line breaks are lost, the words before its first sample, too."""
    content = text.content
    lines = {line.strip(" #*|") for line in content.splitlines()}
    first = min((call.request.index for call in calls), default=0)
    start, end = content.rfind("\n", 0, first) + 1, content.find("\n", first)
    is_flattened = (end if end >= 0 else len(content)) - start > _FLATTENED
    return lines | set(re.findall(r"[^\W\d][\w.-]*\w", content[start:first])) if is_flattened else lines


def _is_in_path(call: Call) -> bool:
    """Whether the path of a request names the operation."""
    return call.request.head is not None and call.request.head.path.endswith(f"/{call.name}")


def _attached(sample: Sample, calls: Sequence[Call]) -> bool:
    """Gives an answer to the call that it belongs to: the last one before it; without a head, the one of its name."""
    payload = sample.payload if sample.head is None else None
    name = None if payload is None else stem(payload.local)
    named = [call for call in calls if name is not None and not call.answers and stem(call.name) == name]
    alike = [call for call in named if version_of(sample.envelope_namespace or "") == _soap(call)]
    call = next(iter([*alike, *calls[-1:]]), None)
    if call is not None:
        call.answers.append(sample)
    return call is not None


def _attached_bare(sample: Sample, calls: Sequence[Call]) -> list[Caution]:
    """Gives an answer without an envelope to the calls over SOAP that are named like it, or to all that are forms."""
    assert sample.root is not None
    name = stem(sample.root.local)
    named = [call for call in calls if _soap(call) and _named_so(call, name)]
    forms = [call for call in calls if call.protocol in ("http_get", "http_post")]
    unanswered = [call for call in named or forms if not any(each.role == sample.role for each in call.answers)]
    for call in unanswered:
        call.answers.append(sample)
    read = "read as what the Body holds" if named else "read as the answer to requests that are forms"
    problem = read if unanswered else "passed over, as answers are shown elsewhere"
    return [Caution(sample.source, f"an answer without an envelope ({sample.root.raw_name}): {problem}")]


def _named_so(call: Call, name: str) -> bool:
    """Whether the element that carries a request has a name, with or without an ending."""
    payload = call.request.payload
    return payload is not None and stem(payload.local) == name


def _soap(call: Call) -> Protocol | None:
    return call.protocol if call.protocol in ("soap11", "soap12") else None


@cache
def stem(name: str) -> str:
    """A name without the endings that tell requests from responses."""
    return _QUESTION.sub("", _ANSWER.sub("", name)) or name


def _protocol(sample: Sample) -> Protocol | None:
    """The binding that a request is made over; None for an envelope of an unknown version."""
    uri = sample.envelope_namespace
    if uri is not None:
        return version_of(uri)
    if sample.root is not None:
        return "xml"
    return "http_get" if sample.head is not None and sample.head.method in ("GET", "DELETE", "HEAD") else "http_post"


def version_of(uri: str) -> Protocol | None:
    """The version of SOAP whose envelope stands in a namespace, or is meant to; None for none."""
    meant = next((protocol for pattern, protocol in _MEANT if pattern.fullmatch(uri)), None)
    return _ENVELOPES.get(uri) or meant


def _operation_name(sample: Sample, protocol: Protocol, titled: str | None, fallback: str) -> str:
    """The operation's name: what a path of a stack's own ends in, else the element that carries it, else the title.

    An element of no namespace may wrap whatever is asked: it names the operation where no title does, or where only
    the declaration of its prefix was left out.
    """
    path = sample.head.path if sample.head else ""
    match = re.search(r"(?:\.as[mh]x|/(?:reply|oneway|syncreply|asynconeway))/([^/?{}]+)/?$", path, re.IGNORECASE)
    if match:
        return named(match.group(1))
    payload = sample.payload
    if payload is not None and (payload.namespace or protocol == "xml" or ":" in payload.raw_name or not titled):
        return named(payload.local)
    return named(titled or fallback)


def named(text: str) -> str:
    """A text as the name of an operation: letters, digits, `_`, `.` and `-`, no digit first."""
    name = re.sub(r"[^\w.-]+", "_", text).strip("_.-")
    return name if re.match(r"[^\W\d]", name) else f"_{name}" if name else "operation"


def _is_fault(sample: Sample) -> bool:
    payload = sample.payload
    return payload is not None and payload.local == "Fault"


def body_nodes(sample: Sample) -> list[Node]:
    """The elements of a sample that carry what it says: the Body's children, or the root."""
    if sample.envelope_namespace is not None:
        return [] if sample.body is None else sample.body.children
    return [sample.root] if sample.root is not None else []


def header_nodes(sample: Sample) -> list[Node]:
    """The header blocks of a sample."""
    return [] if sample.header is None else sample.header.children
