"""Samples proved: both validators accept them, with every alternative in its place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from hypothesis import strategies as st

from strategies.errors import UnsupportedError
from strategies.sites import Element, Key, Option, Site, first_of_each, tracked
from strategies.specimens import Specimen
from strategies.validators import Validators
from strategies.values.definitions import is_built_in


def proved(specimen: Specimen, validators: Validators) -> Specimen:
    """The specimen without the variations that the validators do not accept; those are listed in `left_out`.

    Every alternative is looked at, the numbers of occurrences in repeated groups, and where values have to agree with
    each other whatever may part them. Raises UnsupportedError if the sample itself is not accepted.
    """
    complain = partial(validators.complaint_of, specimen)
    complaint = specimen.complaint or complain(specimen.root)
    if complaint is not None:
        name, where = validators.place_of(specimen.root)
        raise UnsupportedError(f"element {name}, of which no message passes both validators ({complaint})", where)
    alternatives = [site for site in specimen.sites if _has_parts(site)]
    refused = dict(_refused(specimen, complain, alternatives, apart=specimen.is_delicate))
    counted = [site for site in specimen.sites if site.key in specimen.counted or site.kind == "empty"]
    counted = [site for site in counted if not _has_parts(site)]
    refused.update(_refused(specimen, complain, counted, apart=False))
    refused.update(_values_refused(specimen, validators))
    if specimen.is_delicate:
        clash = partial(validators.clash_in, specimen)
        sensitive = _sensitive(specimen)
        found = dict(_refused(specimen, clash, first_of_each(sensitive), apart=True))
        refused.update(_for_all_alike(found, sensitive))
    sites = tuple(_without(site, refused) for site in specimen.sites)
    left_out = [UnsupportedError(f"{site.rule} {option}: {why}", site.where) for (site, option), why in refused.items()]
    return replace(specimen, sites=_standing(sites, refused), left_out=(*specimen.left_out, *left_out))


def _values_refused(specimen: Specimen, validators: Validators) -> dict[tuple[Site, str], str]:
    """The options of values that lxml refuses in their place; of each simple type, the first leaf is looked at.

    Values are judged by their types when these are compiled: what shows here is where a validator reads a type
    otherwise in its schema, as xmlschema does that of a redefinition.
    """
    by_type: dict[int, list[Site]] = {}
    for site in specimen.sites:
        if site.kind == "value" and not site.is_configured and not site.unique:
            by_type.setdefault(id(site.space), []).append(site)
    looked_at = [sites[0] for sites in by_type.values()]
    refused = dict(_complaints(specimen, validators.fast_complaint, _abreast(looked_at)))
    alike = ((other, name, why) for (site, name), why in refused.items() for other in by_type[id(site.space)])
    return {(other, name): why for other, name, why in alike}


def _sensitive(specimen: Specimen) -> list[Site]:
    """The sites that values which have to differ or agree stand in, or that are such values.

    Ids of any name differ by themselves, and what refers to one can name another: without keys, those of alternatives
    are passed over, since the sample has ids besides.
    """
    values = [
        site for site in specimen.sites if site.unique and (specimen.keepers or not _is_any_id(site) or not site.scope)
    ]
    structural = (site for site in specimen.sites if site.kind != "value" and not _has_parts(site))
    return [*values, *(site for site in structural if any(site.touches(each) for each in values))]


def _is_any_id(site: Site) -> bool:
    return site.space is not None and site.space.identity == "ID" and is_built_in(site.simple_type)


def _for_all_alike(refused: Mapping[tuple[Site, str], str], sites: Iterable[Site]) -> dict[tuple[Site, str], str]:
    """What is refused of one item of a list, and so of the others."""
    by_likeness: dict[object, list[Site]] = {}
    for site in sites:
        by_likeness.setdefault(site.likeness, []).append(site)
    return {(alike, name): why for (site, name), why in refused.items() for alike in by_likeness[site.likeness]}


def _has_parts(site: Site) -> bool:
    """Whether varying a site puts something in place that the sample does not have."""
    return bool(site.alternatives or site.added)


def _refused(
    specimen: Specimen, complain: Callable[[Element], str | None], sites: Iterable[Site], *, apart: bool
) -> Iterator[tuple[tuple[Site, str], str]]:
    """The options of sites that are refused, and why; unless `apart`, several share a document while all goes well."""
    waiting = [(site, option) for site in sites for option in site.options]
    packs = ([each] for each in waiting) if apart else _packed(waiting, specimen.counted)
    yield from _complaints(specimen, complain, packs)


def _complaints(
    specimen: Specimen, complain: Callable[[Element], str | None], packs: Iterable[list[tuple[Site, Option]]]
) -> Iterator[tuple[tuple[Site, str], str]]:
    """The options, among those that share a document, that are refused on their own, too."""
    for packed in packs:
        if _complaint(specimen, complain, packed) is None:
            continue
        for site, option in packed:
            complaint = _complaint(specimen, complain, [(site, option)])
            if complaint is not None:
                yield (site, option.name), complaint


def _abreast(values: Iterable[Site]) -> Iterator[list[tuple[Site, Option]]]:
    """The options of values, the first of each in one document, then the second: those of one scope never meet."""
    by_scope: dict[object, list[Site]] = {}
    for site in values:
        by_scope.setdefault(tracked(site.scope), []).append(site)
    for sites in by_scope.values():
        rows = zip_longest(*([(site, option) for option in site.options] for site in sites))
        yield from ([each for each in row if each is not None] for row in rows)


def _packed(waiting: list[tuple[Site, Option]], counted: Mapping[Key, object]) -> Iterator[list[tuple[Site, Option]]]:
    """Options in groups that fit a document each; in one content that is `counted`, no two but what one stands in."""
    varying = {site: _varied(site, counted) for site, _ in waiting}
    while waiting:
        packed: list[tuple[Site, Option]] = []
        left: list[tuple[Site, Option]] = []
        stands: dict[Key, str] = {}
        varied: dict[object, set[Key]] = {}
        for site, option in waiting:
            its = varying[site]
            alone = all(varied.get(content, keys) == keys for content, keys in its.items())
            if alone and _goes_with(site, stands) and not any(site.meets(other) for other, _ in packed):
                packed.append((site, option))
                varied.update(its)
                stands.update((branch.site.key, branch.option) for branch in site.scope)
                stands[site.key] = option.after
            else:
                left.append((site, option))
        yield packed
        waiting = left


def _varied(site: Site, counted: Mapping[Key, object]) -> dict[object, set[Key]]:
    """By each content that is counted, the sites that vary in it when one does: it, and what it stands in."""
    found: dict[object, set[Key]] = {}
    for each in (*(branch.site for branch in site.scope), site):
        if each.key in counted:
            found.setdefault(counted[each.key], set()).add(each.key)
    return found


def _goes_with(site: Site, stands: Mapping[Key, str]) -> bool:
    """Whether a site has not varied, and stands in no alternative other than those that are in place: a cheap look."""
    return site.key not in stands and all(
        stands.get(branch.site.key, branch.option) == branch.option for branch in site.scope
    )


def _complaint(
    specimen: Specimen, complain: Callable[[Element], str | None], packed: Iterable[tuple[Site, Option]]
) -> str | None:
    """What is wrong with the sample as some options vary it."""
    picks: dict[Key, tuple[Site, str]] = {}
    for site, option in packed:
        picks.update((branch.site.key, (branch.site, branch.option)) for branch in site.scope)
        picks[site.key] = site, option.after
    root, _, complaint = specimen.settled(picks.values())
    return complaint or complain(root)


def _without(site: Site, refused: dict[tuple[Site, str], str]) -> Site:
    """A site without the options that are refused; a leaf all of whose values are refused stays as it is."""
    options = tuple(option for option in site.options if (site, option.name) not in refused)
    if len(options) == len(site.options):
        return site
    plain = [option.after for option in options if not option.because]
    return replace(
        site,
        options=options,
        texts=st.sampled_from(plain) if plain else st.just(site.before),
        constant=site.constant or not options,
    )


def _standing(sites: Iterable[Site], refused: dict[tuple[Site, str], str]) -> tuple[Site, ...]:
    """The sites without those that stand in a refused alternative."""
    gone = {(site.key, option) for site, option in refused if site.alternatives}
    return tuple(site for site in sites if not any((branch.site.key, branch.option) in gone for branch in site.scope))
