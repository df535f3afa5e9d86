"""Samples of one message laid over each other: which elements there are, in which order, how often, what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from contracts.derive.markup import Attribute, Node
from contracts.names import XSI


@dataclass(frozen=True)
class Shape:
    """An element as all samples together show it. `nodes` are its occurrences, in the order printed.

    `most` is how often it stands in one parent at most, `in_all` whether every parent that is shown has it.
    `keeps_order` says that its children stand in one order everywhere, each kind of them in one run.
    """

    nodes: tuple[Node, ...]
    children: tuple["Shape", ...]
    most: int
    in_all: bool
    keeps_order: bool

    @property
    def first(self) -> Node:
        """The first occurrence."""
        return self.nodes[0]

    @property
    def tag(self) -> str:
        """The name, in Clark notation."""
        return self.first.tag

    @cached_property
    def attributes(self) -> tuple[tuple[Attribute, Node], ...]:
        """The first occurrence of each attribute, with its element; those of XML Schema's instances left out."""
        found: dict[str, tuple[Attribute, Node]] = {}
        for node in self.nodes:
            for attribute in node.attributes:
                if not attribute.tag.startswith(f"{{{XSI}}}"):
                    found.setdefault(attribute.tag, (attribute, node))
        return tuple(found.values())

    @property
    def texts(self) -> list[str]:
        """The different texts of its occurrences, blank ones left out, in the order printed."""
        return list(dict.fromkeys(node.text for node in self.nodes if node.text))

    def walk(self) -> Iterator["Shape"]:
        """The shape and all below it."""
        yield self
        for each in self.children:
            yield from each.walk()


def shape_of(nodes: Sequence[Node], *, most: int = 1, in_all: bool = True) -> Shape:
    """The shape of some occurrences of one element."""
    tags = _merged([[child.tag for child in node.children] for node in nodes])
    by_tag: dict[str, list[list[Node]]] = {tag: [] for tag in tags}
    for node in nodes:
        for tag, found in _by_tag(node).items():
            by_tag[tag].append(found)
    shown = sum(1 for node in nodes if node.children)
    children = tuple(_child_shape(found, shown) for found in by_tag.values())
    places = {tag: place for place, tag in enumerate(tags)}
    return Shape(tuple(nodes), children, most, in_all, all(_is_in_order(node, places) for node in nodes))


def _by_tag(parent: Node) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for child in parent.children:
        found.setdefault(child.tag, []).append(child)
    return found


def _child_shape(by_parent: Sequence[Sequence[Node]], shown: int) -> Shape:
    """The shape of the children of one name, parent by parent; `shown` is how many parents show children at all."""
    nodes = [child for found in by_parent for child in found]
    repeated = any(child.repeated for child in nodes)
    most = max(max(map(len, by_parent)), 2 if repeated else 1)
    return shape_of(nodes, most=most, in_all=len(by_parent) == shown)


def _merged(orders: Sequence[Sequence[str]]) -> list[str]:
    """All names, each once: those of the first order as they stand, others after the one that they follow."""
    merged: list[str] = []
    known: set[str] = set()
    for order in orders:
        position = 0
        for name in order:
            if name in known:
                if not (position < len(merged) and merged[position] == name):
                    position = max(position, merged.index(name))
                position += merged[position : position + 1] == [name]
            else:
                merged.insert(position, name)
                known.add(name)
                position += 1
    return merged


def _is_in_order(node: Node, places: Mapping[str, int]) -> bool:
    found = [places[child.tag] for child in node.children]
    return found == sorted(found)
