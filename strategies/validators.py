"""Both validators of a schema, and what either has against a document.

xmlschema is some fifty times as slow as lxml. Of documents that vary one sample it looks at what it has not yet seen:
whether an element is valid is up to the element and its declaration (part 1, section 3.3.4), but for identity
constraints and references to ids.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, cast

from lxml import etree
from xmlschema import XMLSchemaBase
from xmlschema.validators import XsdElement

from contracts.names import local_name
from strategies.identities import Spot, Table, tables_of
from strategies.sites import Element, Pick, set_text
from strategies.specimens import Specimen

MOST_SEEN: Final = 200_000
"""Elements and tables of values that are kept as accepted, after which all are forgotten: some 30 MB."""

Skip = Callable[[Element, XsdElement], bool]
"""Whether xmlschema may pass over an element that it is about to look at, by its declaration."""


@dataclass(slots=True)
class _Seen:
    """What xmlschema has accepted: elements with all that they hold, by declaration; values that a constraint tells
    apart or has agree."""

    elements: set[tuple[int, bytes]] = field(default_factory=set)
    tables: set[Hashable] = field(default_factory=set)

    def add(self, elements: Collection[tuple[int, bytes]], tables: Collection[Hashable]) -> None:
        if len(self.elements) + len(self.tables) > MOST_SEEN:
            self.elements.clear()
            self.tables.clear()
        self.elements.update(elements)
        self.tables.update(tables)


@dataclass(frozen=True, slots=True)
class Validators:
    """lxml's compiled schema, which is fast, and xmlschema's. `fast` is None where lxml cannot compile the schema."""

    exact: XMLSchemaBase
    fast: etree.XMLSchema | None
    _seen: _Seen = field(default_factory=_Seen, init=False, repr=False, compare=False)

    def fast_complaint(self, root: Element) -> str | None:
        """What lxml has against a document, as it is read back; xmlschema where lxml has no schema."""
        read = _read_back(root)
        return self.exact_complaint(read) if self.fast is None else self._fast_complaint(read)

    def complaint(self, root: Element) -> str | None:
        """What either validator has against a document, as it is read back; None if both accept it."""
        read = _read_back(root)
        return self._fast_complaint(read) or self.exact_complaint(read)

    def complaint_of(self, specimen: Specimen, root: Element) -> str | None:
        """As `complaint`, of a variation of a specimen: xmlschema is spared what it has accepted in others.

        Not where it is alone: that ids differ all over a document is for lxml to see.
        """
        if self.fast is None:
            return self.complaint(root)
        read = _read_back(root)
        return self._fast_complaint(read) or self._news_complaint(specimen, read)

    def clash_in(self, specimen: Specimen, root: Element) -> str | None:
        """What either has against a variation of a specimen in which values may differ or agree as they must not.

        xmlschema is asked where its word may be another than lxml's: of keys that it has not seen.
        """
        if self.fast is None:
            return self.complaint(root)
        read = _read_back(root)
        found = self._fast_complaint(read)
        if found is not None:
            return found
        known = all(table.values in self._seen.tables for table in _tables(specimen, read))
        return None if known else self._news_complaint(specimen, read)

    def varied(self, specimen: Specimen, picks: Sequence[Pick]) -> tuple[Element, str | None]:
        """A variation of a proved specimen, and what is against its picks together, each of which was accepted."""
        root, _, complaint = specimen.settled(picks)
        if complaint is None and specimen.count_together(picks):
            complaint = self.complaint_of(specimen, root)
        elif complaint is None and specimen.is_delicate:
            complaint = self.clash_in(specimen, root)
        return root, complaint

    def broken_clause(
        self, root: Element, clauses: Mapping[str, Collection[str]], besides: Collection[str] = ()
    ) -> str | None:
        """The first of some clauses that lxml finds broken in a document, as it is read back; None for none of them.

        Each comes with what lxml calls its errors; with one of `besides`, none is. Where it has no schema, the first if
        xmlschema refuses the document.
        """
        if self.fast is None:
            return None if self.complaint(root) is None else next(iter(clauses))
        valid = self.fast.validate(_read_back(root))
        found = frozenset[str]() if valid else {_name_of(error) for error in self.fast.error_log}
        if not found.isdisjoint(besides):
            return None
        return next((clause for clause, names in clauses.items() if not found.isdisjoint(names)), None)

    def place_of(self, root: Element) -> tuple[str, str]:
        """The element that the first complaint about a document is of: its local name, and its place below the root.

        The root's where nothing is against a document but its values together.
        """
        read = _read_back(root)
        found = _found_at(read, self._fast_path(read) or self._exact_path(read))
        passed = [local_name(str(each.tag)) for each in (found, *found.iterancestors())][::-1]
        return passed[-1], "/".join(passed[1:])

    def _fast_path(self, read: Element) -> str | None:
        if self.fast is None or self.fast.validate(read):
            return None
        return self.fast.error_log[0].path

    def _exact_path(self, read: Element) -> str | None:
        try:
            error = next(self.exact.iter_errors(cast("Any", read)), None)
        except Exception:  # a validator that stumbles names no place
            return None
        return None if error is None or not isinstance(error.elem, Element) else read.getroottree().getpath(error.elem)

    def exact_complaint(self, read: Element, skip: Skip | None = None) -> str | None:
        """What xmlschema has against a document; an exception of its own is one, too."""
        try:
            error = next(self.exact.iter_errors(cast("Any", read), validation_hook=cast("Any", skip)), None)
        except Exception as raised:  # a validator that stumbles has not accepted
            return f"xmlschema: {type(raised).__name__}: {raised}"
        return None if error is None else f"xmlschema: {str(error.reason).splitlines()[0]}"

    def _fast_complaint(self, read: Element) -> str | None:
        if self.fast is None or self.fast.validate(read):
            return None
        return f"lxml: {self.fast.error_log[0].message}"

    def _news_complaint(self, specimen: Specimen, read: Element) -> str | None:
        """What xmlschema has against a document in which it passes over what it has accepted in others."""
        tables = list(_tables(specimen, read))
        named, ids = specimen.identified(read)
        needed = set(_with_ancestors([*self._compared(tables), *named]))
        alike = _without_ids(read, ids)
        met: set[tuple[int, bytes]] = set()

        def skip(element: Element, declaration: XsdElement) -> bool:
            shown = alike.get(element, element)
            written = blake2b(etree.tostring(shown, encoding="utf-8", with_tail=False), digest_size=16).digest()
            key = id(declaration), written
            if key in self._seen.elements and element not in needed:
                return True
            met.add(key)
            return False

        complaint = self.exact_complaint(read, skip)
        if complaint is None:
            self._seen.add(met, [table.values for table in tables])
        return complaint

    def _compared(self, tables: list[Table]) -> Iterator[Element]:
        """The elements whose values are to be compared: of tables that are new, of all where some refer to others."""
        refer = any(table.refers for table in tables)
        for table in tables:
            if refer or table.values not in self._seen.tables:
                yield from table.elements


def _without_ids(read: Element, ids: Sequence[Spot]) -> Mapping[Element, Element]:
    """By each element of a document, a copy in which all ids are alike: which one an element has says nothing of it."""
    if not ids:
        return {}
    copies = dict(zip(read.iter(), deepcopy(read).iter(), strict=True))
    for element, attribute in ids:
        set_text(copies[element], attribute, "id")
    return copies


def _tables(specimen: Specimen, read: Element) -> Iterator[Table]:
    """What the constraints compare in a variation of a specimen, as it is read back."""
    return tables_of(read, specimen.keepers, specimen.types(read)) if specimen.keepers else iter(())


def _name_of(error: Any) -> str:
    """What libxml2 calls an error; of identity constraints, with what its message says of it."""
    if error.type_name != _CONSTRAINT:
        return str(error.type_name)
    return next((f"{_CONSTRAINT}: {said}" for said, words in _SAID.items() if words in error.message), _CONSTRAINT)


_CONSTRAINT: Final = "SCHEMAV_CVC_IDC"

_SAID: Final[Mapping[str, str]] = {
    "unique": "in unique identity-constraint",
    "key": "in key identity-constraint",
    "not all fields": "Not all fields of key identity-constraint",
    "no match": "No match found for key-sequence",
}
"""By the end of a name, the words by which libxml2's messages tell what a constraint lacks."""


def _found_at(read: Element, path: str | None) -> Element:
    """The element at a path of libxml2's, which has the prefixes of the document; the root where there is none."""
    prefixes = {prefix: uri for each in read.iter() for prefix, uri in each.nsmap.items() if prefix}
    found = read.getroottree().xpath(path or "/*", namespaces=prefixes)
    return next((each for each in found if isinstance(each, etree._Element)), read) if isinstance(found, list) else read


def _with_ancestors(elements: Collection[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from element.iterancestors()


def _read_back(root: Element) -> Element:
    return etree.fromstring(etree.tostring(root, encoding="utf-8", with_tail=False), _READER)


_READER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
