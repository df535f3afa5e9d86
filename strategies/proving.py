"""Samples proved: both validators accept them, with every alternative in its place."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any, cast

from hypothesis import strategies as st
from lxml import etree
from xmlschema import XMLSchemaBase

from strategies.errors import UnsupportedError
from strategies.sites import Element, Growth, Key, Option, Site, tracked
from strategies.specimens import Specimen


@dataclass(frozen=True, slots=True)
class Validators:
    """lxml's compiled schema, which is fast, and xmlschema's. `fast` is None where lxml cannot compile the schema."""

    exact: XMLSchemaBase
    fast: etree.XMLSchema | None

    def fast_complaint(self, root: Element) -> str | None:
        """What lxml has against a document; xmlschema where lxml has no schema."""
        if self.fast is None:
            return self.complaint(root)
        read = _read_back(root)
        return None if self.fast.validate(read) else f"lxml: {self.fast.error_log[0].message}"

    def complaint(self, root: Element) -> str | None:
        """What either validator has against a document, as it is read back; None if both accept it."""
        found = None if self.fast is None else self.fast_complaint(root)
        return found or self.exact_complaint(_read_back(root))

    def accept(self, root: Element) -> bool:
        """Whether both validators accept a document."""
        return self.complaint(root) is None

    def complaint_of(self, specimen: Specimen, root: Element) -> str | None:
        """What either has against a variation of a specimen in which values may differ or agree as they must not.

        xmlschema, which is slow, is asked where its word may be another than lxml's: of keys, and of ids that are
        referred to and not there.
        """
        found = self.fast_complaint(root)
        keeps = bool(specimen.keepers) and next(root.iter(*specimen.keepers), None) is not None
        if found is not None or (specimen.has_anchor(root) and not keeps):
            return found
        return self.exact_complaint(_read_back(root))

    def refuse(self, root: Element, complaints: Collection[str]) -> bool:
        """Whether lxml refuses a document, as it is read back, with one of the errors that `complaints` name.

        Where it has no schema, whether xmlschema refuses it for whatever reason.
        """
        if self.fast is None:
            return self.complaint(root) is not None
        valid = self.fast.validate(_read_back(root))
        return not valid and any(error.type_name in complaints for error in self.fast.error_log)

    def exact_complaint(self, read: Element) -> str | None:
        """What xmlschema has against a document; an exception of its own is one, too."""
        try:
            error = next(self.exact.iter_errors(cast("Any", read)), None)
        except Exception as raised:  # a validator that stumbles has not accepted
            return f"xmlschema: {type(raised).__name__}: {raised}"
        return None if error is None else f"xmlschema: {str(error.reason).splitlines()[0]}"


def _read_back(root: Element) -> Element:
    return etree.fromstring(etree.tostring(root, encoding="utf-8"), _READER)


_READER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def proved(specimen: Specimen, validators: Validators) -> Specimen:
    """The specimen without the variations that the validators do not accept; those are listed in `left_out`.

    Every alternative is looked at, the numbers of occurrences in repeated groups, and where values have to agree with
    each other whatever may part them. Raises UnsupportedError if the sample itself is not accepted.
    """
    complaint = validators.complaint(specimen.root)
    if complaint is not None:
        raise UnsupportedError(f"content of which no message passes both validators ({complaint})")
    alternatives = [site for site in specimen.sites if _has_parts(site)]
    refused = dict(_refused(specimen, validators.complaint, alternatives, apart=specimen.is_delicate))
    counted = [site for site in specimen.sites if site.in_repeated_group]
    refused.update(_refused(specimen, validators.complaint, counted, apart=False))
    refused.update(_values_refused(specimen, validators))
    if specimen.is_delicate:
        complain = validators.fast_complaint if specimen.anchor is None else partial(validators.complaint_of, specimen)
        refused.update(_refused(specimen, complain, _sensitive(specimen), apart=True))
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
    """The sites that values which have to agree stand in, or that are such values.

    Ids differ by themselves; of these, the one that references name matters alone.
    """
    keys = [site for site in specimen.sites if site.unique and not _is_id(site)]
    anchor = [site for site in specimen.sites if specimen.anchor is not None and _is_id(site) and not site.scope][:1]
    values = [*keys, *anchor]
    structural = (site for site in specimen.sites if site.kind != "value" and not _has_parts(site))
    return [*keys, *(site for site in structural if any(site.touches(each) for each in values))]


def _has_parts(site: Site) -> bool:
    """Whether varying a site puts something in place that the sample does not have."""
    return bool(site.alternatives or site.added)


def _is_id(site: Site) -> bool:
    return site.space is not None and site.space.identity == "ID"


def _refused(
    specimen: Specimen, complain: Callable[[Element], str | None], sites: Iterable[Site], *, apart: bool
) -> Iterator[tuple[tuple[Site, str], str]]:
    """The options of sites that are refused, and why; unless `apart`, several share a document while all goes well."""
    waiting = [(site, option) for site in sites for option in site.options]
    yield from _complaints(specimen, complain, ([each] for each in waiting) if apart else _packed(waiting))


def _complaints(
    specimen: Specimen, complain: Callable[[Element], str | None], packs: Iterable[list[tuple[Site, Option]]]
) -> Iterator[tuple[tuple[Site, str], str]]:
    """The options, among those that share a document, that are refused on their own, too."""
    for packed in packs:
        if complain(_grown(specimen, packed)) is None:
            continue
        for site, option in packed:
            complaint = complain(_grown(specimen, [(site, option)]))
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


def _packed(waiting: list[tuple[Site, Option]]) -> Iterator[list[tuple[Site, Option]]]:
    """Options in groups that fit a document each."""
    while waiting:
        packed: list[tuple[Site, Option]] = []
        left: list[tuple[Site, Option]] = []
        stands: dict[Key, str] = {}
        for site, option in waiting:
            if _goes_with(site, stands) and not any(site.meets(other) for other, _ in packed):
                packed.append((site, option))
                stands.update((branch.site.key, branch.option) for branch in site.scope)
                stands[site.key] = option.after
            else:
                left.append((site, option))
        yield packed
        waiting = left


def _goes_with(site: Site, stands: Mapping[Key, str]) -> bool:
    """Whether a site has not varied, and stands in no alternative other than those that are in place: a cheap look."""
    return site.key not in stands and all(
        stands.get(branch.site.key, branch.option) == branch.option for branch in site.scope
    )


def _grown(specimen: Specimen, packed: Iterable[tuple[Site, Option]]) -> Element:
    picks: dict[Key, tuple[Site, str]] = {}
    for site, option in packed:
        picks.update((branch.site.key, (branch.site, branch.option)) for branch in site.scope)
        picks[site.key] = site, option.after
    (root,) = Growth(picks.values()).grow([specimen.root])
    return root


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
