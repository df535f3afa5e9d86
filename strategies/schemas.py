"""Strategies for any XML Schema, for use without a contract: valid documents, edge cases and invalid documents.

    import strategies
    from hypothesis import given

    @given(strategies.from_schema("orders.xsd", "order"))
    def test_orders_are_read(order):
        assert read(etree.tostring(order, encoding="utf-8")).lines

A schema is a file, a schema that xmlschema has compiled, or that of a contract. What cannot be generated is refused
by name when a strategy is built, never when it draws.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from contracts.judge.records import Change
from strategies.compiling import AnySchema, compile_schema
from strategies.errors import UnsupportedError
from strategies.payloads import TRIES, changes_of
from strategies.phases import edges, with_needs
from strategies.proving import Validators
from strategies.sites import Element, Growth, Site, first_of_each
from strategies.specimens import Specimen
from strategies.structure import VALUE, breaches
from strategies.values.choices import Turned
from strategies.wire import serialised


@dataclass(frozen=True)
class EdgeCase:
    """A document of the deterministic phase: the sample with `changes`, none for the sample itself."""

    specimen: Specimen = field(repr=False)
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
    varied = Turned(changes_of(sites), specimen.vary)
    return _checked(varied, specimen, compiled.validators) if specimen.is_delicate else varied


@st.composite
def _checked(draw: st.DrawFn, varied: SearchStrategy[Element], specimen: Specimen, validators: Validators) -> Element:
    """Documents in which values have to agree: what both validators accept, or else the sample."""
    for _ in range(TRIES):
        root = draw(varied)
        if validators.complaint_of(specimen, root) is None:
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
        if not specimen.is_delicate or compiled.validators.complaint_of(specimen, case.element) is None:
            found.append(case)
        else:
            found.extend(_apart(specimen, packed, compiled.validators))
    return found


@dataclass(frozen=True)
class InvalidCase:
    """An invalid document: the sample with one defect, told by the last of `changes`.

    A change before it puts the alternative in place that the defect stands in.
    """

    changes: tuple[Change, ...]
    make: Callable[[], Element] = field(repr=False)
    complaints: frozenset[str] = field(repr=False)

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

    Each has been written, read again and refused by lxml for the reason that is recorded: what healed itself is left
    out. Raises as `from_schema` does.
    """
    compiled = compile_schema(schema)
    return [case for case in _candidates(compiled.specimen(element)) if _is_broken(case, compiled.validators)]


def invalid_from_schema(schema: AnySchema, element: str) -> SearchStrategy[InvalidCase]:
    """Invalid documents, drawn from `invalid_cases`. Raises as `from_schema` does."""
    compiled = compile_schema(schema)
    candidates = list(_candidates(compiled.specimen(element)))
    return st.sampled_from(candidates).filter(lambda case: _is_broken(case, compiled.validators))


def _is_broken(case: InvalidCase, validators: Validators) -> bool:
    """Whether a case is invalid as it says; characters that XML forbids make no document."""
    try:
        return validators.refuse(case.element, case.complaints)
    except ValueError:
        return False


def left_out(schema: AnySchema, element: str) -> tuple[UnsupportedError, ...]:
    """What is optional in an element's documents and in none that is made here, each with its place and the reason."""
    return compile_schema(schema).specimen(element).left_out


def _candidates(specimen: Specimen) -> Iterator[InvalidCase]:
    """What may be invalid: breaches of structure, then texts outside the types of leaves."""
    for breach in breaches(specimen):
        yield InvalidCase(breach.changes, partial(breach.broken, specimen.root), breach.complaints)
    for site in first_of_each(site for site in specimen.leaves if site.space is not None):
        for misfit in site.space.misfits if site.space else ():
            change = Change("lexical", site.where, f"{misfit.name}: {misfit.rule}", site.before, misfit.text)
            yield InvalidCase((*site.needs, change), partial(_misfitted, specimen, site, misfit.text), VALUE)


def _misfitted(specimen: Specimen, site: Site, text: str) -> Element:
    picks = [*((branch.site, branch.option) for branch in site.scope), (site, text)]
    return Growth(picks).grow([specimen.root])[0]


def _apart(specimen: Specimen, packed: list[tuple[Site, Any]], validators: Validators) -> Iterator[EdgeCase]:
    """The edges of a document, that are valid one by one and not together, each on its own."""
    for site, option in packed:
        case = EdgeCase(specimen, with_needs([(site, site.change(option))]))
        if validators.complaint_of(specimen, case.element) is None:
            yield case
