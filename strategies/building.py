"""A valid sample of an element, built from its schema, with the sites where it may vary.

The sample shows as much as it can: every optional part, two of what may be repeated. What cannot stand beside it is an
alternative of a site: other branches of a choice, members of a substitution group, derived types, another turn of a
recursion. Each alternative is built where the schema's component is first met and nowhere else, so that the whole
grows with the schema and not with the product of its choices.

Source of the rules: XML Schema part 1, sections 3.3 (elements), 3.4 (complex types), 3.8 to 3.10 (particles).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st
from lxml import etree
from xmlschema.validators import XsdAnyElement, XsdElement, XsdGroup

from contracts.model import Leaf
from contracts.names import XSD, XSI, XSI_TYPE, local_name, namespace_of
from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.grammar import NO_END, Declaration, Grammar, Particle, Type, leaves_of, unwrapped
from strategies.identities import Numbering, identities_of, is_id, is_idref, is_named
from strategies.settling import Settlement
from strategies.sites import (
    Branch,
    Element,
    Key,
    Option,
    Path,
    Scope,
    Site,
    SiteKind,
    Span,
    numbers,
    set_text,
)
from strategies.specimens import Guide, Place, Specimen
from strategies.values import ValueSpace

MANY: Final = 50
"""Items of a long list: past the initial capacity of any stack's buffers, and still a small message."""

DEEP: Final = 8
"""Turns of a recursion in its long form: past any special case for the first few, and still readable."""

FULL: Final = 1_000
"""Elements and attributes of a sample after which optional parts are left to alternatives: a larger one is slow to
read."""

ALL: Final = 5_000
"""Elements and attributes of sample and alternatives together, after which no more alternatives are built."""

TOO_LARGE: Final = 20_000
"""Elements of a smallest message that is too large to be worth anything."""

TOO_DEEP: Final = 120
"""Levels of elements: readers of XML commonly stop at 256."""

LONGEST_SHOWN: Final = 12
"""Branches of a repeated choice that the sample shows one after the other; the others are alternatives."""


def specimen_of(
    grammar: Grammar, declaration: Declaration, guide: Guide | None = None, prefix: str = "", *, lean: bool = False
) -> Specimen:
    """The specimen of a global element.

    `prefix` goes before the places of its sites. A `lean` sample holds only what has to be there. Raises
    UnsupportedError for what cannot be generated.
    """
    manner = _Manner(prefixed=grammar.mixes_qualified_and_not, lean=lean)
    while True:
        try:
            return _Builder(grammar, guide or Guide(), prefix, manner).specimen(declaration)
        except _OtherwiseError as otherwise:
            manner = otherwise.manner
        except UnsupportedError:
            raise
        except RecursionError as error:
            raise UnsupportedError(f"element {declaration.local_name}, whose content is nested too deeply") from error
        except ValueError as error:  # what lxml has against names, namespaces and characters that xmlschema lets pass
            raise UnsupportedError(f"element {declaration.local_name}, of which lxml makes none ({error})") from error


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a sample is written: as pages print them, with default namespaces and references, while that can be.

    `declared` are prefixes that values need. A `lean` sample holds only what has to be there.
    """

    lean: bool = False
    prefixed: bool = False
    references: bool = True
    declared: dict[str | None, str] = field(default_factory=dict)


class _OtherwiseError(Exception):
    """The sample cannot be written in one manner, but perhaps in another."""

    def __init__(self, manner: _Manner) -> None:
        self.manner = manner
        super().__init__(str(manner))


@dataclass(frozen=True, slots=True)
class _At:
    """Where the builder stands: an element in a scope, and what it stands in.

    `types` and `trail` are the types and particles passed on the way, `marks` the particles passed before each type;
    `namespace` is the parent's, `outer` those around it. Where it is `lean`, only what has to be there is built.
    `forced` is the particle that an alternative is there to show, `spine` those that recur `descend` more times,
    `limit` the number of elements and attributes after which optional parts are left to alternatives; `tally` counts
    the children.
    """

    at: Path = ()
    where: str = ""
    path: str = ""
    scope: Scope = ()
    types: tuple[Type, ...] = ()
    marks: tuple[int, ...] = ()
    trail: tuple[Particle, ...] = ()
    lean: bool = False
    lists: int = 0
    namespace: str = ""
    outer: frozenset[str] = frozenset()
    forced: Particle | None = None
    spine: frozenset[int] = frozenset()
    descend: int = 0
    limit: int = FULL
    tally: dict[str, int] = field(default_factory=dict)


Siblings: TypeAlias = Element | list[Element]
"""Where elements are added: a parent, or the top of a scope."""


class _Builder:
    """Builds a sample and lists its sites: one walk over the components within reach."""

    def __init__(self, grammar: Grammar, guide: Guide, prefix: str, manner: _Manner) -> None:
        self._grammar, self._guide, self._prefix, self._manner = grammar, guide, prefix, manner
        self._sites: list[Site] = []
        self._places: list[Place] = []
        self._keys: dict[Key, int] = {}
        self._shown: set[tuple[int, str]] = set()
        self._left_out: list[UnsupportedError] = []
        self._referring: list[tuple[Element, str | None]] = []
        self._ids: list[tuple[str, Scope]] = []
        self._numbered: dict[Key, tuple[str, Any, ValueSpace]] = {}
        self._count = 0
        self._numbering = Numbering(identities_of(grammar.schema))
        self._nsmap = {**_prefixes(grammar), **manner.declared}

    def specimen(self, declaration: Declaration) -> Specimen:
        """The specimen of a global element."""
        size = self._grammar.size_of_any(declaration)
        if size == NO_END:
            raise UnsatisfiableError(self._grammar.obstacle(declaration))
        if size > TOO_LARGE:
            raise UnsupportedError(f"element {declaration.local_name}, whose smallest message has {size:.0f} elements")
        top: list[Element] = []
        self._element(top, declaration, _At(lean=self._manner.lean))
        (root,) = top
        settlement = Settlement(self._sites, self._places, self._referring, self._ids, self._numbered, self._numbering)
        if self._referring and not settlement.first_id:
            raise _OtherwiseError(replace(self._manner, references=False))
        given = settlement.settle(root)
        return Specimen(
            root=root,
            sites=tuple(settlement.settled(root, given)),
            places=tuple(self._places),
            left_out=tuple(self._left_out),
            keepers=tuple(dict.fromkeys(each.declaration for each in self._places if each.declaration.identities)),
            anchor=settlement.anchor(root) if self._referring else None,
        )

    # --- elements -----------------------------------------------------------------------------------------------------

    def _element(self, siblings: Siblings, particle: Declaration, at: _At, *, repeats: bool = False) -> None:
        """One element for a declaration: itself, or the first of those that may stand for it."""
        candidates = [each for each in self._grammar.candidates(particle) if self._size(each) < NO_END]
        if not candidates:
            raise UnsatisfiableError(f"element {particle.local_name}, for which none may stand", self._shown_at(at))
        chosen = min(candidates, key=self._size) if at.lean else candidates[0]
        first = len(siblings)
        slot, here = len(self._sites), self._typed(siblings, chosen, particle, at, repeats=repeats)
        others = {_distinct(each.local_name, each.name): each for each in candidates if each is not chosen}
        if others and self._is_first(particle.ref or particle, "substitution"):
            build = lambda top, each, inner: self._typed(top, each, particle, inner, repeats=repeats)  # noqa: E731
            self._alternatives(slot, "substitution", "substitutionGroup", chosen.local_name, (first, first + 1),
                               at, here, others, build)  # fmt: skip

    def _typed(
        self, siblings: Siblings, declaration: Declaration, particle: Particle, at: _At, *, repeats: bool
    ) -> _At:
        """One element of its own type, or of the first derived one where that is abstract."""
        types = [each for each in self._grammar.types(declaration) if self._grammar.type_size(each) < NO_END]
        if not types:
            raise UnsatisfiableError(f"abstract type of element {declaration.local_name}", self._shown_at(at))
        chosen = min(types, key=self._grammar.type_size) if at.lean else types[0]
        first = len(siblings)
        slot, here = len(self._sites), self._made(siblings, declaration, chosen, particle, at, repeats=repeats)
        others = {_distinct(each.local_name, each.name): each for each in types if each is not chosen}
        if others and self._is_first(declaration.type, "type"):
            build = lambda top, each, inner: self._made(top, declaration, each, particle, inner, repeats=repeats)  # noqa: E731
            self._alternatives(slot, "type", "xsi:type", chosen.local_name or "", (first, first + 1),
                               at, here, others, build)  # fmt: skip
        return here

    def _made(
        self, siblings: Siblings, declaration: Declaration, xsd_type: Type, particle: Particle, at: _At,
        *, repeats: bool,
    ) -> _At:  # fmt: skip
        """One element of a type, with all that it holds."""
        here = self._below(len(siblings), declaration, xsd_type, particle, at, repeats=repeats)
        if len(here.at) > TOO_DEEP:
            raise UnsatisfiableError(f"element {declaration.local_name}, below {TOO_DEEP} others", here.where[-80:])
        derived = xsd_type if xsd_type is not declaration.type else None
        element = self._new(siblings, declaration.name, at, derived)
        self._places.append(Place(here.at, self._shown_at(here), here.path, here.scope, declaration, xsd_type))
        if not xsd_type.is_simple():
            self._attributes(element, xsd_type, here)
        inside = replace(here, types=(*here.types, xsd_type), marks=(*here.marks, len(here.trail)))
        self._content(element, declaration, xsd_type, inside)
        if declaration.nillable and declaration.fixed is None:
            self._site(here, "nil", "nillable", "", [Option("nil", "true")])
        return here

    def _below(
        self, index: int, declaration: Declaration, xsd_type: Type, particle: Particle, at: _At, *, repeats: bool
    ) -> _At:
        """Where an element that is about to be added will stand."""
        position = at.tally[declaration.name] = at.tally.get(declaration.name, 0) + 1
        is_root = not at.types
        name = "" if is_root else declaration.local_name
        shown = f"{name}[{position}]" if repeats or position > 1 else name
        if xsd_type is not declaration.type and (xsd_type.local_name or declaration.type.abstract):
            shown += f"({xsd_type.local_name})"
        turns = 0 if _is_flat(xsd_type) else sum(xsd_type is outer for outer in at.types)
        return replace(
            at,
            at=(*at.at, index),
            where=_joined(at.where, shown),
            path=_joined(at.path, name),
            lean=at.lean or turns > (particle is at.forced),
            tally={},
            namespace=namespace_of(declaration.name),
            outer=at.outer | {at.namespace},
            forced=None,
            descend=at.descend - (turns > 0 and id(particle) in at.spine),
        )

    def _new(self, siblings: Siblings, tag: str, at: _At, derived: Type | None) -> Element:
        """A new element: with prefixes for every namespace, or the default namespace that pages print."""
        self._count += 1
        nsmap = self._nsmap if self._manner.prefixed else self._declared(tag, at, derived)
        if isinstance(siblings, list):
            element = etree.Element(tag, nsmap=nsmap)
            siblings.append(element)
        else:
            element = etree.SubElement(siblings, tag, nsmap=nsmap)
        if derived is not None:
            known = self._nsmap if self._manner.prefixed else self._manner.declared
            prefix = next((each for each, uri in known.items() if each and uri == namespace_of(derived.name)), "")
            element.set(XSI_TYPE, f"{prefix}:{derived.local_name}" if prefix else derived.local_name)
        return element

    def _declared(self, tag: str, at: _At, derived: Type | None) -> dict[str | None, str]:
        """What to declare on an element where there are no prefixes."""
        uri = namespace_of(tag)
        is_below_default = bool(uri or at.namespace)
        if (not uri and at.namespace) or (derived is not None and not namespace_of(derived.name) and is_below_default):
            raise _OtherwiseError(replace(self._manner, prefixed=True))
        declared: dict[str | None, str] = {None: uri} if uri and uri != at.namespace else {}
        if uri in at.outer and uri != at.namespace:
            raise _OtherwiseError(replace(self._manner, prefixed=True))
        if not at.types:
            declared.update(self._manner.declared)
        if derived is not None and namespace_of(derived.name) not in ("", *self._manner.declared.values()):
            types = {**self._manner.declared, f"t{len(self._manner.declared)}": namespace_of(derived.name)}
            raise _OtherwiseError(replace(self._manner, declared=types))
        return declared

    # --- content ------------------------------------------------------------------------------------------------------

    def _content(self, element: Element, declaration: Declaration, xsd_type: Type, at: _At) -> None:
        if xsd_type.is_simple():
            self._leaf(element, declaration, xsd_type, at)
        elif xsd_type.has_simple_content():
            self._leaf(element, declaration, xsd_type.content, at)
        elif xsd_type.mixed and declaration.fixed is not None:
            element.text = declaration.fixed
        else:
            self._particle(element, xsd_type.content, at)
            if self._may_be_emptied(element, xsd_type, at):
                self._site(at, "empty", "content", "", [Option("empty", "")])
            if xsd_type.mixed:
                self._mixed(element, at)

    def _may_be_emptied(self, element: Element, xsd_type: Type, at: _At) -> bool:
        """Whether all content is optional, and no other site does away with all of it."""
        if not len(element) or at.lean or self._grammar.type_size(xsd_type) > 1:
            return False
        return bool(xsd_type.mixed or xsd_type.content.min_occurs)

    def _mixed(self, element: Element, at: _At) -> None:
        """Text before, and after the first child of, an element of mixed content."""
        element.text = "mixed"
        if len(element):
            element[0].tail = " text "
        options = [Option(name, text) for name, text in _MIXED_TEXTS if text != element.text]
        self._site(at, "text", "mixed", element.text, options)

    def _group(self, parent: Siblings, group: Any, at: _At) -> None:
        """One occurrence of a model group, by its model (part 1, section 3.8)."""
        group = unwrapped(group)
        _GROUPS[group.model](self, parent, group, replace(at, trail=(*at.trail, group)))

    def _sequence(self, siblings: Siblings, group: Any, at: _At) -> list[Span]:
        """All members in turn; returns what each took."""
        members = []
        for particle in group:
            first = len(siblings)
            self._particle(siblings, particle, at)
            members.append((first, len(siblings)))
        return members

    def _all(self, siblings: Siblings, group: Any, at: _At) -> None:
        members = [span for span in self._sequence(siblings, group, at) if span[0] < span[1]]
        labels = [local_name(str(siblings[first].tag)) for first, _ in members]
        if len(members) < 2:
            return
        if len(set(labels)) < len(labels):
            labels = [f"{label}.{number}" for number, label in enumerate(labels, 1)]
        orders = {"reversed": labels[::-1], "rotated": [*labels[1:], labels[0]]}
        options = {" ".join(order): name for name, order in reversed(orders.items())}
        self._site(at, "order", "xs:all", " ".join(labels), [Option(name, order) for order, name in options.items()],
                   span=(members[0][0], members[-1][1]), items=tuple(members), labels=tuple(labels))  # fmt: skip

    def _choice(self, siblings: Siblings, group: Any, at: _At, nth: int | None = None) -> None:
        """One branch; the others are alternatives, unless the choice is repeated and `nth` says which to show."""
        branches = self._branches(group)
        if not branches:
            if len(group):
                raise UnsatisfiableError("xs:choice, no branch of which can be satisfied", self._shown_at(at))
            raise UnsatisfiableError("xs:choice without a branch", self._shown_at(at))
        chosen = self._chosen(branches, at) if nth is None else branches[nth % len(branches)]
        first, slot = len(siblings), len(self._sites)
        chosen = self._first_possible(siblings, chosen, branches, at)
        others = {name: each for name, each in _named(branches).items() if each is not chosen}
        name = next(name for name, each in _named(branches).items() if each is chosen)
        if others and nth is None and self._is_first(group, "choice"):
            build = lambda top, each, inner: self._particle(top, each, replace(inner, forced=each))  # noqa: E731
            self._alternatives(slot, "choice", "xs:choice", name, (first, len(siblings)), at, None, others, build)

    def _first_possible(self, siblings: Siblings, chosen: Particle, branches: list[Particle], at: _At) -> Particle:
        """Builds a branch, or another where that one cannot be satisfied."""
        refused: UnsupportedError | None = None
        for branch in (chosen, *(each for each in branches if each is not chosen)):
            mark = self._mark(siblings)
            try:
                self._particle(siblings, branch, replace(at, forced=branch if not at.lean else at.forced))
            except UnsatisfiableError as error:
                refused = error
                self._undo(siblings, mark)
                self._left_out.append(error)
            else:
                return branch
        assert refused is not None
        raise refused

    def _branches(self, group: Any) -> list[Particle]:
        return [each for each in group if each.max_occurs != 0 and (not each.min_occurs or self._size(each) < NO_END)]

    def _chosen(self, branches: list[Particle], at: _At) -> Particle:
        if at.descend and (spine := [each for each in branches if id(each) in at.spine]):
            return spine[0]
        if at.lean:
            return min(branches, key=lambda each: each.min_occurs * self._size(each) if each.min_occurs else 0)
        return next((each for each in branches if not self._recurs(each, at)), branches[0])

    # --- particles ----------------------------------------------------------------------------------------------------

    def _particle(self, siblings: Siblings, particle: Particle, at: _At) -> None:
        """As many occurrences as are shown, and the site of their number."""
        low, high = particle.min_occurs, particle.max_occurs
        if high == 0 or (not low and self._size(particle) == NO_END):
            return
        shown = self._how_many(particle, at)
        if shown == 0:
            self._omitted(siblings, particle, at)
            return
        slot, first, items = len(self._sites), len(siblings), []
        mark = self._mark(siblings)
        lists = at.lists + (high != 1)
        try:
            for nth in range(shown):
                start = len(siblings)
                self._one(siblings, particle, replace(at, lists=lists), nth if shown > 1 else None)
                items.append((start, len(siblings)))
        except UnsatisfiableError as error:
            if low:
                raise
            self._undo(siblings, mark)
            self._left_out.append(error)
            return
        self._shown.add((id(particle), ""))
        items = [span for span in items if span[0] < span[1]]
        if not items:
            return
        if high != 1:
            self._count_site(slot, siblings, particle, at, items)
        elif low == 0 and not (particle is at.forced and not at.at):
            here = self._over(siblings, particle, at, first)
            self._site(here, "absent", "minOccurs", "present", [Option("absent", "absent")], slot=slot,
                       span=(first, len(siblings)), parent=at,
                       in_repeated_group=_in_repeated_group(particle, at))  # fmt: skip

    def _one(self, siblings: Siblings, particle: Particle, at: _At, nth: int | None) -> None:
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

    def _how_many(self, particle: Particle, at: _At) -> int:
        """Occurrences that the sample shows: of what is optional and recurs, or stands for a wildcard, none."""
        low, high = int(particle.min_occurs), particle.max_occurs
        forced = particle is at.forced
        if at.lean or self._count >= at.limit:
            again = forced or (at.descend > 0 and id(particle) in at.spine)
            return max(low, 1) if again else low
        if not forced and not low and (isinstance(particle, XsdAnyElement) or self._recurs(particle, at)):
            return 0
        most = high if high is not None else MANY
        if isinstance(particle, XsdGroup) and unwrapped(particle).model == "choice" and most > 1:
            branches = [each for each in self._branches(unwrapped(particle)) if not self._recurs(each, at)]
            return max(low, min(most, LONGEST_SHOWN, max(len(branches), 2)))
        wanted = 2 if at.lists < 2 else 1
        return max(low, min(most, wanted))

    def _recurs(self, particle: Particle, at: _At) -> bool:
        """Whether an occurrence would hold a type that it stands in."""
        if isinstance(particle, XsdElement):
            types = self._types_of(particle)
            return bool(types) and any(types[0] is outer for outer in at.types) and not _is_flat(types[0])
        if isinstance(particle, XsdAnyElement):
            return False
        members = [each for each in particle if each.max_occurs != 0]
        if particle.model == "choice":
            return bool(members) and all(self._recurs(each, at) for each in members)
        return any(each.min_occurs and self._recurs(each, at) for each in members)

    def _cycle(self, particle: Particle, at: _At) -> tuple[Particle, ...]:
        """A recurring particle after those that were passed since the type that it holds again."""
        leaves = [particle] if isinstance(particle, XsdElement) else leaves_of(particle)
        own = [types[0] for each in leaves if isinstance(each, XsdElement) and (types := self._types_of(each))]
        again = max(index for index, outer in enumerate(at.types) if any(outer is each for each in own))
        return (*at.trail[at.marks[again] :], particle)

    def _types_of(self, particle: Declaration) -> list[Type]:
        """The types of the first element that may stand for a particle; none where none may."""
        candidates = self._grammar.candidates(particle)
        return self._grammar.types(candidates[0]) if candidates else []

    def _omitted(self, siblings: Siblings, particle: Particle, at: _At) -> None:
        """The site of an optional part that the sample lacks; a recursion is shown in a long form besides."""
        if not self._is_first(particle, ""):
            return
        name = _label(particle)
        ways: dict[str, bool] = {"present": False}
        if self._recurs(particle, at):
            ways[f"nested {DEEP} times"] = True

        def build(top: list[Element], deep: bool, inner: _At) -> None:
            forced = replace(inner, forced=particle, lean=deep)
            if deep:
                spine = frozenset(map(id, self._cycle(particle, at)))
                forced = replace(forced, spine=spine, descend=DEEP)
            first_site = len(self._sites)
            self._particle(top, particle, forced)
            if deep:
                del self._sites[first_site:]

        first = len(siblings)
        here = replace(at, where=_joined(at.where, name), path=_joined(at.path, name))
        self._alternatives(len(self._sites), "present", "minOccurs", "absent", (first, first), at, here, ways, build)

    def _count_site(self, slot: int, siblings: Siblings, particle: Particle, at: _At, items: list[Span]) -> None:
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
        self._site(here, "count", "maxOccurs", str(shown), options, slot=slot, parent=at, texts=numbers(low, most),
                   span=(items[0][0], items[-1][1]), items=tuple(items), bounds=(low, high),
                   constant=not options, in_repeated_group=_in_repeated_group(particle, at))  # fmt: skip

    def _over(self, siblings: Siblings, particle: Particle, at: _At, first: int) -> _At:
        """The place of a whole particle: an element's own, or the first element's of a group."""
        name = local_name(str(siblings[first].tag))
        if not isinstance(particle, XsdElement):
            name = f"{name}..."
        return replace(at, where=_joined(at.where, name), path=_joined(at.path, name))

    # --- wildcards ----------------------------------------------------------------------------------------------------

    def _wildcard(self, siblings: Siblings, wildcard: Any, at: _At) -> None:
        """An element that a wildcard admits: one that nothing declares where it may, else the smallest declared."""
        ways = self._admitted(wildcard, at)
        if not ways:
            raise UnsatisfiableError("xs:any that admits no element", self._shown_at(at))
        first, slot = len(siblings), len(self._sites)
        name, chosen = next(iter(ways.items()))
        self._admit(siblings, chosen, at)
        others = {other: each for other, each in ways.items() if other != name}
        if others and self._is_first(wildcard, "wildcard"):
            here = replace(at, where=_joined(at.where, name), path=_joined(at.path, name))
            self._alternatives(slot, "wildcard", "xs:any", name, (first, first + 1), at, here, others, self._admit)

    def _admit(self, siblings: Siblings, chosen: Any, at: _At) -> None:
        if isinstance(chosen, str):
            element = self._unknown(siblings, chosen, at)
            element.text = "any"
        else:
            self._element(siblings, chosen, replace(at, lean=True))

    def _unknown(self, siblings: Siblings, tag: str, at: _At) -> Element:
        self._count += 1
        if not self._manner.prefixed and not namespace_of(tag) and at.namespace:
            raise _OtherwiseError(replace(self._manner, prefixed=True))
        declared = {"any": namespace_of(tag)} if namespace_of(tag) else None
        if isinstance(siblings, list):
            siblings.append(etree.Element(tag, nsmap=declared))
            return siblings[-1]
        return etree.SubElement(siblings, tag, nsmap=declared)

    def _admitted(self, wildcard: Any, at: _At) -> dict[str, Any]:
        """What may stand for a wildcard, by name; not what another particle of the same content admits, too."""
        beside = {each.name for each in leaves_of(at.types[-1].content) if isinstance(each, XsdElement)}
        found: dict[str, Any] = {}
        unknown = self._grammar.unknown_name(wildcard)
        if unknown is not None and wildcard.process_contents != "strict":
            found["undeclared"] = unknown
        for each in self._grammar.elements_for(wildcard):
            if each.name not in beside:
                found[_distinct(each.local_name, each.name)] = each
        return found

    # --- attributes ---------------------------------------------------------------------------------------------------

    def _attributes(self, element: Element, xsd_type: Type, at: _At) -> None:
        for name, declaration in xsd_type.attributes.items():
            if name is not None and declaration.use != "prohibited" and namespace_of(name) != XSI:
                self._attribute(element, name, declaration, at)
        if None in xsd_type.attributes:
            self._any_attribute(element, xsd_type, xsd_type.attributes[None], at)

    def _attribute(self, element: Element, name: str, declaration: Any, at: _At) -> None:
        if (at.lean or self._count >= at.limit) and declaration.use != "required":
            return
        self._count += 1
        mark = len(self._sites)
        shown = f"@{local_name(name)}"
        here = replace(at, where=_joined(at.where, shown), path=_joined(at.path, shown))
        try:
            self._leaf(element, declaration, declaration.type, here, attribute=name)
        except UnsatisfiableError as error:
            if declaration.use == "required":
                raise
            del self._sites[mark:]
            self._left_out.append(error)
            return
        if declaration.use != "required":
            self._site(here, "absent", "use", "present", [Option("absent", "absent")], attribute=name)

    def _any_attribute(self, element: Element, xsd_type: Type, wildcard: Any, at: _At) -> None:
        """The site of an attribute that a wildcard admits."""
        if at.lean or not self._is_first(wildcard, "attribute"):
            return
        added: dict[str, tuple[str, str]] = {}
        unknown = self._grammar.unknown_name(wildcard)
        if unknown is not None and wildcard.process_contents != "strict":
            added["undeclared"] = (unknown, "any")
        for each in self._grammar.attributes_for(wildcard, xsd_type.attributes):
            text = self._text_for(each)
            if text is not None:
                added[_distinct(each.local_name, each.name)] = (each.name, text)
        if added:
            options = [Option(name, name) for name in added]
            self._site(at, "attribute", "xs:anyAttribute", "absent", options, attribute="*", added=added)

    def _text_for(self, declaration: Any) -> str | None:
        """A value for an attribute declared globally; None where there is none that stands for itself."""
        simple_type = declaration.type
        if declaration.fixed is not None:
            return str(declaration.fixed)
        if is_id(simple_type) or is_idref(simple_type) or is_named(simple_type):
            return None
        try:
            return self._grammar.values(simple_type, None).plain
        except UnsupportedError:
            return None

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _leaf(
        self, element: Element, declaration: Any, simple_type: Any, at: _At, *, attribute: str | None = None
    ) -> None:
        """The value of an element or attribute, and its site."""
        if is_named(simple_type) and not self._manner.prefixed:
            raise _OtherwiseError(replace(self._manner, prefixed=True))
        self._declare(_names_in(declaration, simple_type), at)
        if declaration.fixed is not None:
            set_text(element, attribute, str(declaration.fixed))
            self._fixed(at, declaration, simple_type, attribute)
            return
        if is_idref(simple_type):
            if not self._manner.references:
                raise UnsatisfiableError("a reference where there is no id", self._shown_at(at))
            self._referring.append((element, attribute))
            return
        leaf = self._guide.leaf(at.path)
        try:
            space = self._grammar.values(simple_type, leaf.process_range if leaf else None)
        except UnsupportedError as error:
            raise type(error)(error.construct, self._shown_at(at)) from error
        self._declare(space.namespaces, at)
        text = self._guide.text(leaf) if leaf else self._text(declaration, simple_type, space, at)
        set_text(element, attribute, text)
        self._value_site(at, simple_type, text, space, leaf, attribute, declaration)
        self._defaulted(at, declaration, attribute, text)

    def _fixed(self, at: _At, declaration: Any, simple_type: Any, attribute: str | None) -> None:
        """The sites of a value that is always the same, where a key may have to tell it from others and where not."""
        text = str(declaration.fixed)
        if self._numbering.numbers(declaration.local_name):
            self._site(at, "value", _name_of(simple_type), text, (), attribute=attribute, constant=True, unique=True)
        self._defaulted(at, declaration, attribute, text)

    def _declare(self, names: Mapping[str, str], at: _At) -> None:
        """Has prefixes declared that a value needs; a document that declares them all does so on its root."""
        declared = self._manner.declared
        clash = next((prefix for prefix, uri in names.items() if declared.get(prefix, uri) != uri), None)
        if clash is not None:
            raise UnsupportedError(f"prefix {clash} of a fixed or default name, which means two", self._shown_at(at))
        if not names.items() <= declared.items():
            raise _OtherwiseError(replace(self._manner, declared={**declared, **dict(names.items())}))

    def _text(self, declaration: Any, simple_type: Any, space: ValueSpace, at: _At) -> str:
        """A plain value; one of its own where values have to be told apart."""
        if is_id(simple_type):
            text = self._numbering.next_id(simple_type, space)
            if text is None:
                raise UnsupportedError(f"{_name_of(simple_type)}, of which there are too few", self._shown_at(at))
            self._ids.append((text, at.scope))
            return text
        return self._numbering.next_text(declaration.local_name, simple_type, space) or space.plain

    def _value_site(
        self, at: _At, simple_type: Any, text: str, space: ValueSpace, leaf: Leaf | None, attribute: str | None,
        declaration: Any,
    ) -> None:  # fmt: skip
        doubt = self._guide.doubt(space.type_names, leaf)
        options = [Option(edge.name, edge.text, doubt(edge.text) if doubt else "") for edge in space.edges]
        site = self._site(
            at,
            "value",
            _name_of(simple_type),
            text,
            [option for option in options if option.after != text],
            texts=space.texts,
            refuses=self._numbering.is_given if is_id(simple_type) else doubt,
            attribute=attribute,
            type_names=space.type_names,
            space=space,
            nillable=attribute is None and declaration.nillable,
            leaf=leaf,
            constant=len(simple_type.enumeration or ()) == 1,
            unique=is_id(simple_type) or self._numbering.numbers(declaration.local_name),
        )
        if site.unique:
            self._numbered[site.key] = declaration.local_name, simple_type, space

    def _defaulted(self, at: _At, declaration: Any, attribute: str | None, text: str) -> None:
        """An element with a default or fixed value may be empty, which means that value (part 1, section 3.3.4)."""
        if attribute is None and (declaration.fixed is not None or declaration.default is not None) and text:
            self._site(at, "empty", "default", text, [Option("default", "")])

    # --- sites --------------------------------------------------------------------------------------------------------

    def _site(
        self, at: _At, kind: SiteKind, rule: str, before: str, options: Iterable[Option], *, slot: int | None = None,
        parent: _At | None = None, **more: Any,
    ) -> Site:  # fmt: skip
        """Lists a site, of children of `parent` if that is given. Its options are drawn, too, but for `texts`."""
        options = tuple(options)
        if "texts" not in more:
            more["texts"] = st.sampled_from([option.after for option in options]) if options else st.just(before)
        site = Site(kind, self._unused(kind, self._shown_at(at)), at.path, rule, before, options,
                    at=(parent or at).at, scope=at.scope, **more)  # fmt: skip
        self._sites.insert(len(self._sites) if slot is None else slot, site)
        return site

    def _alternatives(
        self, slot: int, kind: SiteKind, rule: str, before: str, span: Span, at: _At, here: _At | None,
        ways: Mapping[str, Any], build: Callable[[list[Element], Any, _At], Any],
    ) -> None:  # fmt: skip
        """Lists the site of other elements in the place of some, building each alternative."""
        here = here or at
        built: dict[str, tuple[Element, ...]] = {}
        site = Site(kind, self._unused(kind, self._shown_at(here)), here.path, rule, before, (), st.nothing(),
                    at=at.at, span=span, scope=at.scope, alternatives=built)  # fmt: skip
        for name, way in ways.items():
            if self._count > ALL:
                break
            inner = replace(at, at=(), scope=(*at.scope, Branch(site, name)), limit=self._count + FULL // 5, tally={})
            top: list[Element] = []
            mark = self._mark(top)
            try:
                build(top, way, inner)
            except UnsatisfiableError as error:
                self._undo(top, mark)
                self._left_out.append(error)
            else:
                built[name] = tuple(top)
        if built:
            options = tuple(Option(name, name) for name in built)
            self._sites.insert(slot, replace(site, options=options, texts=st.sampled_from(list(built))))

    def _unused(self, kind: SiteKind, where: str) -> str:
        """A place that no other site of the kind has: later ones in the same place are numbered."""
        number = self._keys[kind, where] = self._keys.get((kind, where), 0) + 1
        return where if number == 1 else f"{where}#{number}"

    def _shown_at(self, at: _At) -> str:
        return f"{self._prefix}/{at.where}".strip("/") if self._prefix else at.where

    def _is_first(self, component: Any, role: str) -> bool:
        """Whether a component's alternatives are yet to be built; from now on they are."""
        key = (id(component), role)
        if key in self._shown:
            return False
        self._shown.add(key)
        return True

    def _size(self, particle: Particle) -> float:
        return self._grammar.size(particle)

    # --- undoing ------------------------------------------------------------------------------------------------------

    def _mark(self, siblings: Siblings) -> tuple[int, int, int, int, int]:
        return len(siblings), len(self._sites), len(self._places), len(self._ids), len(self._referring)

    def _undo(self, siblings: Siblings, mark: tuple[int, int, int, int, int]) -> None:
        """Takes back what was built since a mark."""
        children, sites, places, ids, referring = mark
        del siblings[children:]
        del self._sites[sites:]
        del self._places[places:]
        del self._ids[ids:]
        del self._referring[referring:]


_GROUPS: Final[Mapping[str, Callable[[_Builder, Siblings, Any, _At], object]]] = {
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


def _in_repeated_group(particle: Particle, at: _At) -> bool:
    """Whether a particle is, or stands in, a group of the content model that may occur more than once."""
    passed = (*at.trail[at.marks[-1] :], particle)
    return any(isinstance(each, XsdGroup) and each.max_occurs != 1 for each in passed)


def _prefixes(grammar: Grammar) -> dict[str | None, str]:
    """A prefix for every namespace of the schema, and for XSD's own, which values may name."""
    prefixes: dict[str | None, str] = {"xsd": XSD, "xsi": XSI}
    prefixes.update((f"n{index}", uri) for index, uri in enumerate(grammar.namespaces, 1))
    return prefixes


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


def _name_of(simple_type: Any) -> str:
    """What a reader would call a simple type: its name, or that of the nearest named one it restricts."""
    at = simple_type
    while at is not None and not at.name:
        at = at.base_type if at.base_type is not at else None
    return str(at.prefixed_name) if at is not None else f"a {simple_type.variety} type"


def _distinct(local: str | None, name: str) -> str:
    return str(local or name)


def _joined(outer: str, inner: str) -> str:
    return f"{outer}/{inner}" if outer and inner else outer or inner


def _is_flat(xsd_type: Type) -> bool:
    return bool(xsd_type.is_simple() or xsd_type.has_simple_content())


def _names_in(declaration: Any, simple_type: Any) -> dict[str, str]:
    """What the prefixes mean of the qualified name that a declaration fixes or defaults to."""
    text = declaration.default if declaration.fixed is None else declaration.fixed
    if text is None or not is_named(simple_type):
        return {}
    prefixes = {word.partition(":")[0] for word in str(text).split() if ":" in word}
    return {prefix: uri for prefix, uri in declaration.schema.namespaces.items() if prefix in prefixes}
