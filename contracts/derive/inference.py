"""From what samples show to declarations, by the conventions of each family of pages. Every conclusion has its basis.

What the families' conventions rest on: .NET's XmlSerializer (asmx) writes value types always and leaves out nulls;
DataContractSerializer (servicestack) writes nulls as i:nil and leaves members out; narrative pages promise no more
than names. The help page of ASMX prints whatever may repeat exactly twice, and elements of complex types that stand
deep as `xsi:nil="true"`, whatever they hold.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.derive.concluding import At, Context, Typed
from contracts.derive.declarations import (
    OPEN,
    AnyContent,
    AttributeMember,
    Attributes,
    Complex,
    ContentOf,
    DataSet,
    Extra,
    Member,
    Model,
    SameType,
    Simple,
    Word,
)
from contracts.derive.description import Inference
from contracts.derive.markup import NCNAME, Attribute, Node
from contracts.derive.samples import Role
from contracts.derive.schemas import META
from contracts.derive.shapes import Shape, shape_of
from contracts.derive.tabled import Values, is_value, occurring, told_by_table
from contracts.derive.words import (
    ANY_XML,
    EXACT,
    VALUE_TYPES,
    listed,
    placeholder,
    type_of_plain,
    type_of_value,
    type_of_word,
)
from contracts.model import Basis
from contracts.names import SOAP_ENCODINGS, XSD, XSI_NIL, XSI_TYPE, local_name, namespace_of
from contracts.sources import Source

ARRAYS: Final = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
SERVICESTACK_TYPES: Final = "http://schemas.servicestack.net/types"


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a family's pages are to be read."""

    model: Model
    leaf: Callable[[Shape, At, Context], Typed]
    is_collection: Callable[[Shape], bool]
    always_present: Callable[[ContentOf], bool]
    nillable: Callable[[ContentOf, bool], bool]


def root_member(
    shape: Shape, role: Role, context: Context, known: Iterable[Shape], *, nillable: bool = False
) -> Member:
    """The declaration of a message's root. `known` are all shapes of the operation: types cut short may be among them.

    The root stands at an empty path. `nillable` says that it may be null where its type is one that can be.
    """
    content = _content(shape, At(role, (), (shape,)), context, tuple(known), is_root=True)
    can_be_null = nillable and not _is_value(content.content)
    basis: Basis = "convention" if can_be_null else "documented"
    return Member(
        shape.tag, shape.first.source, content.content, 1, 1, can_be_null, nil_basis=basis, type_basis=content.basis
    )


def members_of(shapes: Iterable[Shape], at: At, context: Context, known: tuple[Shape, ...]) -> tuple[Member, ...]:
    """The declarations of elements that stand side by side, with the rulings on each applied."""
    return tuple(_member(shape, at.below(shape), context, known) for shape in shapes)


def _member(shape: Shape, at: At, context: Context, known: tuple[Shape, ...]) -> Member:
    typed = _content(shape, at, context, known)
    parent = at.outer[-2] if len(at.outer) > 1 else None
    is_collection = shape.most > 1 or (parent is not None and CONVENTIONS[context.family].is_collection(parent))
    prints_nil = any(node.attribute(XSI_NIL) is not None for node in shape.nodes)
    is_contradicted = _is_absent_elsewhere(shape, parent, context) and not is_collection
    member = Member(
        shape.tag,
        shape.first.source,
        typed.content,
        low=int(CONVENTIONS[context.family].always_present(typed.content) and not is_collection and shape.in_all),
        high=None if is_collection else 1,
        nillable=prints_nil or CONVENTIONS[context.family].nillable(typed.content, is_collection),
        basis="inferred" if is_contradicted or all(node.is_guessed for node in shape.nodes) else "documented",
        type_basis=typed.basis,
        min_basis="inferred" if is_contradicted or _is_repeated_elsewhere(shape, parent, context) else "convention",
        nil_basis="documented" if prints_nil and context.family != "asmx" else "convention",
        type_source=typed.source,
    )
    member = occurring(member, at.role, _is_missing_at(shape, parent), shape.most, context)
    ruled = context.rulings.ruled(member, at.role, at.path, shape.nodes)
    context.inferences.extend(_explained(ruled, shape, at))
    return ruled


def _is_absent_elsewhere(shape: Shape, parent: Shape | None, context: Context) -> bool:
    """Whether one sample prints a member and another does not, on pages that print all members of a structure."""
    if shape.in_all or context.family == "narrative" or parent is None:
        return False
    name, holder = shape.first.local, parent.first.local
    without = next(node for node in parent.nodes if node.children and not _count(node, shape.tag))
    context.warn(
        shape.first.source,
        f"{name} is printed in one sample of {holder} and not in another, at {without.source.note}: it may be absent",
    )
    return True


def _is_repeated_elsewhere(shape: Shape, parent: Shape | None, context: Context) -> bool:
    """Whether an ASMX page prints a member twice in one place and once in another: it prints all that repeats twice."""
    if context.family != "asmx" or shape.most == 1 or parent is None:
        return False
    found = [[child for child in node.children if child.tag == shape.tag] for node in parent.nodes]
    once = next((children[0] for children in found if len(children) == 1), None)
    twice = next((children[1] for children in found if len(children) > 1), None)
    if once is None or twice is None:
        return False
    problem = f"{once.local} is printed once here and again in another {parent.first.local} at {twice.source.note}"
    context.warn(once.source, f"{problem}: it may repeat")
    return True


def _count(node: Node, tag: str) -> int:
    return sum(1 for child in node.children if child.tag == tag)


def _is_missing_at(shape: Shape, parent: Shape | None) -> Source | None:
    """Where a sample of an element's parent goes without it; None where none does."""
    nodes = () if parent is None or shape.in_all else parent.nodes
    return next((node.source for node in nodes if node.children and not _count(node, shape.tag)), None)


def _explained(member: Member, shape: Shape, at: At) -> Iterable[Inference]:
    subject = f"{at.role} {'/'.join(at.path)}"
    printed = f"printed: {shape.texts[0]}" if shape.texts and not shape.children else ""
    at_type, at_count, at_nil = (
        each or member.source for each in (member.type_source, member.min_source, member.nil_source)
    )
    yield Inference(subject, f"type {_described(member.content)}", member.type_basis, at_type, printed)
    high = "unbounded" if member.high is None else member.high
    repeats = "printed more than once" if shape.most > 1 else "the item of a collection"
    because = repeats if member.high is None else ""
    yield Inference(subject, f"occurs {member.low} to {high}", member.min_basis, at_count, because)
    if member.nillable:
        yield Inference(subject, "may be nil", member.nil_basis, at_nil)


def _described(content: ContentOf) -> str:
    match content:
        case Simple(words=()):
            return "open enumeration" if content.base == OPEN else content.base
        case Simple():
            return f"one of {', '.join(word.value for word in content.words)}"
        case DataSet():
            return "DataSet: an XML schema, then XML"
        case AnyContent():
            return "any XML" if content.is_xml else "anything: the page shows no content"
        case SameType():
            return "that of the element of this name which is shown in full"
        case Complex(text=Simple() as text):
            named = ", ".join(attribute.name for attribute in content.attributes.named)
            return f"{_described(text)} with {f'the attributes {named}' if named else 'attributes'}"
        case Complex():
            names = ", ".join(local_name(member.tag) for member in content.members)
            return f"{content.model} of {names}" if names else "no children"


# --- content ----------------------------------------------------------------------------------------------------------


def _content(shape: Shape, at: At, context: Context, known: tuple[Shape, ...], *, is_root: bool = False) -> Typed:
    """What an element holds, by the first of these that it shows."""
    is_cut = _is_cut_short(shape, context)
    typed = (
        _dataset(shape)
        or (_shown_elsewhere(shape, at, known) if is_cut else None)
        or _by_xsi_type(shape, at, context, known)
        or (_complex(shape, at, context, known) if shape.children else None)
        or (_empty(shape, at, context, is_root=is_root) if not shape.texts else None)
        or CONVENTIONS[context.family].leaf(shape, at, context)
    )
    shown = [node for node in shape.nodes if node.children or node.text] or shape.nodes
    if _is_leaf_elsewhere(shape, context) or all(node.holds_guessed for node in shown):
        typed = typed.doubted()
    if shape.attributes and isinstance(typed.content, Simple):
        held = Complex(
            CONVENTIONS[context.family].model, (), text=typed.content, attributes=_attributes(shape, context)
        )
        return replace(typed, content=held)
    return typed


def _is_leaf_elsewhere(shape: Shape, context: Context) -> bool:
    """Whether one sample of an element holds elements and another a text."""
    branch = next((node for node in shape.nodes if node.children), None)
    leaf = next((node for node in shape.nodes if node.text and not node.children), None)
    if branch is None or leaf is None:
        return False
    said = f"{leaf.local} is {leaf.text!r} here and holds elements at {branch.source.note}"
    context.warn(leaf.text_source, f"{said}, which are taken")
    return True


def _is_cut_short(shape: Shape, context: Context) -> bool:
    """Whether a page shows an element as null in the place of its content."""
    return not shape.children and not shape.texts and any(node.attribute(XSI_NIL) for node in shape.nodes)


def _dataset(shape: Shape) -> Typed | None:
    """A DataSet: the placeholder of a schema, then that of XML; or a schema and a diffgram themselves.

    That the XML is one diffgram, with nothing beside it, is how ASMX writes what its page prints so. Other content in
    the namespace of XML Schema is left open: it is no message of a service's own.
    """
    for node in shape.nodes:
        names = [child.local for child in node.children]
        schema = next((child for child in node.children if child.local == "schema"), None)
        if schema is not None and (schema.namespace == XSD or schema.text == "schema"):
            if names == ["schema", "diffgram"]:
                return Typed(DataSet(schema.source, node.children[1].source), "convention")
            if names == ["schema"]:
                return Typed(DataSet(schema.source, node.text_source if node.text else schema.source), "convention")
        if any(child.namespace == XSD for child in node.children):
            return Typed(AnyContent(node.source, "documented", is_xml=True))
    return None


def content_key(shape: Shape) -> str:
    """What tells the content of one shape from that of others: the place where it is first printed."""
    return shape.first.source.note


def _shown_elsewhere(shape: Shape, at: At, known: tuple[Shape, ...]) -> Typed:
    """The type of the element of that name around it, or of the only one elsewhere, that is shown in full."""
    around = [each for each in reversed(at.outer[:-1]) if each.tag == shape.tag]
    full = [each for each in known if each.tag == shape.tag and each.children]
    alike = {tuple(child.tag for child in each.children) for each in full}
    target = around[0] if around else full[0] if len(alike) == 1 else None
    if target is None:
        return Typed(AnyContent(shape.first.source, "inferred"), "inferred")
    return Typed(SameType(content_key(target)), "inferred")


def _by_xsi_type(shape: Shape, at: At, context: Context, known: tuple[Shape, ...]) -> Typed | None:
    """The type that a printed xsi:type names, where it is a built-in one or can be declared.

    All elements that name one type are laid over each other: together they show it.
    """
    node = next((node for node in shape.nodes if node.attribute(XSI_TYPE)), None)
    if node is None:
        return None
    named = _xsi_type(shape)
    local, uri = local_name(named), namespace_of(named)
    if not re.fullmatch(NCNAME, local):
        context.warn(node.source, f"{node.attribute(XSI_TYPE)!r} is no name of a type: passed over")
        return None
    if local in ("type", "anyType"):
        return Typed(AnyContent(node.source, "documented"))
    if uri in SOAP_ENCODINGS and type_of_word(local):
        uri = XSD
    if uri == XSD:
        return Typed(_simple(type_of_word(local) or "string", node, "documented"))
    whole = shape_of([node for each in known if _xsi_type(each) == named for node in each.nodes])
    if not whole.children:
        context.warn(node.source, f"{node.raw_name} is a {local}, of which the page shows nothing: anything is clean")
        return Typed(AnyContent(node.source, "documented", type_name=named if uri else None))
    if any(_xsi_type(each) == named for each in at.outer[:-1]):
        return Typed(SameType(content_key(whole)))
    typed = _complex(whole, at, context, known)
    assert isinstance(typed.content, Complex)
    return replace(typed, content=replace(typed.content, type_name=named, key=content_key(whole)))


def _xsi_type(shape: Shape) -> str:
    """The name of the type that the samples of an element give it, in Clark notation; empty for none."""
    node = next((node for node in shape.nodes if node.attribute(XSI_TYPE)), None)
    return "" if node is None else _resolved(node.attribute(XSI_TYPE) or "", node)


def _resolved(qname: str, node: Node) -> str:
    """A QName in Clark notation, by the prefixes in scope; custom says what `xsd` stands for."""
    prefix, _, local = qname.strip().rpartition(":")
    uri = node.namespaces.get(prefix) or (XSD if prefix.lower() in ("xsd", "xs") else "")
    return f"{{{uri}}}{local}" if uri else local


def _complex(shape: Shape, at: At, context: Context, known: tuple[Shape, ...]) -> Typed:
    conventions = CONVENTIONS[context.family]
    members = members_of(shape.children, at, context, known)
    model = conventions.model
    if not shape.keeps_order and model == "sequence":
        other = _in_another_order(shape)
        said = f"samples of {shape.first.local} differ in the order of its members"
        context.warn(other.source, f"{said}, here and at {shape.first.source.note}: any is clean")
        model = "choice"
    if model == "all":
        model = unordered(members, at.role, keeps_order=shape.keeps_order)
    if model == "choice":
        tell_of_choice(members, at, context)
    return Typed(
        Complex(
            model,
            members,
            key=content_key(shape) if _is_cut_elsewhere(shape, known) else None,
            trailing=_extras(shape, context),
            attributes=_attributes(shape, context),
        )
    )


def _in_another_order(shape: Shape) -> Node:
    """The first sample of an element whose members stand otherwise than in its first one; the first, if alone."""
    order = [child.tag for child in shape.first.children]
    for node in shape.nodes[1:]:
        tags = [child.tag for child in node.children if child.tag in order]
        if sorted(tags, key=order.index) != tags:
            return node
    return shape.first


def unordered(members: Sequence[Member], role: Role, *, keeps_order: bool) -> Model:
    """How members that may stand in any order are declared: those that repeat can be in no `all` (XML Schema 1.0).

    A request may keep to the order that is printed, so that what a table asks for is asked for; no answer has to.
    """
    if all(member.high == 1 for member in members):
        return "all"
    asks = any(member.low and member.min_basis != "convention" for member in members)
    return "sequence" if role == "request" and keeps_order and asks else "choice"


def tell_of_choice(members: Sequence[Member], at: At, context: Context) -> None:
    """Tells, as a caution and among the conclusions, that members in any order, some repeated, are not counted.

    XML Schema 1.0 counts the members of a sequence, which has one order, and of an `all`, in which nothing repeats.
    """
    for member in members:
        name, place = local_name(member.tag), member.min_source or member.source
        if member.min_basis == "documented" and (member.low, member.high) != (0, None):
            times = f"{member.low} to {'unbounded' if member.high is None else member.high}"
            problem = f"{name} occurs {times} by the page, beside members that repeat and stand in any order"
            context.warn(place, f"{problem}: XML Schema cannot count those, and any number is clean")
        subject = f"{at.role} {'/'.join((*at.path, name))}"
        said = Inference(subject, "occurs 0 to unbounded", "inferred", place, "members in any order, some repeated")
        counted = (
            each for each in context.inferences if each.subject == subject and each.concluded.startswith("occurs")
        )
        for each in list(counted):
            context.inferences[context.inferences.index(each)] = said


def _is_cut_elsewhere(shape: Shape, known: tuple[Shape, ...]) -> bool:
    """Whether an element of that name is cut short somewhere, so that both share a type."""
    return any(
        each.tag == shape.tag and not each.children and any(node.attribute(XSI_NIL) for node in each.nodes)
        for each in known
    )


def _empty(shape: Shape, at: At, context: Context, *, is_root: bool) -> Typed:
    """An element that is printed without content: of an operation, no parameters; else nothing is known of it.

    With attributes it is read as text with attributes: that is how the help page of ASMX prints it.
    """
    source = shape.first.source
    if is_root:
        return Typed(Complex(CONVENTIONS[context.family].model, (), attributes=_attributes(shape, context)))
    if context.family == "narrative" and not shape.attributes:
        return _narrative_leaf(shape, at, context)
    if shape.attributes:
        return Typed(Simple("string", source, "inferred"), "inferred")
    return Typed(AnyContent(source, "inferred"), "inferred")


def _attributes(shape: Shape, context: Context) -> Attributes:
    """The attributes that an element shows."""
    attributes: list[AttributeMember] = []
    foreign: list[str] = []
    is_open = False
    for attribute, node in shape.attributes:
        if namespace_of(attribute.tag):
            foreign.append(namespace_of(attribute.tag))
        elif attribute.tag == "custom-attribute":  # Mono's help page prints it for xs:anyAttribute
            is_open = True
        else:
            attributes.append(_attribute(attribute, node, shape, context))
    return Attributes(tuple(attributes), tuple(dict.fromkeys(foreign)), is_open)


def _attribute(attribute: Attribute, node: Node, shape: Shape, context: Context) -> AttributeMember:
    source = node.at(attribute.index)
    text = placeholder(attribute.value)
    simple = Simple("string", source, "inferred")
    if context.family == "asmx" or context.prints_words:
        base = type_of_word(text)
        simple = Simple(base, source, is_reference=base not in VALUE_TYPES) if base else simple
        if values := listed(text):
            simple = Simple(
                "string", source, words=tuple(Word(each, source, "documented") for each in values), is_reference=False
            )
    has_it = all(each.attribute(attribute.tag) is not None for each in shape.nodes)
    return AttributeMember(
        attribute.tag, source, simple, has_it and context.family == "asmx" and not simple.is_reference
    )


# --- leaves -----------------------------------------------------------------------------------------------------------


def _simple(base: str, node: Node, basis: Basis = "documented") -> Simple:
    return Simple(base, node.text_source, basis, is_reference=base not in VALUE_TYPES)


def _asmx_leaf(shape: Shape, _: At, context: Context) -> Typed:
    """The type of a placeholder word; a closed enumeration for words with `or` between them."""
    found = [(node, _worded(node, context)) for node in shape.nodes if node.text]
    if context.prints_values and len({_kind(typed) for _, typed in found}) > 1:
        node = found[0][0]  # text is all that they have in common
        return Typed(replace(_simple("string", node, "inferred"), example=node.text), "inferred")
    return _first_of(found, context)


def _worded(node: Node, context: Context) -> Typed:
    """What a placeholder word says; else what a value looks like, where a page prints values throughout, or text."""
    typed = _of_word(node)
    if typed is not None:
        return typed
    base = type_of_plain(node.text) if context.prints_values else "string"
    context.warn(
        node.text_source,
        f"{node.text!r} in {node.local} is no placeholder word that is known: read as a {base}",
    )
    simple = Simple(base, node.text_source, "inferred", example=node.text)
    return Typed(simple, "inferred")


def _first_of(found: Sequence[tuple[Node, Typed]], context: Context) -> Typed:
    """What the first of several samples shows; doubted where another one contradicts it."""
    first, typed = found[0]
    for other, another in found[1:]:
        if _kind(another) != _kind(typed):
            context.warn(
                other.text_source,
                f"{other.local} is {other.text!r} here and {first.text!r} at {first.text_source.note}, which is taken",
            )
            return typed.doubted()
    return typed


def _kind(typed: Typed) -> object:
    content = typed.content
    return (content.base, tuple(word.value for word in content.words)) if isinstance(content, Simple) else type(content)


def _of_word(node: Node) -> Typed | None:
    text = placeholder(node.text)
    if ANY_XML.fullmatch(text):
        return Typed(AnyContent(node.text_source, "documented", is_xml=True))
    base = type_of_word(text)
    if base is not None:
        return Typed(_simple(base, node), "inferred" if text in ("bytes", "anySimpleType") else "documented")
    if values := listed(text):
        return Typed(Simple("string", node.text_source, words=_words(values, node), is_reference=False))
    if re.fullmatch(r"[\w.-]+:QName", text):
        return Typed(_simple("QName", node))
    return None


def _words(values: list[str], node: Node) -> tuple[Word, ...]:
    """The values of an enumeration, each with the place where it stands."""
    words: list[Word] = []
    piece, index = next((piece, index) for piece, index in node.texts if piece.strip())
    position = 0
    for value in values:
        match = re.compile(r"\s+".join(map(re.escape, value.split()))).search(piece, position)
        start = match.start() if match else position
        words.append(Word(value, node.at(index + start), "documented"))
        position = match.end() if match else position
    return tuple(words)


def _servicestack_leaf(shape: Shape, _: At, context: Context) -> Typed:
    """The type of a sample value; an open enumeration for a word that is no type's default value."""
    found = [(node, _of_value(node)) for node in shape.nodes if node.text]
    typed = _first_of(found, context)
    if any(_kind(each) != _kind(found[0][1]) for _, each in found):  # text is all that they have in common
        return Typed(_simple("string", found[0][0], "inferred"), "inferred")
    return typed


def _of_value(node: Node) -> Typed:
    base = type_of_value(placeholder(node.text))
    if base is None:
        return Typed(_simple("string", node, "inferred"), "inferred")
    basis: Basis = "documented" if base in EXACT or base == "string" else "inferred"
    is_reference = base in ("string", "base64Binary", "anyURI")
    example = None if base == "string" else node.text
    return Typed(Simple(base, node.text_source, basis, is_reference=is_reference, example=example), basis)


# --- narrative pages --------------------------------------------------------------------------------------------------


def _narrative_leaf(shape: Shape, at: At, context: Context) -> Typed:
    """Text, unless a table of parameters or a placeholder word names a type, or a list, that every sample is of."""
    words = [(node, typed) for node in shape.nodes if node.text and (typed := _of_word(node)) is not None]
    told = _told(shape, at, context)
    if context.prints_words and words:
        return _agreed(_first_of(words, context), words[0][0], told, context)
    node = next((node for node in shape.nodes if node.text), shape.first)
    example = node.text or None
    if told is not None and isinstance(told.content, Simple):
        return replace(told, content=replace(told.content, example=example))
    return Typed(replace(_simple("string", node, "inferred"), example=example), "inferred")


def _agreed(typed: Typed, node: Node, told: Typed | None, context: Context) -> Typed:
    """What a placeholder word says, doubted where a table says something else."""
    if told is None or _kind(told) == _kind(typed):
        return typed
    table = told.source or node.source
    said = _described(told.content)
    context.warn(node.text_source, f"{node.local} is {node.text!r} here and {said} at {table.note}: the first is taken")
    return typed.doubted()


def _told(shape: Shape, at: At, context: Context) -> Typed | None:
    """What tables say of an element's value, where the samples are of it; cautions where they are not."""
    return told_by_table(shape.first.local, at.role, _values(shape), context)


def _values(shape: Shape) -> Values:
    return [(node.text, node.text_source) for node in shape.nodes if is_value(node.text)]


# --- conventions ------------------------------------------------------------------------------------------------------


def _is_value(content: ContentOf) -> bool:
    return isinstance(content, Simple) and not content.is_reference


def _is_datacontract_collection(shape: Shape) -> bool:
    """Whether a DataContract element is a collection: one kind of child, which is no plain member.

    An item is known by the namespace that the serialiser keeps for arrays of built-in types, by the name of such a
    type, or by being a structure itself: a class with a single member that is one is rarer than a list by far, and
    reads a second one without complaint.
    """
    if len(shape.children) != 1 or shape.first.local.startswith("KeyValueOf"):
        return False
    item = shape.children[0]
    return item.first.namespace == ARRAYS or item.first.local in _ITEM_NAMES or bool(item.children)


_ITEM_NAMES: Final = frozenset(
    {
        "string",
        "int",
        "long",
        "short",
        "decimal",
        "double",
        "float",
        "boolean",
        "dateTime",
        "guid",
        "base64Binary",
        "unsignedByte",
    }
)


def _extras(shape: Shape, context: Context) -> tuple[Extra, ...]:
    """Members that ServiceStack writes in its own structures and that a page of an older version does not print."""
    if context.family != "servicestack":
        return ()
    names = {local_name(child.tag) for child in shape.children}
    status = {"ErrorCode", "Message", "Errors"} <= names or {"ErrorCode", "FieldName", "Message"} <= names
    if not status or "Meta" in names or {child.first.namespace for child in shape.children} != {SERVICESTACK_TYPES}:
        return ()
    return (META,)


CONVENTIONS: Final[Mapping[str, Conventions]] = {
    "asmx": Conventions(
        model="sequence",
        leaf=_asmx_leaf,
        is_collection=lambda _: False,
        always_present=_is_value,
        nillable=lambda content, is_collection: is_collection and not _is_value(content),
    ),
    "servicestack": Conventions(
        model="sequence",
        leaf=_servicestack_leaf,
        is_collection=_is_datacontract_collection,
        always_present=lambda _: False,
        nillable=lambda content, _: not _is_value(content),
    ),
    "narrative": Conventions(
        model="all",
        leaf=_narrative_leaf,
        is_collection=lambda _: False,
        always_present=lambda _: False,
        nillable=lambda _, __: False,
    ),
}
