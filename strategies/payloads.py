"""Strategies for valid messages: each varies a few sites of the known-good sample.

What a message costs to draw decides how fast a suite runs: a draw is a handful of small choices, and the document
is made from them by copying the sample.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from contracts.errors import ContractError, Place
from contracts.judge.records import Change, Message
from contracts.model import Operation, Protocol
from strategies.phases import MOST_CHANGES, with_needs
from strategies.subjects import Draft, Subject, message
from strategies.templates import Payload, Site, Template, template_of
from strategies.wire import request

MORE_VALUES: Final = 4
"""How many times more often a leaf's value is picked than other sites: absence and nil have too few forms to make a
message that was not drawn before."""

_Variation: TypeAlias = tuple[int, str]
"""A site by its index, and what it is varied to."""


def messages(operation: Operation, protocol: Protocol) -> SearchStrategy[Message]:
    """Valid messages of an operation over a binding, none of which belongs to a plan item."""
    template = template_of(operation, protocol)
    subject = Subject(operation, template.binding, requirement_id="", item="")
    return changes(template).map(lambda drawn: message(subject, 0, varied(template, drawn)))


def payloads(operation: Operation, protocol: Protocol) -> SearchStrategy[Payload]:
    """Valid payloads of an operation over a binding; credentials stand as placeholders."""
    template = template_of(operation, protocol)
    return changes(template).map(template.vary)


def changes(template: Template) -> SearchStrategy[tuple[Change, ...]]:
    """One to four changes to the sample that leave it valid and that every genuine stack takes as they are.

    Sites that need made-up credentials are left to the edges, unless there are no others.
    Raises ContractError for a template without anything to vary.
    """
    sites = tuple(site for site in template.sites if not site.guarded) or template.sites
    if not sites:
        raise ContractError(Place(template.operation.schema.entry), "the request has nothing that may vary")
    return changes_of(sites)


def changes_of(sites: Sequence[Site]) -> SearchStrategy[tuple[Change, ...]]:
    """One to four changes of some sites, with the changes that put the alternatives in place that these stand in.

    They are drawn as a list, which a shrinker knows how to shorten. Those that cannot go with an earlier one are passed
    over: cheaper than filtering.
    """
    sites = tuple(sites)
    values = [index for index, site in enumerate(sites) if site.kind == "value"]
    variation = _variation(sites, (*values * MORE_VALUES, *range(len(sites))))
    return st.lists(variation, min_size=1, max_size=MOST_CHANGES).map(lambda drawn: _together(sites, drawn))


def _together(sites: Sequence[Site], drawn: Sequence[_Variation]) -> tuple[Change, ...]:
    """The changes among some drawn that can go together, in the sites' order."""
    taken: dict[int, Change] = {}
    for pick, after in drawn:
        site = sites[pick]
        if not any(site.meets(sites[other]) for other in taken):
            taken[pick] = site.drawn(after)
    return with_needs((sites[index], taken[index]) for index in sorted(taken))


@st.composite
def _variation(draw: DrawFn, sites: Sequence[Site], among: Sequence[int]) -> _Variation:
    """One of some sites, by index, and what it is varied to."""
    pick = among[draw(st.integers(0, len(among) - 1))]
    return pick, draw(sites[pick].texts)


def varied(template: Template, drawn: tuple[Change, ...]) -> Draft:
    """The draft of a valid message with these changes."""
    return Draft(
        kind="valid",
        expectation="process",
        request=request(template, template.vary(drawn)),
        changes=drawn,
        uses_credentials=template.keeps_credentials(drawn),
    )
