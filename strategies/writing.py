"""How the elements of a sample are written: their namespaces, as pages print them where that can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from contracts.names import XML, XSD, XSI, XSI_TYPE, namespace_of
from strategies.errors import UnsupportedError
from strategies.grammar import Grammar, Type
from strategies.sites import Element
from strategies.standing import At, Siblings


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sample is written: as pages print them, with default namespaces and references, while that can be.

    `declared` are prefixes that values need. A `lean` sample holds only what has to be there, a `single` one one of
    each thing, where that is enough.
    """

    lean: bool = False
    single: bool = False
    prefixed: bool = False
    references: bool = True
    declared: dict[str | None, str] = field(default_factory=dict)


class OtherwiseError(Exception):
    """The sample cannot be written in one manner, but perhaps in another."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        super().__init__(str(manner))


class Writer:
    """Makes elements in one manner. Raises OtherwiseError where another is needed."""

    def __init__(self, grammar: Grammar, manner: Manner) -> None:
        self._manner = manner
        self._nsmap = {**_prefixes(grammar), **manner.declared}

    def new(self, siblings: Siblings, tag: str, at: At, derived: Type | None) -> Element:
        """A new element: with prefixes for every namespace, or the default namespace that pages print.

        `derived` is the type that it has to name, if that is not its declaration's.
        """
        nsmap = self._nsmap if self._manner.prefixed else self._declared(tag, at, derived)
        if isinstance(siblings, list):
            element = etree.Element(tag, nsmap=nsmap)
            siblings.append(element)
        else:
            element = etree.SubElement(siblings, tag, nsmap=nsmap)
        if derived is not None:
            known = self._nsmap if self._manner.prefixed else self._manner.declared
            prefix = next((each for each, uri in known.items() if each and uri == namespace_of(derived.name)), "")
            element.set(XSI_TYPE, f"{prefix}:{derived.local_name}" if prefix else derived.local_name)
        return element

    def _declared(self, tag: str, at: At, derived: Type | None) -> dict[str | None, str]:
        """What to declare on an element where there are no prefixes."""
        uri = namespace_of(tag)
        is_below_default = bool(uri or at.namespace)
        if (not uri and at.namespace) or (derived is not None and not namespace_of(derived.name) and is_below_default):
            raise OtherwiseError(replace(self._manner, prefixed=True))
        declared: dict[str | None, str] = {None: uri} if uri and uri != at.namespace else {}
        if uri in at.outer and uri != at.namespace:
            raise OtherwiseError(replace(self._manner, prefixed=True))
        if not at.types:
            declared.update(self._manner.declared)
        if derived is not None and namespace_of(derived.name) not in ("", *self._manner.declared.values()):
            types = {**self._manner.declared, f"t{len(self._manner.declared)}": namespace_of(derived.name)}
            raise OtherwiseError(replace(self._manner, declared=types))
        return declared

    def unknown(self, siblings: Siblings, tag: str, at: At) -> Element:
        """A new element that nothing declares, in no namespace or with a prefix of its own."""
        if not self._manner.prefixed and not namespace_of(tag) and at.namespace:
            raise OtherwiseError(replace(self._manner, prefixed=True))
        declared = {"any": namespace_of(tag)} if namespace_of(tag) not in ("", XML) else None
        if isinstance(siblings, list):
            siblings.append(etree.Element(tag, nsmap=declared))
            return siblings[-1]
        return etree.SubElement(siblings, tag, nsmap=declared)

    def declare(self, names: Mapping[str, str], where: str) -> None:
        """Has prefixes declared that a value needs; a document that declares them all does so on its root."""
        declared = self._manner.declared
        clash = next((prefix for prefix, uri in names.items() if declared.get(prefix, uri) != uri), None)
        if clash is not None:
            raise UnsupportedError(f"prefix {clash} of a fixed or default name, which means two", where)
        if not names.items() <= declared.items():
            raise OtherwiseError(replace(self._manner, declared={**declared, **dict(names.items())}))


def _prefixes(grammar: Grammar) -> dict[str | None, str]:
    """A prefix for every namespace of the schema, and for XSD's own, which values may name."""
    prefixes: dict[str | None, str] = {"xsd": XSD, "xsi": XSI}
    prefixes.update((f"n{index}", uri) for index, uri in enumerate(grammar.namespaces, 1))
    return prefixes
