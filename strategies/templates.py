"""A valid sample of an operation's request, compiled from its schema and rulings, and the sites where it may vary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree
from xmlschema.validators import XsdAnyElement, XsdElement, XsdGroup

from contracts.errors import ContractError, Place
from contracts.families import families
from contracts.judge.records import Change
from contracts.model import Binding, Content, Leaf, Operation, Protocol
from contracts.names import XSI_NIL, local_name, namespace_of
from contracts.values import placeholder
from strategies.values import Edge, UnsupportedError, value_space

SiteKind: TypeAlias = Literal["order", "choice", "count", "value", "nil", "absent"]
Step: TypeAlias = tuple[str, int]
Element: TypeAlias = etree._Element

MANY: Final = 50
"""Items of a long list: past the initial capacity of any stack's buffers, and still a small message."""

MADE_UP: Final = "soapstone-made-up"
"""Stands for a credential whose ruling gives no made-up value."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a request says, without the protocol around it.

    `body` is the documented root element or, where a content type rules, the schema's wrapper around the Body's
    children; `header` likewise, None where the page shows no Header.
    """

    body: Element
    header: Element | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One deterministic way to vary a site. `because` names the stack that refuses or alters it; empty if none does."""

    name: str
    after: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One place where the sample may vary: a leaf's value, an element's absence, nil, number, order or choice.

    `where` is the path that changes carry, `path` the same without positions. `texts` draws what `Change.after` may be.
    A `guarded` site may only vary while made-up credentials are sent, a `constant` one has nothing else to be.
    """

    kind: SiteKind
    where: str
    path: str
    in_header: bool
    steps: tuple[Step, ...]
    rule: str
    before: str
    options: tuple[Option, ...]
    texts: SearchStrategy[str]
    type_names: tuple[str, ...] = ()
    nillable: bool = False
    leaf: Leaf | None = None
    guarded: bool = False
    constant: bool = False
    alternatives: Mapping[str, Element] | None = None

    @property
    def is_credential(self) -> bool:
        """Whether the site is a leaf that only the target's owner can fill."""
        return self.leaf is not None and self.leaf.credential

    @property
    def is_configured(self) -> bool:
        """Whether the target's configuration fills the leaf, be it a credential or not."""
        return self.leaf is not None and (self.leaf.credential or self.leaf.configured)

    def change(self, option: Option) -> Change:
        """The record of varying the site in one of its ways."""
        return Change(self.kind, self.where, f"{self.rule}: {option.name}", self.before, option.after)

    def drawn(self, after: str) -> Change:
        """The record of varying the site as drawn; where the sample itself was drawn, of its plainest variation."""
        if after == self.before:
            after = next((option.after for option in self.options if not option.because), after)
        return Change(self.kind, self.where, self.rule, self.before, after)

    def meets(self, other: "Site") -> bool:
        """Whether two sites cannot vary in one message: one is the other or holds it."""
        if self.kind == "order" or other.kind == "order":
            return _meet_in_order(self, other) or _meet_in_order(other, self)
        return _holds(self.where, other.where) or _holds(other.where, self.where)


@dataclass(frozen=True)
class Template:
    """The known-good payload of a binding and its sites, in document order. The payload is never to be changed.

    `leaves` are all sites of values, credentials among them; `sites` those that a valid message may vary.
    """

    operation: Operation
    binding: Binding
    payload: Payload
    leaves: tuple[Site, ...]
    sites: tuple[Site, ...]

    @cached_property
    def credentials(self) -> tuple[Site, ...]:
        """The leaves that only the target's owner can fill."""
        return tuple(site for site in self.leaves if site.is_credential)

    def vary(self, changes: Iterable[Change]) -> Payload:
        """The payload with changes applied; made-up credentials are put where a change may not go with real ones."""
        sites = [(self._sites[change.kind, change.where], change.after or "") for change in changes]
        if any(site.guarded for site, _ in sites):
            sites += [(site, made_up(site)) for site in self.credentials]
        payload = deepcopy_of(self.payload)
        for site, after in sorted(sites, key=_turn):
            root = payload.header if site.in_header else payload.body
            assert root is not None
            _APPLY[site.kind](root, site, after)
        return payload

    def keeps_credentials(self, changes: Iterable[Change]) -> bool:
        """Whether a message with these changes carries the configured credentials, if there are any."""
        return not any(self._sites[change.kind, change.where].guarded for change in changes)

    def with_values(self, values: Mapping[str, str]) -> Payload:
        """The payload with other text in some leaves, by `where`, whether or not it is valid there."""
        payload = deepcopy_of(self.payload)
        for site in self.leaves:
            if site.where in values:
                find(payload, site).text = values[site.where]
        return payload

    def made_up_values(self) -> dict[str, str]:
        """A made-up value for every credential, by `where`."""
        return {site.where: made_up(site) for site in self.credentials}

    def is_valid(self, payload: Payload) -> bool:
        """Whether lxml finds a payload valid, made-up values standing where configured ones will."""
        filled = deepcopy_of(payload)
        known = {site.before: _stand_in(site) for site in self.leaves if site.is_configured}
        roots = [root for root in (filled.header, filled.body) if root is not None]
        for element in (each for root in roots for each in root.iter() if each.text in known):
            element.text = known[element.text or ""]
        return all(self.operation.schema.fast.validate(root) for root in roots)

    @cached_property
    def _sites(self) -> Mapping[tuple[str, str], Site]:
        """By kind and place: what may vary, and every leaf."""
        return {(site.kind, site.where): site for site in (*self.leaves, *self.sites)}


_templates: dict[tuple[str, str, Path, tuple[Leaf, ...], Protocol], Template] = {}


def template_of(operation: Operation, protocol: Protocol) -> Template:
    """The template of an operation over a binding, compiled once.

    Raises ContractError, which names the construct and its place, where the schema holds one that is not supported.
    """
    key = (operation.key, operation.digest, operation.folder, operation.leaves, protocol)
    if key not in _templates:
        _templates[key] = _Compiler(operation, operation.bindings_by_protocol[protocol]).template()
    return _templates[key]


def made_up(site: Site) -> str:
    """What a credential's leaf carries where the configured value must not be used."""
    return (site.leaf.made_up if site.leaf else None) or MADE_UP


def _stand_in(site: Site) -> str:
    """What is valid in a leaf where a configured value will stand."""
    return made_up(site) if site.is_credential else (site.leaf and site.leaf.value) or ""


def deepcopy_of(payload: Payload) -> Payload:
    """A payload of its own, free to be changed."""
    return Payload(deepcopy(payload.body), None if payload.header is None else deepcopy(payload.header))


def tag_of(element: Element) -> str:
    """An element's name in Clark notation. The trees made here hold elements only, no comments."""
    return str(element.tag)


def find(payload: Payload, site: Site) -> Element:
    """The element of a site in a payload that still has the sample's structure there."""
    root = payload.header if site.in_header else payload.body
    assert root is not None
    return _descend(root, site.steps)


def first_of_each(sites: Iterable[Site]) -> list[Site]:
    """The sites without those that only repeat an earlier one in another item of a list."""
    return list({(site.kind, site.path): site for site in reversed(list(sites))}.values())[::-1]


# --- applying changes -------------------------------------------------------------------------------------------------


def _meet_in_order(ordered: Site, other: Site) -> bool:
    """Whether an order is of no consequence, or another, once the other site varies."""
    inside = other.in_header == ordered.in_header and _holds(ordered.where, other.where)
    return ordered.kind == "order" and inside and other.kind in ("order", "absent", "choice")


def _holds(outer: str, inner: str) -> bool:
    return not outer or inner == outer or inner.startswith((f"{outer}/", f"{outer}["))


def _turn(change: tuple[Site, str]) -> int:
    """Structure that other paths are counted in comes first, removal last."""
    return _TURNS[change[0].kind]


def _descend(root: Element, steps: Sequence[Step]) -> Element:
    for tag, position in steps:
        found = root.find(tag) if position == 1 else root.findall(tag)[position - 1]
        assert found is not None
        root = found
    return root


def _reorder(root: Element, site: Site, after: str) -> None:
    parent = _descend(root, site.steps)
    places = {name: index for index, name in enumerate(after.split())}
    parent[:] = sorted(parent, key=lambda child: places[local_name(tag_of(child))])


def _choose(root: Element, site: Site, after: str) -> None:
    chosen = _descend(root, site.steps)
    parent = chosen.getparent()
    assert parent is not None
    assert site.alternatives is not None
    parent.replace(chosen, deepcopy(site.alternatives[after]))


def _recount(root: Element, site: Site, after: str) -> None:
    parent = _descend(root, site.steps[:-1])
    items = parent.findall(site.steps[-1][0])
    wanted = int(after)
    for item in items[wanted:]:
        parent.remove(item)
    place = parent.index(items[-1]) if wanted > len(items) else 0
    for _ in range(wanted - len(items)):
        parent.insert(place, deepcopy(items[-1]))


def _revalue(root: Element, site: Site, after: str) -> None:
    _descend(root, site.steps).text = after


def _make_nil(root: Element, site: Site, _: str) -> None:
    element = _descend(root, site.steps)
    element.clear()
    element.set(XSI_NIL, "true")


def _remove(root: Element, site: Site, _: str) -> None:
    element = _descend(root, site.steps)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


_APPLY: Final[Mapping[SiteKind, Callable[[Element, Site, str], None]]] = {
    "order": _reorder,
    "choice": _choose,
    "count": _recount,
    "value": _revalue,
    "nil": _make_nil,
    "absent": _remove,
}
_TURNS: Final = {kind: turn for turn, kind in enumerate(_APPLY)}


# --- compiling --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _At:
    """Where the compiler stands: an element of the sample, and the types that it stands in."""

    in_header: bool
    steps: tuple[Step, ...] = ()
    where: str = ""
    path: str = ""
    types: tuple[Any, ...] = ()

    def child(self, tag: str, position: int, *, repeats: bool) -> "_At":
        name = local_name(tag)
        shown = f"{name}[{position}]" if repeats else name
        where = f"{self.where}/{shown}" if self.where else shown
        path = f"{self.path}/{name}" if self.path else name
        return replace(self, steps=(*self.steps, (tag, position)), where=where, path=path)

    def site(self, kind: SiteKind, rule: str, before: str, options: Iterable[Option], **more: Any) -> Site:
        """A site here whose options are also what is drawn, unless `texts` says otherwise."""
        options = tuple(options)
        if "texts" not in more:
            more["texts"] = st.sampled_from([option.after for option in options])
        where = f"Header/{self.where}".rstrip("/") if self.in_header else self.where
        return Site(kind, where, self.path, self.in_header, self.steps, rule, before, options, **more)


class _Compiler:
    """Walks the schema's components once, making the sample and listing its sites."""

    def __init__(self, operation: Operation, binding: Binding) -> None:
        self._operation, self._binding = operation, binding
        self._sites: list[Site] = []

    def template(self) -> Template:
        shape = self._binding.request
        payload = Payload(
            body=self._content(shape.body, in_header=False),
            header=self._content(shape.header, in_header=True) if shape.header else None,
        )
        leaves = tuple(site for site in self._sites if site.kind == "value")
        credentials = [site for site in leaves if site.is_credential]
        guarding = [site for site in leaves if site.leaf and site.leaf.secret] if len(credentials) > 1 else []
        pinned = {site.where for site in leaves if site.is_configured}
        template = Template(
            operation=self._operation,
            binding=self._binding,
            payload=payload,
            leaves=leaves,
            sites=tuple(
                replace(site, guarded=any(site.meets(secret) for secret in guarding))
                for site in self._sites
                if not site.constant and site.where not in pinned and self._may_vary(site, credentials)
            ),
        )
        if not template.is_valid(payload):
            error = self._operation.schema.fast.error_log.last_error
            raise ContractError(self._place(), "the known-good values make no valid message", value=str(error))
        return template

    def _may_vary(self, site: Site, credentials: Sequence[Site]) -> bool:
        """Credentials stay in every message; several (a user and a password) keep their order, too."""
        if site.kind == "order":
            return len(credentials) < 2 and self._may_reach(site)
        return self._may_reach(site) and not any(site.meets(credential) for credential in credentials)

    def _may_reach(self, site: Site) -> bool:
        """Whether the binding can say it: a form has neither nil nor structure."""
        return not self._binding.is_form or site.kind == "value"

    def _place(self) -> Place:
        return Place(self._operation.schema.entry)

    def _content(self, content: Content, *, in_header: bool) -> Element:
        schema = self._operation.schema
        tag = content.element or schema.wrapper(content.type_name or "")
        declaration = schema.exact.elements.get(tag)
        if declaration is None:
            raise ContractError(self._place(), "declares no such element", value=tag)
        root = _new_element(None, tag)
        self._fill(root, declaration, _At(in_header))
        return root

    def _fill(self, element: Element, declaration: Any, at: _At) -> None:
        """Gives an element of the sample its content. Raises ContractError for a construct that is not supported."""
        try:
            self._fill_type(element, declaration, at)
        except UnsupportedError as error:
            file = Path((declaration.schema.url or "").removeprefix("file://") or self._operation.schema.entry)
            raise ContractError(
                Place(file),
                f"{self._operation.name}: no strategy for {error}",
                value=at.where or local_name(tag_of(element)),
            ) from error

    def _fill_type(self, element: Element, declaration: Any, at: _At) -> None:
        xsd_type = declaration.type
        _refuse_unsupported(declaration)
        if xsd_type.is_simple():
            self._leaf(element, declaration, xsd_type, at)
        elif xsd_type.has_simple_content():
            self._leaf(element, declaration, xsd_type.content, at)
        elif any(xsd_type is outer for outer in at.types):
            raise UnsupportedError(f"recursive type {xsd_type.prefixed_name}")
        elif not xsd_type.is_empty():
            self._group(element, xsd_type.content, replace(at, types=(*at.types, xsd_type)))

    def _leaf(self, element: Element, declaration: Any, simple_type: Any, at: _At) -> None:
        ruling = self._operation.leaves_by_path.get(at.path)
        space = value_space(simple_type, ruling.process_range if ruling else None)
        if declaration.fixed is not None:
            element.text = declaration.fixed
            return
        if ruling is None:
            element.text = _plainest(space.edges)
        else:
            element.text = placeholder(ruling.name) if ruling.credential or ruling.configured else ruling.value
        site = at.site(
            "value",
            str(simple_type.prefixed_name or local_name(simple_type.root_type.name)),
            element.text or "",
            (),
            texts=st.nothing(),
            type_names=space.type_names,
            nillable=declaration.nillable,
            leaf=ruling,
            constant=len(simple_type.enumeration or ()) == 1,
        )
        doubt = self._doubt_of(space.type_names, ruling)
        options = (Option(edge.name, edge.text, doubt(edge.text)) for edge in space.edges)
        self._sites.append(
            replace(
                site,
                options=tuple(option for option in options if option.after != element.text),
                texts=space.texts.filter(lambda text: not doubt(text)),
            )
        )

    def _doubt_of(self, type_names: Sequence[str], ruling: Leaf | None) -> Callable[[str], str]:
        """A function that says why a valid value may be refused or altered; empty if nothing is known against it."""
        family, protocol = self._operation.family, self._binding.protocol
        low, high = (ruling and ruling.process_range) or (None, None)

        def doubt(text: str) -> str:
            if low is not None and high is not None and not low <= int(text) <= high:
                return f"The page does not tell how wide the type is; {low} to {high} fit every type that it may be."
            reasons = (families().unportable(name, text, family, protocol) for name in type_names)
            return next(filter(None, reasons), "")

        return doubt

    def _group(self, parent: Element, group: Any, at: _At) -> None:
        """Adds what a model group calls for, by its model (part 1, section 3.8)."""
        if (group.min_occurs, group.max_occurs) != (1, 1):
            raise UnsupportedError(f"xs:{group.model} that may be absent or repeated")
        _GROUPS[group.model](self, parent, group, at)

    def _in_turn(self, parent: Element, group: Any, at: _At) -> None:
        for particle in group:
            _PARTICLES[_kind_of(particle)](self, parent, particle, at)

    def _in_any_order(self, parent: Element, group: Any, at: _At) -> None:
        self._in_turn(parent, group, at)
        names = [local_name(tag_of(child)) for child in parent]
        orders = {"reversed": names[::-1], "rotated": [*names[1:], *names[:1]]}
        options = {" ".join(order): name for name, order in reversed(orders.items()) if order != names}
        if options:
            self._sites.append(
                at.site("order", "xs:all", " ".join(names), (Option(name, order) for order, name in options.items()))
            )

    def _one_of(self, parent: Element, group: Any, at: _At) -> None:
        """The first alternative; the others, each with its plainest content, are options of the site."""
        if any(_kind_of(particle) is not XsdElement or particle.max_occurs != 1 for particle in group):
            raise UnsupportedError("xs:choice of anything but single elements")
        first, *others = group
        alternatives: dict[str, Element] = {}
        for other in others:
            scratch = _Compiler(self._operation, self._binding)
            holder = _new_element(None, tag_of(parent))
            scratch._single(holder, other, at)
            alternatives[other.local_name] = holder[0]
        self._single(parent, first, at)
        options = [Option(name, name) for name in alternatives]
        if options:
            here = at.child(first.name, 1, repeats=False)
            self._sites.append(here.site("choice", "xs:choice", first.local_name, options, alternatives=alternatives))

    def _single(self, parent: Element, particle: Any, at: _At, position: int = 1, *, repeats: bool = False) -> None:
        element = _new_element(parent, particle.name)
        here = at.child(particle.name, position, repeats=repeats)
        self._fill(element, particle, here)
        if particle.nillable:
            self._sites.append(here.site("nil", "nillable", "", [Option("nil", "true")]))

    def _element(self, parent: Element, particle: Any, at: _At) -> None:
        """One element, or two and the site of their number where it may be repeated."""
        low, high = particle.min_occurs, particle.max_occurs
        if high == 0:
            return
        if high == 1:
            self._single(parent, particle, at)
            if low == 0:
                here = at.child(particle.name, 1, repeats=False)
                self._sites.append(here.site("absent", "minOccurs", "present", [Option("absent", "absent")]))
            return
        shown = max(low, 2)
        for position in range(1, shown + 1):
            self._single(parent, particle, at, position, repeats=True)
        self._sites.append(_count_site(at.child(particle.name, 1, repeats=False), low, high, shown))

    def _nested(self, parent: Element, particle: Any, at: _At) -> None:
        if particle.model != "sequence":
            raise UnsupportedError(f"xs:{particle.model} within a model group")
        self._group(parent, particle, at)

    def _wildcard(self, parent: Element, particle: Any, at: _At) -> None:
        raise UnsupportedError("xs:any")


def _count_site(here: _At, low: int, high: int | None, shown: int) -> Site:
    """The site of a list's length: empty, one, the most, many."""
    wanted = {"one": 1, "none": 0, "three": 3, "many": MANY}
    if high is not None:
        wanted["maxOccurs"] = min(high, MANY)
    if low > 0:
        wanted["minOccurs"] = low
    fitting = {number: name for name, number in wanted.items() if low <= number <= (high or MANY) and number != shown}
    options = [Option(name, str(number)) for number, name in fitting.items()]
    texts = st.integers(low, min(high or 8, 8)).map(str) if low < 8 else st.just(str(low))
    return here.site("count", "maxOccurs", str(shown), options, texts=texts, constant=not options)


def _refuse_unsupported(declaration: Any) -> None:
    """Raises UnsupportedError for what an element declaration has that no message here would carry."""
    xsd_type = declaration.type
    if declaration.abstract or getattr(xsd_type, "abstract", False):
        raise UnsupportedError("abstract element or type")
    if xsd_type.is_simple():
        return
    if xsd_type.has_mixed_content():
        raise UnsupportedError("mixed content")
    required = [name for name, attribute in xsd_type.attributes.items() if name and attribute.use == "required"]
    if required:
        raise UnsupportedError(f"required attribute {local_name(required[0])}")


def _new_element(parent: Element | None, tag: str) -> Element:
    """A new element, last child of its parent if it has one, with a default namespace as pages print it."""
    uri = namespace_of(tag)
    declared: dict[str | None, str] = {None: uri} if uri else {}
    if parent is None:
        return etree.Element(tag, nsmap=declared)
    inherited = namespace_of(tag_of(parent))
    if not uri and inherited:
        raise UnsupportedError("an unqualified local element below a qualified one")
    return etree.SubElement(parent, tag, nsmap={} if uri == inherited else declared)


def _plainest(edges: Sequence[Edge]) -> str:
    """What an unruled leaf holds: a small or plain value, where the type has one. Raises UnsupportedError for none."""
    if not edges:
        raise UnsupportedError("a leaf whose known-good value no ruling gives and no type suggests")
    plain = ("one", "zero", "false", "zeros", "leap-day", "length-255")
    by_name = {edge.name: edge.text for edge in edges}
    return next((by_name[name] for name in plain if name in by_name), edges[0].text)


def _kind_of(particle: Any) -> type:
    return next(kind for kind in (XsdGroup, XsdElement, XsdAnyElement) if isinstance(particle, kind))


_GROUPS: Final[Mapping[str, Callable[[_Compiler, Element, Any, _At], None]]] = {
    "sequence": _Compiler._in_turn,
    "all": _Compiler._in_any_order,
    "choice": _Compiler._one_of,
}
_PARTICLES: Final[Mapping[type, Callable[[_Compiler, Element, Any, _At], None]]] = {
    XsdElement: _Compiler._element,
    XsdGroup: _Compiler._nested,
    XsdAnyElement: _Compiler._wildcard,
}
