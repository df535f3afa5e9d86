"""The calls of one operation as its bindings, schemas and requirements."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.derive.calls import Call, body_nodes, header_nodes
from contracts.derive.concluding import At, Context, Typed
from contracts.derive.declarations import AnyContent, Attributes, Complex, Member, Simple
from contracts.derive.description import Caution, Document, LeafSuggestion, OperationDescription
from contracts.derive.inference import SERVICESTACK_TYPES, members_of, root_member, tell_of_choice, unordered
from contracts.derive.markup import Node
from contracts.derive.promises import ANYTHING, Promises, promises_of
from contracts.derive.recognition import prints_words
from contracts.derive.rulings import Rulings
from contracts.derive.samples import Parameter, Role, Sample
from contracts.derive.schemas import SchemaBuilder, convention_components
from contracts.derive.shapes import Shape, shape_of
from contracts.derive.tabled import is_value, occurring, told_by_table
from contracts.derive.tables import Prose, Tables, tables_of, unshown_rows
from contracts.derive.text import read_text
from contracts.derive.words import VALUE_TYPES, placeholder, type_of_word
from contracts.model import FORM_PROTOCOLS, PROTOCOLS, SOAP_PROTOCOLS, Basis, Binding, Content, MessageShape, Protocol
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE, local_name, namespace_of
from contracts.sources import Source

_OWN_ROUTE: Final = re.compile(
    r"/(?:xml|soap1[12])/(?:reply|oneway|syncreply|asynconeway)/.*|/soap1[12]/?$", re.IGNORECASE
)
"""The paths that ServiceStack gives every service, besides the routes of its own."""

FORM: Final = "application/x-www-form-urlencoded"
PARAMETERS: Final = "Parameters"
_MEDIA_TYPES: Final[dict[Protocol, str]] = {
    "soap11": "text/xml",
    "soap12": "application/soap+xml",
    "xml": "application/xml",
    "http_get": "text/xml",
    "http_post": "text/xml",
}
"""Media type of a message over a binding whose sample prints none (SOAP 1.1 section 6, RFC 3902, RFC 7303)."""


@dataclass
class _Operation:
    """One operation while it is put together."""

    calls: tuple[Call, ...]
    context: Context
    builder: SchemaBuilder
    known: tuple[Shape, ...]
    roots: dict[tuple[Role, str], Member]
    parts: dict[str, tuple[Member, ...]]


def described_operation(
    service: str,
    name: str,
    family: str,
    calls: Sequence[Call],
    documents: tuple[Document, ...],
    rulings: Rulings,
    prose: Sequence[Prose],
) -> tuple[OperationDescription, list[Caution]]:
    """The description of one operation, and cautions. Raises ContractError for a ruling that matches nothing."""
    samples = [sample for call in calls for sample in (call.request, *call.answers)]
    if rulings.row:
        rulings.documents = {each.name: read_text(each.content, each.name).content for each in documents}
        rulings.require_places()
    context = Context(
        family,
        rulings,
        tables=tables_of(prose, samples) if family == "narrative" else Tables(),
        prints_words=family == "narrative" and prints_words(samples),
        prints_values=family == "asmx" and not prints_words(samples),
    )
    _warn_of_faults(samples, context)
    for unshown, place in unshown_rows(prose, samples) if family == "narrative" else ():
        context.warn(place, f"{unshown} stands in a table and in no sample: the contract has no such member")
    kept = _one_per_binding(calls, context)
    made = _Operation(tuple(kept), context, SchemaBuilder(), _all_shapes(kept), {}, {})
    bindings = tuple(_binding(call, made) for call in kept)
    if family == "servicestack":
        made.builder.convention(SERVICESTACK_TYPES, convention_components())
    rulings.require_all_used()
    promised = Promises(
        service=service,
        operation=name,
        bindings=bindings,
        calls=tuple(kept),
        roots={member.tag: member for (role, _), member in made.roots.items() if role == "response"},
        parts=made.parts,
        rulings=rulings,
    )
    described = OperationDescription(
        name=name,
        documents=documents,
        bindings=bindings,
        schemas=made.builder.documents(),
        requirements=promises_of(promised),
        leaves=tuple(_leaves(made)),
        inferences=tuple(dict.fromkeys(context.inferences)),
    )
    return described, list(context.told)


def _declared(made: _Operation, role: str) -> Iterable[Member]:
    """The declarations of the messages in one role: roots, and the members of typed Headers and Bodies."""
    yield from (member for (each, _), member in made.roots.items() if each == role)
    for part, members in made.parts.items():
        if part.startswith(role.capitalize()):
            yield from members


def _one_per_binding(calls: Sequence[Call], context: Context) -> list[Call]:
    """One call for each binding, in the model's order; further samples of the same one are laid over the first."""
    found: dict[Protocol, Call] = {}
    for call in calls:
        first = found.setdefault(call.protocol, call)
        if first is call:
            continue
        if context.family != "narrative":
            context.warn(
                call.request.source,
                f"{call.name} is documented over {call.protocol} a second time (first at "
                f"{first.request.source.note}): both are laid over each other",
            )
        first.answers += [each for each in call.answers if each not in first.answers]
        first.further.append(call.request)
    return sorted(found.values(), key=lambda call: PROTOCOLS.index(call.protocol))


def _warn_of_faults(samples: Iterable[Sample], context: Context) -> None:
    for sample in samples:
        for fault in sample.faults:
            read = "" if fault.is_mended else ": what stands around it is derived all the same"
            said = "not well-formed: " if fault.is_ill_formed else ""
            context.warn(sample.at(fault.index), f"{said}{fault.problem}{read}")


# --- shapes -----------------------------------------------------------------------------------------------------------


def _requests(calls: Iterable[Call]) -> list[Sample]:
    return [sample for call in calls for sample in (call.request, *call.further)]


def _in_role(calls: Iterable[Call], role: Role) -> list[Sample]:
    if role == "request":
        return _requests(calls)
    return [sample for call in calls for sample in (call.responses if role == "response" else call.errors)]


def _everywhere(calls: Iterable[Call]) -> list[Sample]:
    calls = list(calls)
    roles: tuple[Role, ...] = ("request", "response", "error")
    return [sample for role in roles for sample in _in_role(calls, role)]


def _trusted(nodes: Sequence[tuple[Node, Sample]]) -> list[Node]:
    """The nodes of samples that are whole; those of all where none is."""
    whole = [node for node, sample in nodes if all(fault.is_mended for fault in sample.faults)]
    return whole or [node for node, _ in nodes]


def _all_shapes(calls: Sequence[Call]) -> tuple[Shape, ...]:
    """Every shape of every message of an operation."""
    roles: tuple[Role, ...] = ("request", "response", "error")
    by_root: dict[tuple[Role, str], list[tuple[Node, Sample]]] = {}
    for role in roles:
        for sample in _in_role(calls, role):
            for node in [*header_nodes(sample), *body_nodes(sample)]:
                by_root.setdefault((role, node.tag), []).append((node, sample))
    return tuple(shape for nodes in by_root.values() for shape in shape_of(_trusted(nodes)).walk())


def _is_typed(samples: Sequence[Sample]) -> bool:
    """Whether the Body of these samples is described by a type: where no single child in a namespace carries it all."""
    soap = [sample for sample in samples if sample.body is not None]
    return any(sample.payload is None or not sample.payload.namespace for sample in soap)


# --- messages ---------------------------------------------------------------------------------------------------------


def _message(call: Call, role: Role, made: _Operation) -> MessageShape | None:
    """The shape of a call's message in a role; None where the page shows no such sample."""
    own = _in_role([call], role)
    shown = [sample for sample in own if body_nodes(sample) or sample.body is not None]
    if not shown:
        return None
    peers = _in_role(made.calls, role)
    header = _header(call, role, peers, made)
    if _is_typed([sample for sample in peers if sample.body is not None]) and shown[0].body is not None:
        nodes = [(sample.body, sample) for sample in peers if sample.body is not None]
        return MessageShape(_part(f"{role.capitalize()}Body", nodes, role, made, wraps=role == "request"), header)
    payload = shown[0].payload
    assert payload is not None
    key = (role, payload.tag)
    if key not in made.roots:
        # A root that requests and answers share is one declaration, which has to hold both.
        alike = [(each.payload, each) for each in _everywhere(made.calls) if each.payload is not None]
        same = _trusted([(node, sample) for node, sample in alike if node is not None and node.tag == payload.tag])
        nillable = role == "response" and call.protocol in FORM_PROTOCOLS
        made.roots[key] = root_member(shape_of(same), role, made.context, made.known, nillable=nillable)
        made.builder.element(made.roots[key])
    return MessageShape(Content(element=payload.tag), header)


def _header(call: Call, role: Role, peers: Sequence[Sample], made: _Operation) -> Content | None:
    """The content of a Header that the call's own sample shows; it is the same over every version of SOAP."""
    own = [sample for sample in _in_role([call], role) if sample.header is not None and sample.header.children]
    if not own:
        return None
    nodes = [(sample.header, sample) for sample in peers if sample.header is not None and sample.header.children]
    return _part(f"{role.capitalize()}Header", nodes, role, made, is_header=True)


def _part(
    name: str,
    nodes: Sequence[tuple[Node | None, Sample]],
    role: Role,
    made: _Operation,
    *,
    wraps: bool = False,
    is_header: bool = False,
) -> Content:
    """A Header or Body whose content a type describes. `wraps` says that an only child has to be there."""
    if name not in made.parts:
        shape = shape_of(_trusted([(node, sample) for node, sample in nodes if node is not None]))
        members = members_of(shape.children, At(role), made.context, made.known)
        if is_header:
            members = tuple(_header_block(member) for member in members)
        elif wraps and len(members) == 1 and members[0].high == 1 and members[0].min_basis == "convention":
            members = (replace(members[0], low=1),)
        made.parts[name] = members
        model = unordered(members, role, keeps_order=shape.keeps_order)
        if model == "choice":
            tell_of_choice(members, At(role), made.context)
        made.builder.content_type(name, members, model=model)
    return Content(type_name=name)


def _header_block(member: Member) -> Member:
    """A header block: it may be absent, and it may carry SOAP's attributes, which address it (SOAP 1.1 section 4.2)."""
    content = member.content
    if namespace_of(member.tag):
        soap = (SOAP11_ENVELOPE, SOAP12_ENVELOPE)
        if isinstance(content, Simple):
            content = Complex("sequence", (), text=content, attributes=Attributes(namespaces=soap))
        elif isinstance(content, Complex):
            namespaces = tuple(dict.fromkeys((*content.attributes.namespaces, *soap)))
            content = replace(content, attributes=replace(content.attributes, namespaces=namespaces))
    return replace(member, content=content, low=0 if member.min_basis == "convention" else member.low)


def _parameters(call: Call, made: _Operation) -> MessageShape:
    """The request of a GET or a form: the element of the SOAP samples whose children the parameters are, or a type."""
    requests = (call.request, *call.further)
    printed = list(dict.fromkeys(parameter.name for request in requests for parameter in request.parameters))
    known: dict[str, Member] = {}
    for (role, tag), root in made.roots.items():
        if role == "request" and isinstance(root.content, Complex):
            known |= {local_name(child.tag): child for child in root.content.members}
            names = [local_name(child.tag) for child in root.content.members]
            is_same = sorted(names) == sorted(printed) and all(_is_plain(child) for child in root.content.members)
            is_otherwise = any(_is_otherwise(each, known) for each in call.request.parameters)
            if is_same and not is_otherwise and not any(_is_in_forms(known.get(name)) for name in printed):
                return MessageShape(Content(element=tag))
            _warn_of_names(call, root, names, printed, made.context)
    name = PARAMETERS
    members = tuple(_parameter(requests, each, known.get(each), made) for each in printed)
    if name in made.parts and [each.tag for each in made.parts[name]] != printed:
        name = f"{PARAMETERS}Of{'Get' if call.protocol == 'http_get' else 'Post'}"
    if name not in made.parts:
        made.parts[name] = members
        made.builder.content_type(name, members, model="sequence")
    return MessageShape(Content(type_name=name))


def _is_otherwise(parameter: Parameter, known: Mapping[str, Member]) -> bool:
    """Whether a parameter's word names another type than SOAP's member has; `string` stands for any."""
    item, word = _item_of(known.get(parameter.name)), type_of_word(placeholder(parameter.value))
    return item is not None and word not in (None, "string", item.base)


def _is_in_forms(member: Member | None) -> bool:
    """Whether forms have a member's value otherwise than XML."""
    item = _item_of(member)
    return item is not None and item.base in _IN_FORMS


def _warn_of_names(call: Call, root: Member, names: Sequence[str], printed: Sequence[str], context: Context) -> None:
    only = sorted({*names} ^ {*printed})
    if only:
        said = f"{', '.join(only)} stands among the parameters here or in {local_name(root.tag)} at {root.source.note}"
        context.warn(call.request.source, f"{said}, and not in both")


def _is_plain(member: Member) -> bool:
    return isinstance(member.content, Simple) and member.high == 1


def _parameter(requests: Sequence[Sample], name: str, known: Member | None, made: _Operation) -> Member:
    """One parameter. Such pages print string for every type: the SOAP samples tell more, where they have the member.

    A list over SOAP is a parameter that is given several times.
    """
    request = next(each for each in requests if any(parameter.name == name for parameter in each.parameters))
    found = [each for each in request.parameters if each.name == name]
    source = request.at(found[0].index)
    item = _item_of(known)
    typed = _typed_parameter(found[0], source, known, made.context)
    is_list = known is not None and item is not None and not _is_plain(known)
    is_bytes = isinstance(typed.content, Simple) and item is not None and (item.base, typed.content.base) in _BYTES
    repeats = len(found) > 1 or is_list or is_bytes
    member = Member(
        name,
        source,
        typed.content,
        low=0 if repeats else 1,
        high=None if repeats else 1,
        nillable=False,
        type_basis=typed.basis,
        type_source=typed.source,
    )
    member = occurring(member, "request", None, len(found), made.context)
    return made.context.rulings.ruled(member, "request", (name,))


def _typed_parameter(parameter: Parameter, source: Source, known: Member | None, context: Context) -> Typed:
    """The type of a parameter: that of SOAP's member, what a table says, the word that is printed, or text."""
    item = _item_of(known)
    word = type_of_word(placeholder(parameter.value))
    if item is not None and known is not None:
        typed = _in_form(parameter.name, item, source, context)
        if word in (None, "string", item.base):
            return typed
        said = f"{parameter.name} is {word} here and {item.base} at {item.source.note}, which is taken"
        context.warn(source, said)
        return typed.doubted()
    values = [(parameter.value, source)] if word is None and is_value(parameter.value) else []
    basis: Basis = "inferred" if word in (None, "string") else "documented"
    plain = Typed(Simple(word or "string", source, basis, is_reference=word not in VALUE_TYPES), basis)
    return told_by_table(parameter.name, "request", values, context) or plain


def _item_of(member: Member | None) -> Simple | None:
    """The simple type of a member, or of the items of the list that it holds."""
    content = None if member is None else member.content
    if isinstance(content, Complex) and len(content.members) == 1 and content.members[0].high is None:
        content = content.members[0].content
    return content if isinstance(content, Simple) else None


_IN_FORMS: Final[Mapping[str, str]] = {"char": "character", "base64Binary": "unsignedByte", "hexBinary": "unsignedByte"}
"""Types that ASMX reads otherwise from a form: a character as itself and not as its number, bytes one by one."""
_BYTES: Final = frozenset({("base64Binary", "unsignedByte"), ("hexBinary", "unsignedByte")})
_AS_READ: Final[Mapping[str, str]] = {"character": "the character itself", "unsignedByte": "a number for each byte"}


def _in_form(name: str, item: Simple, source: Source, context: Context) -> Typed:
    """The type of a parameter that SOAP's member gives, as a form has it.

    Pages print `string` for all of them: how characters and bytes are written there is known of ASMX alone.
    """
    base = _IN_FORMS.get(item.base)
    if base is None:
        return Typed(item, item.basis, item.source)
    problem = f"how {name} ({item.base}) is written in a form the page does not show"
    if context.family != "asmx":
        context.warn(source, f"{problem}: read as over SOAP")
        return Typed(item, item.basis, item.source).doubted()
    context.warn(source, f"{problem}: ASP.NET takes {_AS_READ[base]}")
    return Typed(Simple(base, source, "convention", is_reference=False), "convention")


# --- bindings ---------------------------------------------------------------------------------------------------------


def _binding(call: Call, made: _Operation) -> Binding:
    head, fields = call.request.head, call.request.fields
    request = None if call.protocol in FORM_PROTOCOLS else _message(call, "request", made)
    response = _response(call, made)
    if made.context.family == "servicestack" and head and "{" in head.path:
        path = _relative_path(call, made.context.family)
        made.context.warn(call.request.source, f"{head.path} takes values in its path: messages go to {path} instead")
    media_type, charset = _media_type(fields.get("content-type"))
    response_types = _response_types(call, made)
    is_form = call.protocol in FORM_PROTOCOLS
    default_charset = "utf-8" if call.protocol in SOAP_PROTOCOLS else None
    return Binding(
        protocol=call.protocol,
        source=call.request.source,
        method=head.method if head else "POST",
        path=_relative_path(call, made.context.family),
        documented_path=head.path if head else None,
        documented_host=(head.host if head else None) or _host(fields.get("host")),
        request=request or _parameters(call, made),
        response=response,
        error=_error(call, made),
        request_media_type=None
        if call.protocol == "http_get"
        else media_type or (FORM if is_form else _MEDIA_TYPES[call.protocol]),
        request_charset=None if is_form else charset or (default_charset if media_type is None else None),
        response_media_types=response_types,
        noted_media_types=_noted_types(call, made, response_types),
        soap_action=_soap_action(call),
        status_code=next((each.head.status for each in call.responses if each.head and each.head.status < 300), 200),
        envelope_attributes=_envelope_attributes(call.request),
        accept=_accept(fields.get("accept")),
    )


def _response(call: Call, made: _Operation) -> MessageShape:
    """What an answer of success holds: what is printed, nothing where a status alone is, else anything at all."""
    shape = _message(call, "response", made)
    if shape is not None:
        return shape
    printed = [each for each in call.responses if each.head is not None]
    if printed and not any(each.is_untyped or each.is_foreign for each in printed):
        return MessageShape(Content())
    if not printed:
        made.context.warn(
            call.request.source, f"no response to this request over {call.protocol} is shown: any answer is clean"
        )
    source = printed[0].source if printed else call.request.source
    made.builder.open_type(ANYTHING, AnyContent(source, "convention", is_xml=True))
    return MessageShape(Content(type_name=ANYTHING))


def _error(call: Call, made: _Operation) -> MessageShape | None:
    if made.context.family == "servicestack":
        return MessageShape(Content(element=f"{{{SERVICESTACK_TYPES}}}ErrorResponse"))
    return _message(call, "error", made)


def _relative_path(call: Call, family: str) -> str:
    """The path below a target's URL: below the `.asmx` file, below ServiceStack's root, or none of its own.

    A ServiceStack route with values in its path gives way to the path that the stack gives every service.
    """
    path = call.request.head.path if call.request.head else ""
    if family == "narrative" or not path:
        return ""
    if family == "servicestack":
        match = _OWN_ROUTE.search(path)
        if match is None and "{" in path:
            return f"/xml/reply/{call.name}"
        return match.group().rstrip("/") if match else path.rstrip("/")
    match = re.search(r"\.as[mh]x(/.*)?$", path, re.IGNORECASE)
    if match is not None:
        return (match.group(1) or "").rstrip("/")
    return f"/{path.rstrip('/').rpartition('/')[2]}" if call.protocol in FORM_PROTOCOLS else ""


def _accept(field: str | None) -> str | None:
    """The first media type that an Accept field asks for; None where the page prints none."""
    match = re.match(r"[\w.+*-]+/[\w.+*-]+", field or "")
    return match.group().lower() if match else None


def _host(field: str | None) -> str | None:
    """The host that a field names; None for a placeholder."""
    return field if field and re.search(r"[.:]|localhost", field) else None


def _media_type(field: str | None) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type, in lower case; None for what it does not say."""
    match = re.match(r"([\w.+-]+)\s?/\s?([\w.+-]+)", field or "")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", field or "", re.IGNORECASE)
    kind = f"{match.group(1)}/{match.group(2)}".lower() if match else None
    return kind, charset.group(1).lower() if charset else None


def _response_types(call: Call, made: _Operation) -> tuple[str, ...]:
    """The media types that a success may have. ServiceStack sends SOAP 1.2 as its standard says, whatever the page."""
    shown = [_media_type(each.fields.get("content-type"))[0] for each in call.responses]
    printed = [each for each in shown if each is not None]
    if call.responses and not printed and all(each.head is not None and each.root is None for each in call.responses):
        return ()
    if made.context.family == "servicestack" and call.protocol in SOAP_PROTOCOLS:
        printed = [_MEDIA_TYPES[call.protocol], *printed]
    return tuple(dict.fromkeys(printed or [_MEDIA_TYPES[call.protocol]]))


def _noted_types(call: Call, made: _Operation, clean: Sequence[str]) -> tuple[str, ...]:
    """Media types that a stack sends in places and that are no more than noted: ServiceStack echoes the request's."""
    asked = _media_type(call.request.fields.get("content-type"))[0]
    is_echoed = made.context.family == "servicestack" and call.protocol in SOAP_PROTOCOLS
    return (asked,) if is_echoed and asked is not None and asked not in clean else ()


def _soap_action(call: Call) -> str | None:
    """The SOAPAction, or the action parameter of SOAP 1.2's media type, without the white space of broken lines."""
    if call.protocol != "soap11":
        return None
    action = call.request.fields.get("soapaction")
    return None if action is None else re.sub(r"\s+", "", action).strip("\"'")


def _envelope_attributes(request: Sample) -> dict[str, str]:
    if request.envelope_namespace not in (SOAP11_ENVELOPE, SOAP12_ENVELOPE) or request.root is None:
        return {}
    return {
        each.tag: each.value
        for each in request.root.attributes
        if each.tag.startswith(f"{{{request.envelope_namespace}}}")
    }


# --- starting rulings -------------------------------------------------------------------------------------------------


def _leaves(made: _Operation) -> Iterable[LeafSuggestion]:
    """The leaves of the requests, by path, once each."""
    found: dict[str, LeafSuggestion] = {}
    for member in _declared(made, "request"):
        is_root = any(member is root for root in made.roots.values())
        for leaf in _leaves_below(member, () if is_root else (local_name(member.tag),)):
            found.setdefault(leaf.path, leaf)
    for name, members in made.parts.items():
        for member in members if name.startswith(PARAMETERS) else ():
            for leaf in _leaves_below(member, (local_name(member.tag),)):
                found.setdefault(leaf.path, leaf)
    return found.values()


def _leaves_below(member: Member, path: tuple[str, ...]) -> Iterable[LeafSuggestion]:
    content = member.content
    if isinstance(content, Complex):
        for child in content.members:
            yield from _leaves_below(child, (*path, local_name(child.tag)))
        content = content.text or content
    if isinstance(content, Simple) and path:
        shown = content.example or (content.words[0].value if content.words else None)
        yield LeafSuggestion("/".join(path), "string" if content.words else content.base, shown, member.source)
