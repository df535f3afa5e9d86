"""Strategies for any XML Schema, for use without a contract: valid documents, edge cases and invalid documents.

    import strategies
    from hypothesis import given

    @given(strategies.from_schema("orders.xsd", "order"))
    def test_orders_are_read(order):
        assert read(etree.tostring(order, encoding="utf-8")).lines

A schema is a file, a schema that xmlschema has compiled, or that of a contract. What cannot be generated is refused
by name when a strategy is built, never when it draws.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis.vendor.pretty import RepresentationPrinter
from lxml import etree

from contracts.judge.records import Change
from strategies.compiling import AnySchema, compile_schema
from strategies.errors import UnsupportedError
from strategies.payloads import changes_of
from strategies.phases import edges, with_needs
from strategies.sites import Element, Site, find_in, first_of_each, put, tracked
from strategies.specimens import Specimen
from strategies.structure import MOST_PLACES, VALUE, Clauses, breaches, firsts, naming
from strategies.validators import Validators
from strategies.values.choices import Turned
from strategies.values.judging import FACETS
from strategies.wire import serialised


class _Told:
    """Cases as a failing test shows them: what was changed, and nothing of what they were made from."""

    __slots__ = ()
    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'; '.join(map(_told, self.changes))})"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """What Hypothesis shows, which looks into dataclasses by itself."""
        printer.text(repr(self))


@dataclass(frozen=True, slots=True, repr=False)
class EdgeCase(_Told):
    """A document of the deterministic phase: the sample with `changes`, none for the sample itself."""

    specimen: Specimen
    changes: tuple[Change, ...]

    @property
    def element(self) -> Element:
        """The document's root, a new one each time."""
        return self.specimen.vary(self.changes)


def from_schema(schema: AnySchema, element: str) -> SearchStrategy[Element]:
    """Valid documents of a global element: lxml elements, each of which varies a few places of one sample.

    `element` is a name in Clark notation, with a prefix of the schema, or local. Raises UnsupportedError, which names
    construct and place, for what cannot be generated, and ContractError for a schema that cannot be read or lacks
    the element.
    """
    compiled = compile_schema(schema)
    specimen = compiled.specimen(element)
    sites = tuple(site for site in specimen.sites if not site.constant)
    if not sites:
        return st.builds(lambda: specimen.vary(()))
    if not specimen.may_clash:
        return Turned(changes_of(sites), specimen.vary)
    return Turned(changes_of(sites), partial(_agreeing, specimen=specimen, validators=compiled.validators))


def _fewer(drawn: tuple[Change, ...], specimen: Specimen) -> Iterator[tuple[Change, ...]]:
    """Each of some changes alone, with what it needs."""
    for change in reversed(drawn):
        yield (*specimen.by_key[change.kind, change.where].needs, change)


def _agreeing(drawn: tuple[Change, ...], specimen: Specimen, validators: Validators) -> Element:
    """The document of changes that may clash: of as many of the changes as both validators accept."""
    for changes in (drawn, *_fewer(drawn, specimen)):
        root, complaint = validators.varied(specimen, specimen.picks(changes))
        if complaint is None:
            return root
    return specimen.vary(())


def documents_from_schema(schema: AnySchema, element: str) -> SearchStrategy[bytes]:
    """As `from_schema`, as documents: UTF-8, with an XML declaration."""
    return Turned(from_schema(schema, element), serialised)


def edge_cases(schema: AnySchema, element: str) -> list[EdgeCase]:
    """The deterministic phase: the sample, then every edge of every leaf and every way to vary the structure.

    A few go together in each document. Raises as `from_schema` does.
    """
    compiled = compile_schema(schema)
    specimen = compiled.specimen(element)
    found = [EdgeCase(specimen, ())]
    for packed in edges(site for site in specimen.sites if not site.constant):
        case = EdgeCase(specimen, with_needs((site, site.change(option)) for site, option in packed))
        if _is_valid(case, compiled.validators):
            found.append(case)
        else:
            found.extend(_apart(specimen, packed, compiled.validators))
    return found


@dataclass(frozen=True, slots=True, repr=False)
class InvalidCase(_Told):
    """An invalid document: the sample with one defect, told by the last of `changes`.

    A change before it puts the alternative in place that the defect stands in.
    """

    changes: tuple[Change, ...]
    make: Callable[[], Element]

    @property
    def change(self) -> Change:
        """What is broken: the rule with its component or clause, the place, before and after."""
        return self.changes[-1]

    @property
    def element(self) -> Element:
        """The document's root, a new one each time."""
        return self.make()


def invalid_cases(schema: AnySchema, element: str) -> list[InvalidCase]:
    """Every defect of structure and of values that is worth trying, each in a document of its own.

    Where there are very many elements, or leaves, those of one name and type are broken once. Each has been
    written, read again and refused by lxml for the reason that is recorded: what healed itself is left out. Raises as
    `from_schema` does.
    """
    compiled = compile_schema(schema)
    found = (candidate.case(compiled.validators) for candidate in _candidates(compiled.specimen(element)))
    return [case for case in found if case is not None]


def invalid_from_schema(schema: AnySchema, element: str) -> SearchStrategy[InvalidCase]:
    """Invalid documents, drawn from `invalid_cases`. Raises as `from_schema` does."""
    compiled = compile_schema(schema)
    candidates = list(_candidates(compiled.specimen(element)))

    @st.composite
    def invalid_documents(draw: st.DrawFn) -> InvalidCase:
        case = candidates[draw(st.integers(0, len(candidates) - 1))].case(compiled.validators)
        return reject() if case is None else case

    return invalid_documents()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may be an invalid document: its record, which names no clause yet, and the clauses that it may break.

    `besides` is what it must not break, being on record for something else.
    """

    changes: tuple[Change, ...]
    make: Callable[[], Element]
    clauses: Clauses
    besides: frozenset[str] = frozenset()

    def case(self, validators: Validators) -> InvalidCase | None:
        """The case, if it is invalid as it says; characters that XML forbids make no document that is read, nor do two
        equal values of xml:id."""
        try:
            clause = validators.broken_clause(self.make(), self.clauses, self.besides)
        except (ValueError, etree.XMLSyntaxError):
            return None
        if clause is None:
            return None
        *needed, change = self.changes
        return InvalidCase((*needed, naming(change, clause)), self.make)


def left_out(schema: AnySchema, element: str) -> tuple[UnsupportedError, ...]:
    """What is optional in an element's documents and in none that is made here, each with its place and the reason.

    What is left out for one cause, at whatever places, is listed once, with the number of the others.
    """
    by_cause: dict[str, list[UnsupportedError]] = {}
    for each in compile_schema(schema).specimen(element).left_out:
        by_cause.setdefault(_cause(each), []).append(each)
    return tuple(_counted(alike) for alike in by_cause.values())


def _cause(left_out: UnsupportedError) -> str:
    """Why something is left out, whatever the values that the validators quote."""
    variation, _, complaint = left_out.construct.partition(": ")
    return _QUOTED.sub("...", complaint or variation)


def _counted(alike: list[UnsupportedError]) -> UnsupportedError:
    construct = _LONG.sub(r"\1...", alike[0].construct)
    more = f", and {len(alike) - 1} more for this cause" if len(alike) > 1 else ""
    return type(alike[0])(f"{construct}{more}", alike[0].where)


_QUOTED: Final = re.compile(r"\[.*\]", re.DOTALL)
"""The values of a key."""

_LONG: Final = re.compile(r"(\S{60})\S+")
"""A word too long to be shown."""


_SHOWN: Final = 60
"""Characters of a value that are shown of a case."""


def _told(change: Change) -> str:
    return f"{change.rule} at {change.where or 'the root'}: {_short(change.before)} -> {_short(change.after)}"


def _short(value: str | None) -> str:
    if value is None or len(value) <= _SHOWN:
        return repr(value)
    return f"{value[:_SHOWN]!r}... ({len(value):,} characters)"


def _candidates(specimen: Specimen) -> Iterator[_Candidate]:
    """What may be invalid: breaches of structure, then texts outside the types of leaves."""
    for breach in breaches(specimen):
        yield _Candidate(breach.changes, partial(breach.broken, specimen.root), breach.clauses)
    leaves = first_of_each(site for site in specimen.leaves if site.space is not None)
    if len(leaves) > MOST_PLACES:
        leaves = firsts(leaves, lambda site: (site.path.rpartition("/")[2], id(site.space)))
    for site in leaves:
        for misfit in site.space.misfits if site.space else ():
            change = Change("lexical", site.where, f"{misfit.name}: {misfit.rule}", site.before, misfit.text)
            besides = frozenset(error for error, facet in FACETS.items() if facet not in misfit.rule.split(", "))
            make = partial(_misfitted, specimen, site, misfit.text)
            yield _Candidate((*site.needs, change), make, VALUE, besides)


def _misfitted(specimen: Specimen, site: Site, text: str) -> Element:
    """The sample with a text in a leaf that is none of its values; nothing that refers to it follows."""
    root, growth, _ = specimen.settled((branch.site, branch.option) for branch in site.scope)
    put(find_in(growth.roots[tracked(site.scope)], site.at), site, text)
    return root


def _apart(specimen: Specimen, packed: list[tuple[Site, Any]], validators: Validators) -> Iterator[EdgeCase]:
    """The edges of a document, that are valid one by one and not together, each on its own."""
    for site, option in packed:
        case = EdgeCase(specimen, with_needs([(site, site.change(option))]))
        if _is_valid(case, validators):
            yield case


def _is_valid(case: EdgeCase, validators: Validators) -> bool:
    """Whether the edges of a document go together."""
    specimen = case.specimen
    return not specimen.may_clash or validators.varied(specimen, specimen.picks(case.changes))[1] is None
