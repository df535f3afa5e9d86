"""The leaves of a sample: what stands in elements and attributes of simple types, and where it may vary."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from contracts.model import Leaf
from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.findings import Findings
from strategies.grammar import Grammar
from strategies.identities import (
    Numbering,
    has_ids,
    identities_of,
    is_id,
    is_idref,
    is_named,
    may_identify,
    names_ids,
)
from strategies.sites import Element, Option, set_text
from strategies.specimens import Guide
from strategies.standing import At
from strategies.values import ValueSpace
from strategies.writing import Manner, OtherwiseError, Writer


class Leaves:
    """Fills leaves and lists their sites.

    Afterwards it is known whether any `refers` to ids, whether any `identifies` something or may do so, and what the
    target's configuration has `filled`.
    """

    def __init__(self, grammar: Grammar, guide: Guide, manner: Manner, writer: Writer, found: Findings) -> None:
        self._grammar, self._guide, self._manner, self._writer, self._found = grammar, guide, manner, writer, found
        self._numbering = Numbering(identities_of(grammar.schema))
        self.refers = self.identifies = False
        self.filled: set[str] = set()

    def leaf(
        self, element: Element, declaration: Any, simple_type: Any, at: At, *, attribute: str | None = None
    ) -> None:
        """The value of an element or attribute, and its site."""
        if is_named(simple_type) and not self._manner.prefixed:
            raise OtherwiseError(replace(self._manner, prefixed=True))
        self._writer.declare(_names_in(declaration, simple_type), self._found.shown_at(at))
        self.identifies = self.identifies or may_identify(simple_type)
        if declaration.fixed is not None:
            set_text(element, attribute, str(declaration.fixed))
            self.defaulted(at, declaration, attribute, str(declaration.fixed))
            return
        if is_idref(simple_type):
            if not self._manner.references:
                raise UnsatisfiableError("a reference where there is no id", self._found.shown_at(at))
            self.refers = True
        leaf = self._guide.leaf(at.path)
        try:
            space = self._grammar.values(simple_type, leaf.process_range if leaf else None)
        except UnsupportedError as error:
            raise type(error)(error.construct, self._found.shown_at(at)) from error
        self._writer.declare(space.namespaces, self._found.shown_at(at))
        text = self._guide.text(leaf) if leaf else self._text(declaration, simple_type, space, at)
        set_text(element, attribute, text)
        if may_identify(simple_type) and has_ids(simple_type, text):
            self._found.ids.append(at.scope)
        if leaf is not None and (leaf.credential or leaf.configured):
            self.filled.add(text)
        self._value_site(at, simple_type, text, space, leaf, attribute, declaration)
        self.defaulted(at, declaration, attribute, text)

    def _text(self, declaration: Any, simple_type: Any, space: ValueSpace, at: At) -> str:
        """A plain value; one of its own where values have to be told apart."""
        if is_id(simple_type):
            return self._numbering.next_id(simple_type, space) or space.plain
        text = self._numbering.next_text(declaration.local_name, simple_type, space) or space.plain
        if simple_type.variety == "atomic" or not may_identify(simple_type) or is_idref(simple_type):
            return text
        return _identifying(simple_type, (text, *(edge.text for edge in space.edges)))

    def _value_site(
        self, at: At, simple_type: Any, text: str, space: ValueSpace, leaf: Leaf | None, attribute: str | None,
        declaration: Any,
    ) -> None:  # fmt: skip
        doubt = self._guide.doubt(space.type_names, leaf)
        options = [Option(edge.name, edge.text, doubt(edge.text) if doubt else "") for edge in space.edges]
        self._found.site(
            at,
            "value",
            _name_of(simple_type),
            text,
            [option for option in options if option.after != text],
            texts=space.texts,
            refuses=doubt,
            attribute=attribute,
            type_names=space.type_names,
            space=space,
            simple_type=simple_type,
            nillable=attribute is None and declaration.nillable,
            leaf=leaf,
            constant=len(simple_type.enumeration or ()) == 1,
        )

    def defaulted(self, at: At, declaration: Any, attribute: str | None, text: str) -> None:
        """An element with a default or fixed value may be empty, which means that value (part 1, section 3.3.4)."""
        if attribute is None and (declaration.fixed is not None or declaration.default is not None) and text:
            self._found.site(at, "empty", "default", text, [Option("default", "")])

    def text_for(self, declaration: Any) -> str | None:
        """A value for an attribute declared globally; None where there is none that stands for itself."""
        simple_type = declaration.type
        if declaration.fixed is not None:
            return str(declaration.fixed)
        if is_id(simple_type) or is_idref(simple_type) or is_named(simple_type):
            return None
        try:
            return self._grammar.values(simple_type, None).plain
        except UnsupportedError:
            return None


def _identifying(simple_type: Any, texts: Sequence[str]) -> str:
    """The first text, of a union that may be many things, that is an id, or at least no reference to one."""
    best = next((text for text in texts if has_ids(simple_type, text)), None)
    return best or next((text for text in texts if not names_ids(simple_type, text)), texts[0])


def _name_of(simple_type: Any) -> str:
    """What a reader would call a simple type: its name, or that of the nearest named one it restricts."""
    at = simple_type
    while at is not None and not at.name:
        at = at.base_type if at.base_type is not at else None
    return str(at.prefixed_name) if at is not None else f"a {simple_type.variety} type"


def _names_in(declaration: Any, simple_type: Any) -> dict[str, str]:
    """What the prefixes mean of the qualified name that a declaration fixes or defaults to."""
    text = declaration.default if declaration.fixed is None else declaration.fixed
    if text is None or not is_named(simple_type):
        return {}
    prefixes = {word.partition(":")[0] for word in str(text).split() if ":" in word}
    return {prefix: uri for prefix, uri in declaration.schema.namespaces.items() if prefix in prefixes}
