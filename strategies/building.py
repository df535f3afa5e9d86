"""A valid sample of an element, built from its schema, with the sites where it may vary.

The sample shows as much as it can: every optional part, two of what may be repeated. What cannot stand beside it is an
alternative of a site: other branches of a choice, members of a substitution group, derived types, another turn of a
recursion. Each alternative is built where the schema's component is first met and nowhere else, so that the whole
grows with the schema and not with the product of its choices.

Source of the rules: XML Schema part 1, sections 3.3 (elements), 3.4 (complex types), 3.8 to 3.10 (particles).
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from xmlschema.validators import XsdAnyElement, XsdElement

from contracts.names import XSI, local_name, namespace_of
from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.extents import MANY, SHOWN_TWICE, Extents
from strategies.findings import Findings
from strategies.finishing import finished
from strategies.grammar import NO_END, Declaration, Grammar, Particle, Type, leaves_of, type_of, unwrapped
from strategies.identities import may_identify
from strategies.leaves import Leaves
from strategies.settling import Settler
from strategies.sites import (
    Branch,
    Element,
    Option,
    Site,
    SiteKind,
    Span,
    numbers,
)
from strategies.specimens import Guide, Place, Specimen
from strategies.standing import FULL, At, Siblings, in_repeated_group, is_flat, joined
from strategies.writing import Manner, OtherwiseError, Writer

DEEP: Final = 8
"""Turns of a recursion in its long form: past any special case for the first few, and still readable."""

ALL: Final = 5_000
"""Elements and attributes of sample and alternatives together, after which no more alternatives are built."""

TOO_LARGE: Final = 20_000
"""Elements of a smallest message that is too large to be worth anything."""

TOO_DEEP: Final = 120
"""Levels of elements: readers of XML commonly stop at 256."""


def specimen_of(
    grammar: Grammar, declaration: Declaration, guide: Guide | None = None, prefix: str = "",
    *, lean: bool = False, single: bool = False,
) -> Specimen:  # fmt: skip
    """The specimen of a global element.

    `prefix` goes before the places of its sites. A `lean` sample holds only what has to be there, a `single` one one of
    each thing, where that is enough. Raises UnsupportedError for what cannot be generated.
    """
    manner = Manner(prefixed=grammar.mixes_qualified_and_not, lean=lean, single=single)
    while True:
        try:
            return _Builder(grammar, guide or Guide(), prefix, manner).specimen(declaration)
        except OtherwiseError as otherwise:
            manner = otherwise.manner
        except UnsupportedError:
            raise
        except RecursionError as error:
            raise UnsupportedError(f"element {declaration.local_name}, whose content is nested too deeply") from error
        except ValueError as error:  # what lxml has against names, namespaces and characters that xmlschema lets pass
            raise UnsupportedError(f"element {declaration.local_name}, of which lxml makes none ({error})") from error


class _Builder:
    """Builds a sample and lists its sites: one walk over the components within reach."""

    def __init__(self, grammar: Grammar, guide: Guide, prefix: str, manner: Manner) -> None:
        self._grammar, self._manner = grammar, manner
        self._found = Findings(prefix)
        self._writer = Writer(grammar, manner)
        self._extents = Extents(grammar)
        self._leaves = Leaves(grammar, guide, manner, self._writer, self._found)

    def specimen(self, declaration: Declaration) -> Specimen:
        """The specimen of a global element."""
        size = self._grammar.size_of_any(declaration)
        if size == NO_END:
            construct, where = self._grammar.obstacle(declaration)
            raise UnsatisfiableError(construct, where.partition("/")[2])
        if size > TOO_LARGE:
            raise UnsupportedError(f"element {declaration.local_name}, whose smallest message has {size:.0f} elements")
        top: list[Element] = []
        self._element(top, declaration, At(lean=self._manner.lean, lists=SHOWN_TWICE if self._manner.single else 0))
        (root,) = top
        if self._leaves.refers and () not in self._found.ids:
            raise OtherwiseError(replace(self._manner, references=False))
        sites = tuple(replace(site, turn=turn) for turn, site in enumerate(self._found.sites))
        keepers = tuple(dict.fromkeys(each.declaration for each in self._found.places if each.declaration.identities))
        settler = Settler(self._grammar, self._leaves.filled) if keepers or self._leaves.identifies else None
        complaint = None
        if settler is not None:
            sites, complaint = finished(sites, root, settler)
        return Specimen(
            root=root,
            sites=sites,
            places=tuple(self._found.places),
            left_out=tuple(self._found.left_out),
            keepers=keepers,
            settler=settler,
            complaint=complaint,
        )

    # --- elements -----------------------------------------------------------------------------------------------------

    def _element(self, siblings: Siblings, particle: Declaration, at: At, *, repeats: bool = False) -> None:
        """One element for a declaration: itself, or the first of those that may stand for it."""
        all_candidates = self._grammar.candidates(particle)
        candidates = [each for each in all_candidates if self._grammar.size(each) < NO_END]
        for each in all_candidates if 0 < len(candidates) < len(all_candidates) else ():
            if each not in candidates:
                self._left_out(each, at)
        if not candidates:
            raise UnsatisfiableError(
                f"element {particle.local_name}, for which none may stand", self._found.shown_at(at)
            )
        chosen = min(candidates, key=self._grammar.size) if at.lean else candidates[0]
        first = len(siblings)
        slot, here = len(self._found.sites), self._typed(siblings, chosen, particle, at, repeats=repeats)
        others = {_distinct(each.local_name, each.name): each for each in candidates if each is not chosen}
        if others and self._found.is_first(particle.ref or particle, "substitution"):
            build = lambda top, each, inner: self._typed(top, each, particle, inner, repeats=repeats)  # noqa: E731
            self._alternatives(slot, "substitution", "substitutionGroup", chosen.local_name, (first, first + 1),
                               at, here, others, build)  # fmt: skip

    def _typed(self, siblings: Siblings, declaration: Declaration, particle: Particle, at: At, *, repeats: bool) -> At:
        """One element of its own type, or of the first derived one where that is abstract."""
        types = [each for each in self._grammar.types(declaration) if self._grammar.type_size(each) < NO_END]
        if not types:
            raise UnsatisfiableError(f"abstract type of element {declaration.local_name}", self._found.shown_at(at))
        chosen = min(types, key=self._grammar.type_size) if at.lean else types[0]
        first = len(siblings)
        slot, here = len(self._found.sites), self._made(siblings, declaration, chosen, particle, at, repeats=repeats)
        others = {_distinct(each.local_name, each.name): each for each in types if each is not chosen}
        if others and self._found.is_first(declaration.type, "type"):
            build = lambda top, each, inner: self._made(top, declaration, each, particle, inner, repeats=repeats)  # noqa: E731
            self._alternatives(slot, "type", "xsi:type", chosen.local_name or "", (first, first + 1),
                               at, here, others, build)  # fmt: skip
        return here

    def _made(
        self, siblings: Siblings, declaration: Declaration, xsd_type: Type, particle: Particle, at: At,
        *, repeats: bool,
    ) -> At:  # fmt: skip
        """One element of a type, with all that it holds."""
        here = self._below(len(siblings), declaration, xsd_type, particle, at, repeats=repeats)
        if len(here.at) > TOO_DEEP:
            raise UnsatisfiableError(f"element {declaration.local_name}, below {TOO_DEEP} others", here.where[-80:])
        derived = xsd_type if xsd_type is not type_of(declaration) else None
        self._found.count += 1
        element = self._writer.new(siblings, declaration.name, at, derived)
        self._found.places.append(
            Place(here.at, self._found.shown_at(here), here.path, here.scope, declaration, xsd_type)
        )
        if not xsd_type.is_simple():
            self._attributes(element, xsd_type, here)
        inside = replace(here, types=(*here.types, xsd_type), marks=(*here.marks, len(here.trail)))
        self._content(element, declaration, xsd_type, inside)
        if declaration.nillable and declaration.fixed is None:
            self._found.site(here, "nil", "nillable", "", [Option("nil", "true")])
        return here

    def _below(
        self, index: int, declaration: Declaration, xsd_type: Type, particle: Particle, at: At, *, repeats: bool
    ) -> At:
        """Where an element that is about to be added will stand."""
        position = at.tally[declaration.name] = at.tally.get(declaration.name, 0) + 1
        is_root = not at.types
        name = "" if is_root else declaration.local_name
        shown = f"{name}[{position}]" if repeats or position > 1 else name
        if xsd_type is not type_of(declaration) and (xsd_type.local_name or declaration.type.abstract):
            shown += f"({xsd_type.local_name})"
        turns = 0 if is_flat(xsd_type) else sum(xsd_type is outer for outer in at.types)
        return replace(
            at,
            at=(*at.at, index),
            where=joined(at.where, shown),
            path=joined(at.path, name),
            lean=at.lean or turns > (particle is at.forced),
            tally={},
            namespace=namespace_of(declaration.name),
            outer=at.outer | {at.namespace},
            forced=None,
            descend=at.descend - (turns > 0) if id(particle) in at.spine else 0,
        )

    # --- content ------------------------------------------------------------------------------------------------------

    def _content(self, element: Element, declaration: Declaration, xsd_type: Type, at: At) -> None:
        if xsd_type.is_simple():
            self._leaves.leaf(element, declaration, xsd_type, at)
        elif xsd_type.has_simple_content():
            self._leaves.leaf(element, declaration, xsd_type.content, at)
        elif xsd_type.mixed and declaration.fixed is not None:
            element.text = declaration.fixed
        else:
            self._particle(element, xsd_type.content, at)
            if self._may_be_emptied(element, xsd_type, at):
                self._found.site(at, "empty", "content", "", [Option("empty", "")])
            if xsd_type.mixed:
                self._mixed(element, at)

    def _may_be_emptied(self, element: Element, xsd_type: Type, at: At) -> bool:
        """Whether all content is optional, and no other site does away with all of it."""
        if not len(element) or at.lean or self._grammar.type_size(xsd_type) > 1:
            return False
        return bool(xsd_type.mixed or xsd_type.content.min_occurs)

    def _mixed(self, element: Element, at: At) -> None:
        """Text before, and after the first child of, an element of mixed content."""
        element.text = "mixed"
        if len(element):
            element[0].tail = " text "
        options = [Option(name, text) for name, text in _MIXED_TEXTS if text != element.text]
        self._found.site(at, "text", "mixed", element.text, options)

    def _group(self, parent: Siblings, group: Any, at: At) -> None:
        """One occurrence of a model group, by its model (part 1, section 3.8)."""
        group = unwrapped(group)
        _GROUPS[group.model](self, parent, group, replace(at, trail=(*at.trail, group)))

    def _sequence(self, siblings: Siblings, group: Any, at: At) -> list[Span]:
        """All members in turn; returns what each took."""
        members = []
        for particle in group:
            first = len(siblings)
            self._particle(siblings, particle, at)
            members.append((first, len(siblings)))
        return members

    def _all(self, siblings: Siblings, group: Any, at: At) -> None:
        members = [span for span in self._sequence(siblings, group, at) if span[0] < span[1]]
        labels = [local_name(str(siblings[first].tag)) for first, _ in members]
        if len(members) < 2:
            return
        if len(set(labels)) < len(labels):
            labels = [f"{label}.{number}" for number, label in enumerate(labels, 1)]
        orders = {"reversed": labels[::-1], "rotated": [*labels[1:], labels[0]]}
        options = {" ".join(order): name for name, order in reversed(orders.items())}
        self._found.site(
            at,
            "order",
            "xs:all",
            " ".join(labels),
            [Option(name, order) for order, name in options.items()],
            span=(members[0][0], members[-1][1]),
            items=tuple(members),
            labels=tuple(labels),
        )

    def _choice(self, siblings: Siblings, group: Any, at: At, nth: int | None = None) -> None:
        """One branch; the others are alternatives, unless the choice is repeated and `nth` says which to show."""
        branches = self._extents.branches(group)
        for each in group if branches else ():
            if each.max_occurs != 0 and not any(each is branch for branch in branches):
                self._left_out(each, at)
        if not branches:
            if len(group):
                raise UnsatisfiableError("xs:choice, no branch of which can be satisfied", self._found.shown_at(at))
            raise UnsatisfiableError("xs:choice without a branch", self._found.shown_at(at))
        chosen = self._extents.chosen(branches, at) if nth is None else branches[nth % len(branches)]
        first, slot = len(siblings), len(self._found.sites)
        chosen = self._first_possible(siblings, chosen, branches, at)
        others = {name: each for name, each in _named(branches).items() if each is not chosen}
        name = next(name for name, each in _named(branches).items() if each is chosen)
        if others and nth is None and self._found.is_first(group, "choice"):
            build = lambda top, each, inner: self._particle(top, each, replace(inner, forced=each))  # noqa: E731
            self._alternatives(slot, "choice", "xs:choice", name, (first, len(siblings)), at, None, others, build)

    def _first_possible(self, siblings: Siblings, chosen: Particle, branches: list[Particle], at: At) -> Particle:
        """Builds a branch, or another where that one cannot be satisfied."""
        refused: UnsupportedError | None = None
        for branch in (chosen, *(each for each in branches if each is not chosen)):
            mark = self._found.mark(siblings)
            try:
                self._particle(siblings, branch, replace(at, forced=branch if not at.lean else at.forced))
            except UnsatisfiableError as error:
                refused = error
                self._found.undo(siblings, mark)
                self._found.left_out.append(error)
            else:
                return branch
        assert refused is not None
        raise refused

    # --- particles ----------------------------------------------------------------------------------------------------

    def _particle(self, siblings: Siblings, particle: Particle, at: At) -> None:
        """As many occurrences as are shown, and the site of their number."""
        low, high = particle.min_occurs, particle.max_occurs
        if high == 0:
            return
        if not low and self._grammar.size(particle) == NO_END:
            self._left_out(particle, at)
            return
        shown = self._extents.how_many(particle, at, self._found.count)
        if shown == 0:
            self._omitted(siblings, particle, at)
            return
        slot, first, items = len(self._found.sites), len(siblings), []
        mark = self._found.mark(siblings)
        lists = at.lists + (high != 1)
        try:
            for nth in range(min(shown, MANY)):
                start = len(siblings)
                inner = replace(at, lists=lists, descend=0 if nth else at.descend)
                self._one(siblings, particle, inner, nth if shown > 1 else None)
                items.append((start, len(siblings)))
            if shown > MANY:
                items += self._repeated(siblings, items[-1], shown - MANY, at)
        except UnsatisfiableError as error:
            if low:
                raise
            self._found.undo(siblings, mark)
            self._found.left_out.append(error)
            return
        self._found.note(particle, "")
        items = [span for span in items if span[0] < span[1]]
        if not items:
            return
        if high != 1:
            self._count_site(slot, siblings, particle, at, items)
        elif low == 0 and not (particle is at.forced and not at.at):
            here = self._over(siblings, particle, at, first)
            self._found.site(here, "absent", "minOccurs", "present", [Option("absent", "absent")], slot=slot,
                       span=(first, len(siblings)), parent=at,
                       in_repeated_group=in_repeated_group(at, particle))  # fmt: skip

    def _left_out(self, particle: Particle, at: At) -> None:
        """Lists an optional part, or a branch, that no finite message has."""
        if self._found.is_first(particle, "left out"):
            construct, where = self._grammar.obstacle(particle)
            self._found.left_out.append(UnsatisfiableError(construct, joined(self._found.shown_at(at), where)))

    def _repeated(self, siblings: Siblings, item: Span, times: int, at: At) -> list[Span]:
        """Occurrences more that have to be there, after very many: copies, in which nothing varies."""
        elements, first, size = list(siblings[item[0] : item[1]]), len(siblings), item[1] - item[0]
        siblings.extend(deepcopy(element) for _ in range(times) for element in elements)
        for element in elements:
            at.tally[str(element.tag)] = at.tally.get(str(element.tag), 0) + times
            self._found.count += times * sum(1 + len(each.attrib) for each in element.iter())
        return [(first + nth * size, first + (nth + 1) * size) for nth in range(times)]

    def _one(self, siblings: Siblings, particle: Particle, at: At, nth: int | None) -> None:
        """One occurrence of a particle."""
        if isinstance(particle, XsdElement):
            repeats = particle.max_occurs != 1
            self._element(siblings, particle, replace(at, trail=(*at.trail, particle)), repeats=repeats)
        elif isinstance(particle, XsdAnyElement):
            self._wildcard(siblings, particle, at)
        elif nth is not None and not at.lean and unwrapped(particle).model == "choice":
            self._choice(siblings, unwrapped(particle), replace(at, trail=(*at.trail, particle)), nth)
        else:
            self._group(siblings, particle, replace(at, trail=(*at.trail, particle)))

    def _omitted(self, siblings: Siblings, particle: Particle, at: At) -> None:
        """The site of an optional part that the sample lacks; a recursion is shown in a long form besides."""
        if not self._found.is_first(particle, ""):
            return
        name = _label(particle)
        ways: dict[str, bool] = {"present": False}
        if self._extents.recurs(particle, at):
            ways[f"nested {DEEP} times"] = True

        def build(top: list[Element], deep: bool, inner: At) -> None:
            forced = replace(inner, forced=particle, lean=deep)
            if deep:
                spine = frozenset(map(id, self._extents.cycle(particle, at)))
                forced = replace(forced, spine=spine, descend=DEEP)
            first_site = len(self._found.sites)
            self._particle(top, particle, forced)
            if deep:
                del self._found.sites[first_site:]

        first = len(siblings)
        here = replace(at, where=joined(at.where, name), path=joined(at.path, name))
        self._alternatives(
            len(self._found.sites), "present", "minOccurs", "absent", (first, first), at, here, ways, build
        )

    def _count_site(self, slot: int, siblings: Siblings, particle: Particle, at: At, items: list[Span]) -> None:
        """The site of a list's length: empty, one, the most, many."""
        low, high = int(particle.min_occurs), particle.max_occurs
        shown = len(items)
        wanted = {"one": 1, "none": 0, "three": 3, "many": MANY}
        if high is not None:
            wanted["maxOccurs"] = min(high, MANY)
        if low > 0:
            wanted["minOccurs"] = low
        most = MANY if high is None else min(high, MANY)
        fitting = {number: name for name, number in wanted.items() if low <= number <= most and number != shown}
        options = [Option(name, str(number)) for number, name in fitting.items()]
        here = self._over(siblings, particle, at, items[0][0])
        self._found.site(
            here,
            "count",
            "maxOccurs",
            str(shown),
            options,
            slot=slot,
            parent=at,
            texts=numbers(low, most),
            span=(items[0][0], items[-1][1]),
            items=tuple(items),
            bounds=(low, high),
            constant=not options,
            in_repeated_group=in_repeated_group(at, particle),
        )

    def _over(self, siblings: Siblings, particle: Particle, at: At, first: int) -> At:
        """The place of a whole particle: an element's own, or the first element's of a group."""
        name = local_name(str(siblings[first].tag))
        if not isinstance(particle, XsdElement):
            name = f"{name}..."
        return replace(at, where=joined(at.where, name), path=joined(at.path, name))

    # --- wildcards ----------------------------------------------------------------------------------------------------

    def _wildcard(self, siblings: Siblings, wildcard: Any, at: At) -> None:
        """An element that a wildcard admits: one that nothing declares where it may, else the smallest declared."""
        ways = self._admitted(wildcard, at)
        if not ways:
            raise UnsatisfiableError("xs:any that admits no element", self._found.shown_at(at))
        first, slot = len(siblings), len(self._found.sites)
        name, chosen = next(iter(ways.items()))
        self._admit(siblings, chosen, at)
        others = {other: each for other, each in ways.items() if other != name}
        if others and self._found.is_first(wildcard, "wildcard"):
            here = replace(at, where=joined(at.where, name), path=joined(at.path, name))
            self._alternatives(slot, "wildcard", "xs:any", name, (first, first + 1), at, here, others, self._admit)

    def _admit(self, siblings: Siblings, chosen: Any, at: At) -> None:
        if isinstance(chosen, str):
            self._found.count += 1
            element = self._writer.unknown(siblings, chosen, at)
            element.text = "any"
        else:
            self._element(siblings, chosen, replace(at, lean=True))

    def _admitted(self, wildcard: Any, at: At) -> dict[str, Any]:
        """What may stand for a wildcard, by name; not what another particle of the same content admits, too, unless
        there is nothing else or, in a lean sample, nothing as small."""
        beside = {each.name for each in leaves_of(at.types[-1].content) if isinstance(each, XsdElement)}
        found: dict[str, Any] = {}
        unknown = self._grammar.unknown_name(wildcard)
        if unknown is not None and wildcard.process_contents != "strict":
            found["undeclared"] = unknown
        admitted = self._grammar.elements_for(wildcard)
        apart = [each for each in admitted if each.name not in beside]
        if not found and apart[:1] != admitted[:1] and (at.lean or not apart):
            apart = admitted[:1]
        return {**found, **{_distinct(each.local_name, each.name): each for each in apart}}

    # --- attributes ---------------------------------------------------------------------------------------------------

    def _attributes(self, element: Element, xsd_type: Type, at: At) -> None:
        for name, declaration in xsd_type.attributes.items():
            if name is not None and declaration.use != "prohibited" and namespace_of(name) != XSI:
                self._attribute(element, name, declaration, at)
        if None in xsd_type.attributes:
            self._any_attribute(element, xsd_type, xsd_type.attributes[None], at)

    def _attribute(self, element: Element, name: str, declaration: Any, at: At) -> None:
        must = declaration.use == "required" or (declaration.default is not None and may_identify(declaration.type))
        if (at.lean or self._found.count >= at.limit) and not must:
            return
        self._found.count += 1
        mark = len(self._found.sites)
        shown = f"@{local_name(name)}"
        here = replace(at, where=joined(at.where, shown), path=joined(at.path, shown))
        try:
            self._leaves.leaf(element, declaration, declaration.type, here, attribute=name)
        except UnsatisfiableError as error:
            if declaration.use == "required":
                raise
            del self._found.sites[mark:]
            self._found.left_out.append(error)
            return
        if declaration.use != "required":
            self._found.site(here, "absent", "use", "present", [Option("absent", "absent")], attribute=name)

    def _any_attribute(self, element: Element, xsd_type: Type, wildcard: Any, at: At) -> None:
        """The site of an attribute that a wildcard admits."""
        if at.lean or not self._found.is_first(wildcard, "attribute"):
            return
        added: dict[str, tuple[str, str]] = {}
        unknown = self._grammar.unknown_name(wildcard)
        if unknown is not None and wildcard.process_contents != "strict":
            added["undeclared"] = (unknown, "any")
        for each in self._grammar.attributes_for(wildcard, xsd_type.attributes):
            text = self._leaves.text_for(each)
            if text is not None:
                added[_distinct(each.local_name, each.name)] = (each.name, text)
        if not added:
            problem = "xs:anyAttribute that admits no attribute whose value stands for itself"
            self._found.left_out.append(UnsatisfiableError(problem, self._found.shown_at(at)))
        else:
            options = [Option(name, name) for name in added]
            self._found.site(at, "attribute", "xs:anyAttribute", "absent", options, attribute="*", added=added)

    def _alternatives(
        self, slot: int, kind: SiteKind, rule: str, before: str, span: Span, at: At, here: At | None,
        ways: Mapping[str, Any], build: Callable[[list[Element], Any, At], Any],
    ) -> None:  # fmt: skip
        """Lists the site of other elements in the place of some, building each alternative."""
        here = here or at
        built: dict[str, tuple[Element, ...]] = {}
        where = self._found.unused(kind, self._found.shown_at(here))
        site = Site(kind, where, here.path, rule, before, (), st.nothing(), at.at, span, scope=at.scope,
                    alternatives=built, in_repeated_group=in_repeated_group(at))  # fmt: skip
        for name, way in ways.items():
            if self._found.count > ALL:
                break
            inner = replace(at, at=(), scope=(*at.scope, Branch(site, name)), limit=self._found.count + FULL // 5,
                            spine=frozenset(), descend=0, tally={})  # fmt: skip
            top: list[Element] = []
            mark = self._found.mark(top)
            try:
                build(top, way, inner)
            except UnsatisfiableError as error:
                self._found.undo(top, mark)
                self._found.left_out.append(error)
            else:
                built[name] = tuple(top)
        if built:
            options = tuple(Option(name, name) for name in built)
            self._found.sites.insert(slot, replace(site, options=options, texts=st.sampled_from(list(built))))


_GROUPS: Final[Mapping[str, Callable[[_Builder, Siblings, Any, At], object]]] = {
    "sequence": _Builder._sequence,
    "all": _Builder._all,
    "choice": _Builder._choice,
}

_MIXED_TEXTS: Final = (
    ("empty", ""),
    ("blank", " "),
    ("markup", "<&>\"']]>"),
    ("beyond-the-basic-plane", "\U0001f600\U00020000"),
    ("right-to-left", "שלום"),
    ("line-feeds", "\na\n"),
    ("length-4096", "x" * 4096),
)


def _named(particles: Sequence[Particle]) -> dict[str, Particle]:
    """Particles by what a reader would call them, numbered where two are called the same."""
    found: dict[str, Particle] = {}
    for particle in particles:
        label = _label(particle)
        number = sum(1 for each in found if each.partition(" #")[0] == label) + 1
        found[label if number == 1 else f"{label} #{number}"] = particle
    return found


def _label(particle: Particle) -> str:
    if isinstance(particle, XsdElement):
        return str(particle.local_name)
    if isinstance(particle, XsdAnyElement):
        return "any"
    first = next(leaves_of(particle), None)
    return f"{_label(first)}..." if first is not None else "nothing"


def _distinct(local: str | None, name: str) -> str:
    return str(local or name)
