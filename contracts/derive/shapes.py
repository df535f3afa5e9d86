"""Samples of one message laid over each other: which elements there are, in which order, how often, what is in them."""

from collections.abc import Iterator, Sequence
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
    children = tuple(_child_shape(nodes, tag) for tag in tags)
    return Shape(tuple(nodes), children, most, in_all, all(_is_in_order(node, tags) for node in nodes))


def _child_shape(parents: Sequence[Node], tag: str) -> Shape:
    by_parent = [[child for child in parent.children if child.tag == tag] for parent in parents]
    shown = [found for found, parent in zip(by_parent, parents, strict=True) if found or parent.children]
    repeated = any(child.repeated for found in by_parent for child in found)
    return shape_of(
        [child for found in by_parent for child in found],
        most=max(max(map(len, by_parent)), 2 if repeated else 1),
        in_all=all(shown),
    )


def _merged(orders: Sequence[Sequence[str]]) -> list[str]:
    """All names, each once: those of the first order as they stand, others after the one that they follow."""
    merged: list[str] = []
    for order in orders:
        position = 0
        for name in order:
            if name in merged:
                position = max(position, merged.index(name) + 1)
            else:
                merged.insert(position, name)
                position += 1
    return merged


def _is_in_order(node: Node, tags: Sequence[str]) -> bool:
    places = [tags.index(child.tag) for child in node.children]
    return places == sorted(places)
