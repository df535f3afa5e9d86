"""Edges that a relation looks at: each alone, for beside others the answer may hold nothing that would show it.

A filter that is on, and a window before or after all that there is, say at once whether the service looks at them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from contracts.model import Relation
from strategies.phases import Edge
from strategies.templates import Option, Site, Template

BEFORE_ALL: Final = ("2000-01-01T00:00:00", "2000-01-01")
"""A moment before all that a service tells of, and its day: no default of a type, which may stand for no bound."""

AFTER_ALL: Final = ("2100-01-01T00:00:00", "2100-01-01")


def aimed_edges(template: Template) -> Iterator[list[Edge]]:
    """A message for each leaf that a relation makes a filter or a bound of, the first relation to name it deciding."""
    found: dict[str, Sequence[str]] = {}
    for relation in template.operation.relations:
        for path, texts in _aims(relation):
            found.setdefault(path, texts)
    sites = {site.path: site for site in template.sites if site.kind == "value" and not site.scope}
    for path, texts in found.items():
        taken = [text for text in texts if path in sites and _takes(template, sites[path], text)]
        yield from ([(sites[path], Option("aimed", text))] for text in taken[:1])


def _aims(relation: Relation) -> Iterator[tuple[str, Sequence[str]]]:
    """Paths of leaves and what to put there, so that items which should not come show that they do: the first text
    that a leaf takes.
    """
    said: Mapping[str, Any] = relation.arguments
    if relation.kind == "filter" and "when" in said:
        yield said["request_leaf"], (said["when"],)
    elif relation.kind == "within":
        bounds = (("lower", AFTER_ALL), ("upper", BEFORE_ALL))
        yield from ((said[name], moments) for name, moments in bounds if said.get(name))


def _takes(template: Template, site: Site, text: str) -> bool:
    """Whether a leaf may hold a text other than its own, and every stack takes it."""
    is_valid = text != site.before and template.is_valid(template.with_values({site.where: text}))
    return is_valid and not (site.refuses and site.refuses(text))
