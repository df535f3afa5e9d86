"""Strategies for valid messages: each varies a few sites of the known-good sample.

What a message costs to draw decides how fast a suite runs: a draw is a handful of small choices, made as
`strategies.values.choices` says, and the document is made from them by copying the sample.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.utils import calc_label_from_name
from hypothesis.strategies import SearchStrategy, just

from contracts.judge.records import Change, Message
from contracts.model import Operation, Protocol
from strategies.phases import MOST_CHANGES, with_needs
from strategies.stencils import Stencil
from strategies.subjects import Draft, Subject, message
from strategies.templates import Payload, Site, Template, template_of
from strategies.values.choices import Turned, undivided

_Chances: TypeAlias = tuple[int, int]
"""How often a site is drawn as the last of a message, and how often with another after it."""

CHANCES: Final[Mapping[str, _Chances]] = {
    "value": (18, 12),
    **dict.fromkeys(("absent", "empty", "nil"), (1, 1)),
}
"""By kind of site; what is in no table is `OTHERWISE`. A part is absent, empty or nil in one form each, which the
deterministic phase has: a message of nothing else would soon be drawn again."""

OTHERWISE: Final[_Chances] = (4, 8)

TRIES: Final = 3
"""Draws of a text that a genuine stack may refuse or alter, before the plainest edge stands in."""


def messages(operation: Operation, protocol: Protocol) -> SearchStrategy[Message]:
    """Valid messages of an operation over a binding, none of which belongs to a plan item."""
    template = template_of(operation, protocol)
    subject = Subject(operation, template.binding, requirement_id="", item="")
    draft = drafting(template)
    return Turned(changes(template), lambda drawn: message(subject, 0, draft(drawn)))


def payloads(operation: Operation, protocol: Protocol) -> SearchStrategy[Payload]:
    """Valid payloads of an operation over a binding; credentials stand as placeholders."""
    template = template_of(operation, protocol)
    return Turned(changes(template), template.vary)


def changes(template: Template) -> SearchStrategy[tuple[Change, ...]]:
    """One to four changes to the sample that leave it valid and that every genuine stack takes as they are.

    Sites that need made-up credentials are left to the edges, unless there are no others. None to a sample that has
    nothing to vary, which is the only message then.
    """
    sites = tuple(site for site in template.sites if not site.guarded) or template.sites
    if not sites:
        return just(())
    drawn = changes_of(sites)
    return Turned(drawn, template.agreeing) if template.may_clash else drawn


def changes_of(sites: Sequence[Site]) -> SearchStrategy[tuple[Change, ...]]:
    """One to four changes of some sites, with the changes that put the alternatives in place that these stand in."""
    return _Changes(sites)


class _Changes(SearchStrategy[tuple[Change, ...]]):
    """Draws one site after the other, each with what it is varied to, in a span that a shrinker can leave out.

    One choice says which site it is and whether another follows. Those that cannot go with an earlier one are passed
    over: cheaper than filtering.
    """

    def __init__(self, sites: Sequence[Site]) -> None:
        super().__init__()
        self._sites = tuple(sites)
        self._among = tuple(_picks(self._sites))
        self._texts = [undivided(site.texts) for site in self._sites]
        self._meeting: dict[tuple[int, int], bool] = {}

    def __repr__(self) -> str:
        return f"changes of {len(self._sites)} sites"

    def do_draw(self, data: ConjectureData) -> tuple[Change, ...]:
        """The changes that can go together, in the order of the sites."""
        taken: dict[int, Change] = {}
        for label in _LABELS:
            data.start_span(label)
            pick, goes_on = self._among[data.draw_integer(ALIKE, ALIKE + len(self._among) - 1) - ALIKE]
            after = self._text(pick, data)
            data.stop_span()
            if not any(self._meet(pick, other) for other in taken):
                taken[pick] = self._sites[pick].drawn(after)
            if not goes_on:
                break
        return with_needs((self._sites[index], taken[index]) for index in sorted(taken))

    def _text(self, pick: int, data: ConjectureData) -> str:
        """A text for a site; what it refuses is drawn again, a few times."""
        refuses, draw = self._sites[pick].refuses, self._texts[pick]
        after = draw(data)
        for _ in range(TRIES - 1):
            if refuses is None or not refuses(after):
                break
            after = draw(data)
        return after

    def _meet(self, one: int, other: int) -> bool:
        key = (one, other)
        if key not in self._meeting:
            self._meeting[key] = self._sites[one].meets(self._sites[other])
        return self._meeting[key]


def _picks(sites: Sequence[Site]) -> Iterator[tuple[int, bool]]:
    """Every site as often as its chances say; of each, the simplest first: that it is the last of its message."""
    for index, site in enumerate(sites):
        last, further = CHANCES.get(site.kind, OTHERWISE) if len(sites) < MANY else (1, 1)
        yield from ((index, False) for _ in range(last))
        yield from ((index, True) for _ in range(further))


MANY: Final = 2_000
"""Sites after which all have the same chances: a table of them should stay small."""

ALIKE: Final = 7 << 57
"""Hypothesis draws small numbers more often than large ones, which would mostly vary the first leaves. So far from zero
its distribution tells no numbers apart, and it draws all alike."""

_LABELS: Final = tuple(calc_label_from_name(f"soapstone change {number}") for number in range(MOST_CHANGES))
"""Labels of the spans, all different: of two that are alike, Hypothesis tries to put one in the other's place."""


def drafting(template: Template) -> Callable[[tuple[Change, ...]], Draft]:
    """Makes the draft of a valid message of its changes."""
    stencil = Stencil(template)
    return lambda drawn: Draft(
        kind="valid",
        expectation="process",
        request=stencil.request(drawn),
        changes=drawn,
        uses_credentials=template.keeps_credentials(drawn),
    )
