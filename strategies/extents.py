"""How much of a content model the sample shows: how often what may be repeated, which branch, how deep a recursion."""

from itertools import islice
from typing import Any, Final

from xmlschema.validators import XsdAnyElement, XsdElement, XsdGroup

from strategies.grammar import NO_END, Declaration, Grammar, Particle, Type, leaves_of, unwrapped
from strategies.standing import At, is_flat

MANY: Final = 50
"""Items of a long list: past the initial capacity of any stack's buffers, and still a small message."""

SHOWN_TWICE: Final = 2
"""Lists in lists of which the sample shows two items each; of those within one."""

LONGEST_SHOWN: Final = 12
"""Branches of a repeated choice that the sample shows one after the other; the others are alternatives."""


class Extents:
    """What to show of particles, where the builder stands."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def how_many(self, particle: Particle, at: At, built: int) -> int:
        """Occurrences that the sample shows: of what is optional and recurs, or stands for a wildcard, none.

        `built` is the number of elements and attributes so far.
        """
        low, high = int(particle.min_occurs), particle.max_occurs
        forced = particle is at.forced
        if at.lean or built >= at.limit:
            again = forced or (at.descend > 0 and id(particle) in at.spine)
            return max(low, 1) if again else low
        if not forced and not low and (isinstance(particle, XsdAnyElement) or self.recurs(particle, at)):
            return 0
        most = high if high is not None else MANY
        if isinstance(particle, XsdGroup) and unwrapped(particle).model == "choice" and most > 1:
            branches = [each for each in self.branches(unwrapped(particle)) if not self.recurs(each, at)]
            return max(low, min(most, LONGEST_SHOWN, max(len(branches), 2)))
        wanted = 2 if at.lists < SHOWN_TWICE else 1
        return max(low, min(most, wanted))

    def recurs(self, particle: Particle, at: At) -> bool:
        """Whether an occurrence would hold a type that it stands in."""
        if isinstance(particle, XsdElement):
            types = self._types_of(particle)
            return bool(types) and any(types[0] is outer for outer in at.types) and not is_flat(types[0])
        if isinstance(particle, XsdAnyElement):
            return False
        members = [each for each in particle if each.max_occurs != 0]
        if particle.model == "choice":
            return bool(members) and all(self.recurs(each, at) for each in members)
        return any(each.min_occurs and self.recurs(each, at) for each in members)

    def cycle(self, particle: Particle, at: At) -> tuple[Particle, ...]:
        """A recurring particle after those that were passed since the type that it holds again.

        Of a group that recurs the member that does comes after it.
        """
        leaves = [particle] if isinstance(particle, XsdElement) else leaves_of(particle)
        own = [types[0] for each in leaves if isinstance(each, XsdElement) and (types := self._types_of(each))]
        again = max(index for index, outer in enumerate(at.types) if any(outer is each for each in own))
        inner = [] if isinstance(particle, XsdElement) else leaves_of(particle)
        recurring = (each for each in inner if isinstance(each, XsdElement) and self.recurs(each, at))
        return (*at.trail[at.marks[again] :], particle, *islice(recurring, 1))

    def branches(self, group: Any) -> list[Particle]:
        """The branches of a choice that a message can have."""
        return [
            each
            for each in group
            if each.max_occurs != 0 and (not each.min_occurs or self._grammar.size(each) < NO_END)
        ]

    def chosen(self, branches: list[Particle], at: At) -> Particle:
        """The branch that the sample shows: the first that does not recur, unless it has to lead on or out."""
        if at.descend > 0 and (spine := [each for each in branches if id(each) in at.spine]):
            return spine[0]
        if at.lean:
            return min(branches, key=lambda each: each.min_occurs * self._grammar.size(each) if each.min_occurs else 0)
        return next((each for each in branches if not self.recurs(each, at)), branches[0])

    def _types_of(self, particle: Declaration) -> list[Type]:
        """The types of the first element that may stand for a particle; none where none may."""
        candidates = self._grammar.candidates(particle)
        return self._grammar.types(candidates[0]) if candidates else []
