"""What a walk over a schema's components has found so far: sites, places, ids, and what had to be left out."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from strategies.errors import UnsupportedError
from strategies.sites import Key, Option, Scope, Site, SiteKind
from strategies.specimens import Place
from strategies.standing import At, Siblings

Mark: TypeAlias = tuple[int, int, int, int]
"""How many children, sites, places and ids there are."""


class Findings:
    """Sites and places in document order, the scopes of ids, and the number of elements and attributes built.

    `prefix` goes before the places of sites.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.sites: list[Site] = []
        self.places: list[Place] = []
        self.ids: list[Scope] = []
        self.left_out: list[UnsupportedError] = []
        self.count = 0
        self._keys: dict[Key, int] = {}
        self._shown: set[tuple[int, str]] = set()

    def site(
        self, at: At, kind: SiteKind, rule: str, before: str, options: Iterable[Option], *, slot: int | None = None,
        parent: At | None = None, **more: Any,
    ) -> Site:  # fmt: skip
        """Lists a site, of children of `parent` if that is given. Its options are drawn, too, but for `texts`."""
        options = tuple(options)
        if "texts" not in more:
            more["texts"] = st.sampled_from([option.after for option in options]) if options else st.just(before)
        site = Site(kind, self.unused(kind, self.shown_at(at)), at.path, rule, before, options,
                    at=(parent or at).at, scope=at.scope, **more)  # fmt: skip
        self.sites.insert(len(self.sites) if slot is None else slot, site)
        return site

    def unused(self, kind: SiteKind, where: str) -> str:
        """A place that no other site of the kind has: later ones in the same place are numbered."""
        number = self._keys[kind, where] = self._keys.get((kind, where), 0) + 1
        return where if number == 1 else f"{where}#{number}"

    def shown_at(self, at: At) -> str:
        """The place as records carry it."""
        return f"{self._prefix}/{at.where}".strip("/") if self._prefix else at.where

    def note(self, component: Any, role: str) -> None:
        """Has a component's alternatives taken for built."""
        self._shown.add((id(component), role))

    def is_first(self, component: Any, role: str) -> bool:
        """Whether a component's alternatives are yet to be built; from now on they are."""
        key = (id(component), role)
        if key in self._shown:
            return False
        self._shown.add(key)
        return True

    def mark(self, siblings: Siblings) -> Mark:
        """What there is now, to come back to."""
        return len(siblings), len(self.sites), len(self.places), len(self.ids)

    def undo(self, siblings: Siblings, mark: Mark) -> None:
        """Takes back what was built since a mark."""
        children, sites, places, ids = mark
        del siblings[children:]
        del self.sites[sites:]
        del self.places[places:]
        del self.ids[ids:]
