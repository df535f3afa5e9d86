"""Defects of a leaf's value: text outside its type or a facet, nil where nothing may be nil, a number said twice.

What may be wrong comes from two tables: texts that the families' table lists for a type, first, and the misfits of
the leaf's own value space. What either entitles to is the families' table's to say; a text that it says nothing of is
not sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from contracts.families import Entitlement, families
from contracts.judge.expectations import NIL_VALUE
from contracts.judge.records import Change
from contracts.names import XSI_NIL
from strategies.defects import Sample, defective, entitlement
from strategies.subjects import Draft
from strategies.templates import Element, Payload, Site, Template, find, first_of_each
from strategies.values import Misfit
from strategies.wire import form, pairs

LONGEST: Final = 300
"""Characters of a misfit that is sent: one too many tells as much as a thousand."""


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A text for a leaf that is no value of it, what forbids it, and what that entitles to."""

    text: str
    rule: str
    entitled: Entitlement


def invalid_values(sample: Sample) -> Iterator[Draft]:
    """Every leaf with values outside its type: the first value of each leaf, then the second, and so on."""
    template = sample.template
    wrong = [(site, list(_wrong_values(template, site))) for site in first_of_each(template.leaves)]
    for turn in range(max((len(values) for _, values in wrong), default=0)):
        for site, values in wrong:
            if turn < len(values):
                yield from _invalid_value(sample, site, values[turn])
    for site, _ in wrong:
        if is_of_value_type(template, site):
            yield from _nil_value(sample, site)
            yield from _repeated_number(sample, site)


def _wrong_values(template: Template, site: Site) -> Iterator[_Wrong]:
    """The texts that the families' table lists for the leaf's type, then the misfits that it has a row for."""
    listed = _listed(template, site)
    for text, entitled in listed.items():
        yield _Wrong(text, site.rule, entitled)
    for misfit in site.space.misfits if site.space else ():
        found = _entitled(template, site, misfit)
        if found is not None and misfit.text not in listed and len(misfit.text) <= LONGEST:
            yield _Wrong(misfit.text, f"{site.rule}: {misfit.rule}, {misfit.name}", found)


def _listed(template: Template, site: Site) -> Mapping[str, Entitlement]:
    found: dict[str, Entitlement] = {}
    for name in site.type_names:
        found |= families().invalid_values(name, template.operation.family, template.binding.protocol)
    return found


def is_of_value_type(template: Template, site: Site) -> bool:
    """Whether the family's stacks hold the leaf as a value of its own, a number or a date, and not as text."""
    return bool(_listed(template, site))


def _entitled(template: Template, site: Site, misfit: Misfit) -> Entitlement | None:
    family, protocol = template.operation.family, template.binding.protocol
    if misfit.rule.startswith("xs:"):
        return families().lexical(site.type_names, misfit.text, family, protocol)
    return families().facet(misfit.rule, misfit.text, family, protocol)


def _invalid_value(sample: Sample, site: Site, wrong: _Wrong) -> Iterator[Draft]:
    payload = sample.template.with_values({**_guard(sample.template, site), site.where: wrong.text})
    if not sample.template.is_valid(_as_read(payload)):
        change = Change("lexical", site.where, wrong.rule, site.before, wrong.text)
        yield defective(sample.template, sample.with_payload(payload), change, wrong.entitled)


def _as_read(payload: Payload) -> Payload:
    """A payload as its reader has it: a defect that writing heals is none."""
    return Payload(_read(payload.body), None if payload.header is None else _read(payload.header))


def _read(element: Element) -> Element:
    return etree.fromstring(etree.tostring(element, encoding="utf-8"))


def _guard(template: Template, site: Site) -> dict[str, str]:
    """Made-up values for every credential where the defect touches one: real and wrong ones never go together."""
    return template.made_up_values() if site.is_credential else {}


def _nil_value(sample: Sample, site: Site) -> Iterator[Draft]:
    """A leaf of a value type made nil, though its declaration does not allow it (part 1, section 2.6.2)."""
    entitled = entitlement(sample.template, NIL_VALUE)
    if entitled is None or site.nillable or site.attribute is not None or site.scope:
        return
    payload = sample.template.with_values({**_guard(sample.template, site), site.where: ""})
    find(payload, site).set(XSI_NIL, "true")
    change = Change("defect", site.where, f"{NIL_VALUE}: the declaration is not nillable", site.before, NIL_VALUE)
    yield defective(sample.template, sample.with_payload(payload), change, entitled)


def _repeated_number(sample: Sample, site: Site) -> Iterator[Draft]:
    """A number that stands twice in a form, which joins the two; nothing of a list, which may stand many times."""
    entitled = entitlement(sample.template, "repeated-number")
    if entitled is None or site.is_credential or site.where != site.path:
        return
    broken = form(sample.binding, [*pairs(sample.template.payload), (site.path, site.before)])
    change = Change("defect", site.where, "repeated-number", after="repeated-number")
    yield defective(sample.template, broken, change, entitled)
