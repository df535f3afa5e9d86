"""The samples on a page: requests and responses with their HTTP heads, fields and bodies, in the order printed.

Nothing here depends on the words around the samples, which are printed in any language, unless a sample has no head
of its own: then they tell a request from a response.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from contracts.derive.markup import Fault, Node, Parsed, parse
from contracts.derive.text import Text
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE
from contracts.sources import Source

Role: TypeAlias = Literal["request", "response", "error"]


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of an HTTP message: method and target of a request, or status of a response."""

    index: int
    end: int
    method: str = ""
    target: str = ""
    status: int = 0

    @property
    def is_request(self) -> bool:
        """Whether it is a request line."""
        return bool(self.method)

    @property
    def path(self) -> str:
        """The path of the target, without its query."""
        return urlsplit(self._url).path

    @property
    def host(self) -> str | None:
        """The host that the target itself names; None where it is a path alone."""
        return urlsplit(self._url).netloc or None

    @property
    def _url(self) -> str:
        """The target as a URL: some pages print the host without a scheme."""
        return self.target if self.target.startswith("/") or "://" in self.target else f"http://{self.target}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query or a form, with the word that stands for its value."""

    name: str
    value: str
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample as printed, from `index` to `end`; `root` is None for a body that is no XML or not there.

    `is_bare` marks an answer that stands without an envelope on a page that shows envelopes.
    """

    role: Role
    index: int
    end: int
    head: Head | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    root: Node | None = None
    parameters: tuple[Parameter, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_untyped: bool = False
    is_foreign: bool = False
    is_bare: bool = False
    page: Text | None = None

    @property
    def source(self) -> Source:
        """Where the sample begins."""
        return self.at(self.index)

    def at(self, index: int) -> Source:
        """The place of an index of the page's text."""
        assert self.page is not None
        return self.page.place(index)

    @property
    def envelope_namespace(self) -> str | None:
        """Namespace of the SOAP envelope; None where the body is none."""
        return self.root.namespace if self.root is not None and self.root.local == "Envelope" else None

    @property
    def body(self) -> Node | None:
        """The Body of the envelope."""
        return self.root.child("Body") if self.root is not None and self.envelope_namespace is not None else None

    @property
    def header(self) -> Node | None:
        """The Header of the envelope."""
        return self.root.child("Header") if self.root is not None and self.envelope_namespace is not None else None

    @property
    def payload(self) -> Node | None:
        """The Body's only child, or the root of a document without envelope; None where there is not exactly one."""
        if self.envelope_namespace is None:
            return self.root
        return self.body.children[0] if self.body is not None and len(self.body.children) == 1 else None


def samples_of(text: Text) -> list[Sample]:
    """Every sample of a page, in the order printed."""
    heads = list(_heads(text.content))
    found: list[Sample] = []
    done = 0
    for index, head in enumerate(heads):
        end = heads[index + 1].index if index + 1 < len(heads) else len(text.content)
        found += _standing_alone(text.content, done, head.index, found)
        found.append(_headed(text.content, head, end))
        done = found[-1].end
    found += _standing_alone(text.content, done, len(text.content), found)
    if any(sample.envelope_namespace is not None for sample in found):
        found = sorted([*found, *_bare_answers(text.content, found)], key=lambda sample: sample.index)
    if found and all(sample.role != "request" for sample in found):
        found = sorted([*_addresses(text.content, found), *found], key=lambda sample: sample.index)
    return placed_in(text, found)


def placed_in(text: Text, samples: Sequence[Sample]) -> list[Sample]:
    """Samples with their places in a text: that which they were read from, or the same under another name."""
    for node in (node for sample in samples if sample.root is not None for node in sample.root.walk()):
        node.page = text
    return [replace(sample, page=text) for sample in samples]


# --- heads ------------------------------------------------------------------------------------------------------------

_METHODS: Final = "GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS"
_TARGET: Final = (
    r"(?:https?://|/|[\w-]+(?:\.[\w-]+)+(?::\d+)?/)[^\s<>|\"]*"
    r"(?:(?:(?<=[&?])\s+(?!HTTP/)|\s+[&?])[\w.\[\]$-]+=[^\s<>|\"]*)*"
)
_REQUEST: Final = re.compile(
    rf"(?<![A-Z/-])(?P<method>{_METHODS})\s+(?P<target>{_TARGET})(?P<version>\s+HTTP\s?/\s?\d(?:\.\d)?)?", re.ASCII
)
_STATUS: Final = re.compile(r"HTTP\s?/\s?\d(?:\.\d)?\s+(?P<status>[1-5]\d\d)\b[ ]*(?:OK|Accepted|No Content|Created)?")
_FIELD_NAMES: Final = (
    "Accept-Encoding|Accept-Charset|Accept-Language|Accept|Authorization|Cache-Control|Connection|Content-Encoding|Content-Length|"
    "Content-Type|Cookie|Date|Expect|Expires|Host|Pragma|Server|Set-Cookie|SOAPAction|Transfer-Encoding|User-Agent|"
    r"Vary|X-[\w-]+"
)
_FIELD: Final = re.compile(
    rf"(?:(?i:(?<![\w/-])(?P<name>{_FIELD_NAMES}))"
    r"|(?<=[\w\"'])(?P<run_on>Host|Content-Type|Content-Length|SOAPAction|Accept))\s?:(?![/:])[ ]*"
)
"""A field's name. The second alternative is for text whose lines ran into each other without a space."""
_VALUES: Final[Mapping[str, re.Pattern[str]]] = {
    "host": re.compile(r"\s*([^\s|<]+)"),
    "content-length": re.compile(r"\s*(length|n{3,}|\d+|\w+)"),
    "content-type": re.compile(
        r"\s*([\w.+-]+\s?/\s?[\w.+-]+(?:\s*;\s*[\w-]+\s*=\s*(?:\"[^\"\n]*\"|[^\s;,|<]+))*)", re.IGNORECASE
    ),
    "accept": re.compile(r"\s*([\w.+*-]+/[\w.+*-]+(?:\s*[;,]\s*[\w.+*/=-]+)*)"),
    "soapaction": re.compile(
        r"\s*[\"\u201c-\u201f\u00ab\u2033]([^\"\u201c-\u201f\u00bb\u2033]*)[\"\u201c-\u201f\u00bb\u2033]|[ ]*([^\s<|]*)"
    ),
}
"""Field -> what its value may be, where lines run into each other; a field that is not here ends with its line."""


def _heads(content: str) -> Iterator[Head]:
    found = [*_REQUEST.finditer(content), *_STATUS.finditer(content)]
    for match in sorted(found, key=re.Match.start):
        groups = match.groupdict()
        if "status" in groups:
            yield Head(match.start(), match.end(), status=int(groups["status"]))
        elif groups["version"] or _is_line_of_its_own(content, match):
            target = re.sub(r"\s+", "", groups["target"])
            yield Head(match.start(), match.end(), method=groups["method"], target=target)


def _is_line_of_its_own(content: str, match: re.Match[str]) -> bool:
    """Whether a request line without a version begins a line, and nothing else or a field follows in it."""
    before = content[content.rfind("\n", 0, match.start()) + 1 : match.start()]
    after = content[match.end() : match.end() + 200]
    is_followed = re.match(r"[ |]*(?:\n|$)", after) or _FIELD.match(after.lstrip())
    return not before.strip(" |*`-") and bool(is_followed)


def _headed(content: str, head: Head, limit: int) -> Sample:
    """The sample that a head begins."""
    body, gap_end = _body_start(content, head.end, limit)
    fields, after = _fields(content, head.end, gap_end)
    role: Role = "request" if head.is_request else "error" if head.status >= 400 else "response"
    parsed = None
    media_type = fields.get("content-type", "").lower()
    if body is not None and _may_have_xml(head, media_type) and not _speaks_of_another(content[after:body], head):
        parsed = parse(content, body, limit)
    common = {"role": role, "index": head.index, "head": head, "fields": fields}
    if parsed is not None and not _is_foreign_type(media_type):
        return Sample(**common, end=parsed.end, root=parsed.root, faults=parsed.faults)  # type: ignore[arg-type]
    parameters, after = _parameters(content, head, after, gap_end)
    return Sample(
        **common,  # type: ignore[arg-type]
        end=parsed.end if parsed is not None else after,
        parameters=parameters,
        is_untyped=bool(re.match(r"\s*(?:<\?xml[^>]*\?>)?\s*xml\b", content[after:gap_end])) and not head.is_request,
        is_foreign=_is_foreign_type(media_type)
        or bool(_FOREIGN_ROUTE.search(head.path))
        or _is_foreign_body(content[after:limit]),
    )


def _may_have_xml(head: Head, media_type: str) -> bool:
    """Whether XML after a head can be its body: no form is XML, and a GET has no body."""
    return "x-www-form-urlencoded" not in media_type and head.method not in ("GET", "HEAD")


_MARKUP: Final = re.compile(r"<(?:\?xml|!--|!DOCTYPE|[^\W\d])", re.IGNORECASE)


def _body_start(content: str, start: int, limit: int) -> tuple[int | None, int]:
    """Where the XML after a head begins, if there is any, and where its fields have ended at the latest."""
    match = _MARKUP.search(content, start, limit)
    while match is not None and _is_no_markup(content, match.start()):
        match = _MARKUP.search(content, match.end(), limit)
    return (None, limit) if match is None else (match.start(), match.start())


def _is_no_markup(content: str, index: int) -> bool:
    """Whether a < only looks like one, as in `<back to all web services` and `Cookie: <session>`."""
    line = content[content.rfind("\n", 0, index) + 1 : index]
    return any(pattern.match(content, index) for pattern in _NO_MARKUP) or bool(
        re.fullmatch(r"[ |]*[A-Za-z][\w-]*:[^<]*", line) and _PLACEHOLDER.match(content, index)
    )


_NO_MARKUP: Final = (re.compile(r"<\w+ \w+[ \n]\w"), re.compile(r"<https?:"))
_PLACEHOLDER: Final = re.compile(r"<[\w -]+>(?!.*?</)")
"""A name in angle brackets with no end tag in its line: it stands for the value of a header field."""


def _fields(content: str, start: int, limit: int) -> tuple[dict[str, str], int]:
    """The header fields between a head and its body, by name in lower case, and the index after the last."""
    fields: dict[str, str] = {}
    end = start
    matches = list(_FIELD.finditer(content, start, limit))
    for index, match in enumerate(matches):
        if index == 0 and content[start : match.start()].strip(" |\n*`").count("\n") > 2:
            break
        name = (match.group("name") or match.group("run_on")).lower()
        following = matches[index + 1].start() if index + 1 < len(matches) else limit
        pattern = _VALUES.get(name, re.compile(r"([^\n]*)"))
        value = pattern.match(content, match.end(), following)
        if value is None:
            end = max(end, match.end())
            continue
        fields.setdefault(name, next((each for each in value.groups() if each is not None), "").strip())
        end = value.end()
    return fields, end


_RESPONSES: Final = (
    "respon[sd]|reponse|réponse|antwort|respuesta|risposta|resposta|retorno|odpowied|ответ|响应|回應|回应|返回|レスポンス|応答|"
    "응답|antwoord|svar|vastaus|yan\u0131t|output|reply|result|return"
)
_REQUESTS: Final = (
    "request|requête|requete|anfrage|anforderung|solicitud|petici|richiesta|requisi|pedido|zapytani|żądani|запрос|请求|請求|"
    "リクエスト|要求|요청|verzoek|aanvra|begäran|forespørs|istek|input|call"
)
_ERRORS: Final = "error|fault|fehler|erreur|errore|erro\\b|błąd|ошибк|错误|錯誤|エラー|오류|fout|exception|failure"
_SAID: Final = re.compile(rf"(?P<error>{_ERRORS})|(?P<response>{_RESPONSES})|(?P<request>{_REQUESTS})", re.IGNORECASE)


def _speaks_of_another(gap: str, head: Head) -> bool:
    """Whether the words between a request's head and the next XML announce a response."""
    words = re.sub(r"[^\w\s]", " ", gap)
    return head.is_request and len(words.split()) > 0 and bool(re.search(_RESPONSES, words, re.IGNORECASE))


def _is_foreign_type(media_type: str) -> bool:
    return bool(re.search(r"json|jsv|csv|x-msgpack|protobuf|multipart/", media_type))


_FOREIGN_ROUTE: Final = re.compile(r"/(?:json|jsv|csv)/(?:reply|oneway|syncreply|asynconeway)/", re.IGNORECASE)


def _is_foreign_body(rest: str) -> bool:
    return bool(re.match(r"[\s|]*[\[{][\s\"\w\]}]", rest))


_PAIR: Final = re.compile(r"([^\W\d][\w.\[\]$:-]*)=([^&\s<>|]*)")


def _parameters(content: str, head: Head, start: int, limit: int) -> tuple[tuple[Parameter, ...], int]:
    """The parameters of a request's query, or of the form that follows its fields, and the index after them."""
    query = urlsplit(head.target).query
    if head.is_request and query:
        printed = content.find("?", head.index) + 1
        return tuple(_pairs(content, printed, head.end)), start
    if head.is_request and "{" in head.path:
        found = re.compile(r"\{(\w+)[^{}]*\}").finditer(content, head.index, head.end)
        return tuple(Parameter(match.group(1), "string", match.start(1)) for match in found), start
    if not head.is_request or head.method == "GET":
        return (), start
    form = re.compile(rf"[\s|]*({_PAIR.pattern}(?:\s*&\s*{_PAIR.pattern})*)").match(content, start, limit)
    return ((), start) if form is None else (tuple(_pairs(content, form.start(1), form.end(1))), form.end())


def _pairs(content: str, start: int, end: int) -> Iterator[Parameter]:
    for match in _PAIR.finditer(content, start, end):
        yield Parameter(unquote(match.group(1)), unquote(match.group(2)), match.start())


_QUOTED_PAIR: Final = r"[\w.\[\]-]+=(?:\"[^\"\n]*\"|[^\s&|<>\"]*)"
_ADDRESS_LINE: Final = re.compile(
    r"^[ |*`]*(?P<path>(?:https?://[\w.-]+(?::\d+)?)?/[^\s?<>|\"]*)"
    rf"\?(?P<query>{_QUOTED_PAIR}(?:&(?:amp;)?{_QUOTED_PAIR})*)[ |*`]*$",
    re.MULTILINE,
)
_NO_PARAMETERS: Final = frozenset({"op", "wsdl", "disco", "singlewsdl"})


def _addresses(content: str, found: Sequence[Sample]) -> Iterator[Sample]:
    """Requests that are shown as an address with a query, in a line of its own, on a page that shows answers alone."""
    for match in _ADDRESS_LINE.finditer(content):
        parameters = tuple(_quoted_pairs(content, match.start("query"), match.end("query")))
        is_link = {each.name.lower() for each in parameters} <= _NO_PARAMETERS
        if not is_link and not any(sample.index <= match.start() < sample.end for sample in found):
            head = Head(match.start("path"), match.end(), method="GET", target=match.group("path"))
            yield Sample("request", head.index, head.end, head, parameters=parameters)


def _quoted_pairs(content: str, start: int, end: int) -> Iterator[Parameter]:
    for match in re.compile(_QUOTED_PAIR).finditer(content, start, end):
        name, _, value = match.group().partition("=")
        yield Parameter(unquote(name), unquote(value.strip('"')), match.start())


# --- samples without a head -------------------------------------------------------------------------------------------

_DOCUMENT: Final = re.compile(r"<\?xml\b|<\s?(?:[\w-]+:)?Envelope\b|<[^\W\d][\w.-]*(?::[\w.-]+)?(?=[\s>/])")
_ENVELOPE: Final = re.compile(
    r"(?:<\?xml\b[^>]*>\s*)?(?:<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>\s*)?<\s?(?:[\w-]+:)?Envelope\b"
)
"""What is looked for on pages that show envelopes: other XML there explains parts of them."""
_ENVELOPES: Final = frozenset({SOAP11_ENVELOPE, SOAP12_ENVELOPE})
_OTHER_ROOTS: Final = frozenset(
    {"definitions", "schema", "html", "configuration", "project", "div", "svg", "wsdl", "description", "endpoint", "br"}
)
_SHAPES: Final[tuple[tuple[Role, re.Pattern[str]], ...]] = (
    ("error", re.compile(r"^(?:Fault|Error|Exception)$|(?:Fault|ErrorResponse)$", re.IGNORECASE)),
    ("response", re.compile(r"(?:Response|Result|Results|Return|Reply|Answer|_?Rs|Out|Output)$")),
    ("request", re.compile(r"(?:Request|Req|Query|_?Rq|In|Input)$")),
)
_MOST_READ: Final = 1_000_000
"""Characters that are read in search of samples: each tag that may begin one is read to its end, or the page's."""
_WINDOW: Final = 400
"""Characters before a sample in which the words that announce it are looked for."""


def _standing_alone(
    content: str, start: int, limit: int, before: Sequence[Sample], pattern: re.Pattern[str] | None = None
) -> Iterator[Sample]:
    """The XML samples without a head between two places; `pattern` is how they begin, by default as on such a page."""
    known = list(before)
    said_from = start
    position = start
    pattern = pattern or (_ENVELOPE if before or _ENVELOPE.search(content) else _DOCUMENT)
    left = _MOST_READ
    ends = {match.group(1): match.start() for match in _END_TAG.finditer(content, start, limit)}
    while left > 0 and (match := pattern.search(content, position, limit)):
        parsed = _in_envelope(parse(content, match.start(), limit)) if _may_end(content, match, ends) else None
        left -= 0 if parsed is None else parsed.end - match.start()
        said = _CODE.sub("", content[max(said_from, match.start() - _WINDOW) : match.start()])
        if parsed is None or not _is_sample(parsed, match, said):
            is_other = parsed is not None and parsed.is_whole and bool(parsed.root.children)
            position = parsed.end if parsed is not None and is_other else match.end()
            continue
        after = content[parsed.end : parsed.end + _WINDOW]
        role = _role(said, after, parsed.root, known)
        sample = Sample(
            role=role,
            index=match.start(),
            end=parsed.end,
            fields=_fields_near(content, match.start(), said, after, parsed.root) if role == "request" else {},
            root=parsed.root,
            faults=parsed.faults,
        )
        known.append(sample)
        yield sample
        position = said_from = parsed.end


def _in_envelope(parsed: Parsed | None) -> Parsed | None:
    """A document; a Body that is printed alone as the envelope that it stands for."""
    root = None if parsed is None else parsed.root
    if parsed is None or root is None or root.local != "Body" or root.namespace not in _ENVELOPES:
        return parsed
    envelope = Node(f"{{{root.namespace}}}Envelope", root.index, [], root.namespaces, [root], raw_name="Envelope")
    remark = Fault(root.index, "a Body without an envelope: read as that of one", is_mended=True, is_ill_formed=False)
    return replace(parsed, root=envelope, faults=(*parsed.faults, remark))


def _bare_answers(content: str, found: Sequence[Sample]) -> Iterator[Sample]:
    """Answers without an envelope: named after a request that has one, or announced where requests are forms."""
    payloads = [sample.payload for sample in found if sample.role == "request" and sample.payload is not None]
    named = {f"{payload.local}{ending}" for payload in payloads for ending in ("Response", "Result")}
    has_forms = any(sample.role == "request" and sample.root is None for sample in found)
    ends = [index for sample in found for index in (sample.index, sample.end)]
    for start, end in zip([0, *ends[1::2]], [*ends[::2], len(content)], strict=True):
        for sample in _standing_alone(content, start, end, (), _DOCUMENT):
            is_named = sample.root is not None and sample.root.local in named
            if sample.role != "request" and (has_forms or is_named):
                yield replace(sample, is_bare=True)


_CODE: Final = re.compile(r"\breturn\s+[\w.]*[`'\"(@$]+\s*$")
"""What stands before a sample that source code returns: there `return` is no word for a response."""
_END_TAG: Final = re.compile(r"</([^\W\d][\w.-]*(?::[\w.-]+)?)")


def _may_end(content: str, match: re.Match[str], ends: Mapping[str, int]) -> bool:
    """Whether an element that may be a sample ends anywhere: most names in angle brackets on a page never do.

    `ends` is where the last end tag of each name stands.
    """
    name = match.group().lstrip("< ")
    if name.startswith("?") or "nvelope" in name:
        return True
    return ends.get(name, -1) >= match.end() or content.find("/>", match.end(), match.end() + 2000) >= 0


def _is_sample(parsed: Parsed, match: re.Match[str], said: str) -> bool:
    """Whether XML without a head is meant as a message: an envelope, or a whole document with something in it.

    One that holds attributes alone is a message where the line before it announces one.
    """
    root = parsed.root
    if root.local == "Envelope":
        return root.child("Body") is not None
    if root.local.lower() in _OTHER_ROOTS or not parsed.is_closed:
        return False
    if root.attributes and not root.children and not root.text:
        line = next(iter(said.strip().splitlines()[-1:]), "")
        return bool(said.strip()) and line.rstrip().endswith(":") and _announced(line) is not None
    return match.group().startswith("<?") or bool(root.children and root.children[0].index > root.index)


def _role(said: str, after: str, root: Node, before: Sequence[Sample]) -> Role:
    """What a sample without a head is: by its names, else by the words before it, else by its turn.

    A SOAPAction near it that ends in its name, as in a command line, marks a request whatever the words say.
    """
    payload = _payload(root)
    if payload is not None:
        if payload.local == "Fault":
            return "error"
        shaped = next((role for role, pattern in _SHAPES if pattern.search(payload.local)), None)
        if shaped is not None:
            return shaped
        if any(_ends_in(action, payload.local) for action in _ACTION.findall(f"{said}\n{after}")):
            return "request"
    announced = _announced(said)
    if announced is None and payload is not None and _is_headed(said, payload.local):
        return "request"
    return announced or ("response" if before and _may_answer(root, before[-1]) else "request")


def _may_answer(root: Node, sample: Sample) -> bool:
    """Whether a document that nothing announces may be the answer to the sample before it.

    Forms get no envelope back, and what carries the same element as a request is the request once more.
    """
    if sample.role != "request" or (sample.root is None and root.local == "Envelope"):
        return False
    one, other = _payload(root), sample.payload
    return one is None or other is None or one.tag != other.tag


def _is_headed(said: str, name: str) -> bool:
    """Whether a line of its own before a sample is the name that the sample carries: a section for each operation."""
    return name in {line.strip(" #*|:`0123456789.)") for line in said.splitlines()[-4:]}


def _payload(root: Node) -> Node | None:
    """The Body's only child, or the root of a document without envelope; None where there is not exactly one."""
    body = root.child("Body") if root.local == "Envelope" else None
    return root if body is None else body.children[0] if len(body.children) == 1 else None


_ACTION: Final = re.compile(
    r"SOAPAction[\"'`*]{0,3}(?:\s?(?:[:=]|=>|,)[\s\"'`*]{0,4}"
    r"|(?:\s(?:header|field|value|set|must|be|is|of|to)\b){0,5}\s(?:[\"'`](?=[^\s\"'`<>*]+[\"'`])|(?=urn:|https?://)))"
    r"([^\s\"'`<>*]*[^\s\"'`<>*.,;])",
    re.IGNORECASE,
)
"""A SOAPAction as a field, as an argument, or in prose, where it is quoted or a URI."""
_ADDRESS: Final = re.compile(
    r"(?:(?:end ?point|ur[il]|address|location|host|server|post|service)\b(?:[^\n<]|\n(?!\s*\n)){0,40}?"
    r"|(?=https?://[^\s<>\"']+(?:\.(?:as[mh]x|svc|php|jws|cgi)\b|\?wsdl)))"
    r"https?://([\w.-]+(?::\d+)?)(?=[/\s\"'`|)?]|$)",
    re.IGNORECASE,
)
_NO_HOSTS: Final = re.compile(r"^(?:www\.w3\.org|schemas\..*|tempuri\.org|docs\..*)$", re.IGNORECASE)
"""Hosts in names of namespaces, and in links to what is read: no service is there."""
_FAR: Final = 20_000
"""Characters before a sample in which an address, or a SOAPAction of its name, is its own."""


def _fields_near(content: str, index: int, said: str, after: str, root: Node) -> dict[str, str]:
    """What the words around a request without a head say of its header fields: SOAPAction, and the host of an address.

    A SOAPAction after it, or far before it, may be another one's, unless it ends in its name. The nearest address
    before it counts.
    """
    payload = _payload(root)
    actions = _ACTION.findall(said)[-1:]
    further = [*_ACTION.findall(after), *_ACTION.findall(content, max(0, index - _FAR), index)[::-1]]
    actions += [each for each in further if payload is not None and _ends_in(each, payload.local)]
    hosts = [each for each in _ADDRESS.findall(content, max(0, index - _FAR), index) if not _NO_HOSTS.match(each)][-1:]
    return {name: found[0] for name, found in (("soapaction", actions), ("host", hosts)) if found}


def _ends_in(action: str, name: str) -> bool:
    """Whether the last part of a SOAPAction is a name."""
    return re.split(r"[/#:]", action)[-1] == name


def _announced(said: str) -> Role | None:
    """What the last words before a sample announce: its heading, or the end of a line that holds more than that."""
    for line in reversed([each for each in said.splitlines() if re.search(r"\w", each)][-3:]):
        words = list(_SAID.finditer(line[-_HEADING:]))
        if words:
            last = words[-1].lastgroup
            is_error = len(words) > 1 and words[-2].lastgroup == "error" and words[-1].start() - words[-2].end() < 12
            return "error" if last == "error" or (last == "response" and is_error) else _ROLES[last or ""]
    return None


def role_said(heading: str) -> Role | None:
    """Whose members the heading of a table speaks of: those of requests, responses or errors; None for nobody's."""
    found = list(_LISTED.finditer(heading))
    if not found:
        return None
    names = [match.lastgroup for match in found[-2:]]
    between = heading[found[-2].end() : found[-1].start()] if len(found) > 1 else ""
    if names[-1] == "parameters" and re.fullmatch(r"\w*\s", between):
        names.pop()  # `Response parameters`
    return "error" if "error" in names else "response" if names[-1] == "response" else "request"


_LISTED: Final = re.compile(rf"{_SAID.pattern}|(?P<parameters>\b(?:parameters?|arguments?)\b)", re.IGNORECASE)
_HEADING: Final = 120
_ROLES: Final[Mapping[str, Role]] = {"request": "request", "response": "response"}
