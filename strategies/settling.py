"""What is settled once a sample stands: what references refer to, and what copies hold in place of values that differ.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from strategies.identities import Numbering, is_id, refer
from strategies.sites import Element, Fresh, Key, Option, Scope, Site, find_in, numbers, set_text, tracked
from strategies.specimens import Place
from strategies.values import ValueSpace


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a walk over the components found: the sites and places, in document order, the leaves that are `referring`
    to ids, the `ids` with their scopes, and the type of each leaf that is `numbered`."""

    sites: Sequence[Site]
    places: Sequence[Place]
    referring: Sequence[tuple[Element, str | None]]
    ids: Sequence[tuple[str, Scope]]
    numbered: Mapping[Key, tuple[str, Any, ValueSpace]]
    numbering: Numbering

    @property
    def first_id(self) -> str:
        """The first id of the sample, which all references name; empty if there is none."""
        return next((text for text, scope in self.ids if not scope), "")

    def anchor(self, root: Element) -> tuple[str, str | None, str]:
        """The id that references name, with its element's name."""
        text = self.first_id
        site = next(site for site in self.sites if site.kind == "value" and not site.scope and site.before == text)
        return str(find_in([root], site.at).tag), site.attribute, text

    def settle(self, root: Element) -> set[tuple[Element, str | None]]:
        """Gives references something to refer to, the first id of the sample; returns the fields of keyrefs."""
        for element, attribute in self.referring:
            set_text(element, attribute, self.first_id)
        in_sample = [place for place in self.places if not place.scope]
        return refer([(find_in([root], place.at), place.declaration) for place in in_sample])

    def settled(self, root: Element, given: set[tuple[Element, str | None]]) -> Iterator[Site]:
        """The sites in their turns, with the texts that the sample ended up with, and fresh ones for copies."""
        unique: dict[object, list[Site]] = {}
        for site in self.sites:
            bound = not site.scope and site.unique and (find_in([root], site.at), site.attribute) in given
            if site.key in self.numbered and not bound:
                unique.setdefault(tracked(site.scope), []).append(site)
        lists = {
            site.key: self._with_fresh(site, unique.get(tracked(site.scope), ()))
            for site in self.sites
            if site.kind == "count" and site.options
        }
        for turn, site in enumerate(self.sites):
            site = self._with_other_ids(replace(lists.get(site.key, site), turn=turn))
            if site.kind == "value" and not site.scope:
                element = find_in([root], site.at)
                bound = (element, site.attribute) in given
                site = replace(site, before=_text_at(element, site.attribute), constant=site.constant or bound)
            yield site

    def _with_other_ids(self, site: Site) -> Site:
        """An id's site without the ids of other elements; the one that references name has to stay as it is."""
        if site.space is None or site.space.identity != "ID":
            return site
        anchored = bool(self.referring) and site.before == self.first_id
        options = tuple(option for option in site.options if not self.numbering.is_given(option.after))
        return replace(site, options=options, constant=site.constant or anchored)

    def _with_fresh(self, site: Site, unique: Iterable[Site]) -> Site:
        """A list's site with other values for its copies; no longer than there are such values."""
        fresh = tuple(self._fresh(site, unique))
        if not fresh:
            return site
        most = len(site.items) + min(len(each.texts) for each in fresh)
        longest = str(min(most, max(int(option.after) for option in site.options)))
        fitting = [option for option in site.options if int(option.after) <= most]
        if longest not in (site.before, *(option.after for option in fitting)):
            fitting.append(Option("many", longest))
        options = tuple(fitting)
        return replace(
            site,
            fresh=fresh,
            options=options,
            texts=numbers(site.bounds[0], most),
            constant=site.constant or not options,
        )

    def _fresh(self, list_site: Site, unique: Iterable[Site]) -> Iterator[Fresh]:
        """What copies of a list's last item hold in place of values that have to differ."""
        first, last = list_site.items[-1]
        copies = max(int(option.after) for option in list_site.options) - len(list_site.items)
        depth = len(list_site.at)
        for site in unique if copies > 0 else ():
            if site.at[:depth] == list_site.at and len(site.at) > depth and first <= site.at[depth] < last:
                texts = tuple(islice(iter(partial(self._another, site), None), copies))
                yield Fresh((site.at[depth] - first, *site.at[depth + 1 :]), site.attribute, texts)

    def _another(self, site: Site) -> str | None:
        name, simple_type, space = self.numbered[site.key]
        if is_id(simple_type):
            return self.numbering.next_id(simple_type, space)
        return self.numbering.next_text(name, simple_type, space)


def _text_at(element: Element, attribute: str | None) -> str:
    return (element.text if attribute is None else element.get(attribute)) or ""
