"""Requests that differ from the known-good one in one respect: a table of named functions for each case.

What a variation entitles to is, where a genuine stack of the family departs, in the families' table under its name;
else what the variation itself says. One that says nothing, and has no row there, is not sent over the binding: what
may be refused or taken is known of stacks alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.judge.records import Change, MessageKind, Request
from contracts.model import Expectation
from contracts.values import names_in
from strategies.defects import Sample, entitlement
from strategies.subjects import Draft

Maker: TypeAlias = Callable[[Sample], Request | None]
"""From the sample to the request that varies it; None where the sample has nothing to vary so."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One way in which a request differs. `where` and `rule` tell it; `entitles` holds where no stack departs, None
    where only the stacks of a family can say.
    """

    where: str
    rule: str
    make: Maker
    entitles: Literal["accept", "reject"] | None = None
    kind: MessageKind = "spelling"
    because: str = ""
    forbidden_characters: bool = False


NOT_ASKED = "It does not ask for what the page documents."

Variations: TypeAlias = Mapping[str, Variation]


def drafts(sample: Sample, table: Variations) -> Iterator[Draft]:
    """The variations of a table that apply to a sample, each once."""
    for name, variation in table.items():
        entitled = entitlement(sample.template, name)
        expectation: Expectation | None = entitled.expectation if entitled else variation.entitles
        if expectation is None:
            continue
        request = variation.make(sample)
        if request is not None and request != sample.request:
            because = entitled.because if entitled else _because(variation, expectation)
            yield _draft(sample, name, variation, request, expectation, because)


def _because(variation: Variation, expectation: Expectation) -> str:
    """Why a message entitles to what its variation says."""
    return variation.because or (NOT_ASKED if expectation == "reject" else "")


def _draft(
    sample: Sample, name: str, variation: Variation, request: Request, expectation: Expectation, because: str
) -> Draft:
    credentials = {site.leaf.name for site in sample.template.credentials if site.leaf}
    return Draft(
        kind=variation.kind,
        expectation=expectation,
        request=request,
        changes=(Change(variation.kind, variation.where, variation.rule, after=name),),
        because=because,
        forbidden_characters=variation.forbidden_characters,
        uses_credentials=not credentials or bool(credentials & names_in(request)),
    )
