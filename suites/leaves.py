"""Configured values of leaves: which names a target's configuration may use, and operations that take such values."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from contracts.model import Leaf, Operation, Service
from strategies.templates import Template, template_of


def names_of(service: Service) -> frozenset[str]:
    """The names of every leaf of the service's requests."""
    return frozenset(leaf.name for operation in service.operations.values() for leaf in _all_leaves(operation))


def with_configured(service: Service, names: Collection[str]) -> Service:
    """The service with the leaves of those names filled from the configuration in every message that has them."""
    operations = {name: _configured(operation, names) for name, operation in service.operations.items()}
    return replace(service, operations=operations)


def is_valid(operation: Operation, name: str, value: str) -> bool:
    """Whether a value keeps the known-good messages of an operation valid. Credentials are their owner's affair."""
    return all(_is_valid(template, name, value) for template in _templates(_configured(operation, [name])))


def _is_valid(template: Template, name: str, value: str) -> bool:
    named = [site for site in template.leaves if site.leaf and site.leaf.name == name and site.leaf.configured]
    try:
        return template.is_valid(template.with_values({site.where: value for site in named}))
    except ValueError:  # lxml's word for characters that XML forbids
        return False


def _configured(operation: Operation, names: Collection[str]) -> Operation:
    leaves = tuple(
        replace(leaf, configured=True) if leaf.name in names and not leaf.credential else leaf
        for leaf in _all_leaves(operation)
        if leaf in operation.leaves or leaf.name in names
    )
    return operation if leaves == operation.leaves else replace(operation, leaves=leaves)


def _all_leaves(operation: Operation) -> tuple[Leaf, ...]:
    """The leaves that are ruled on, then the others with the values that the known-good message has."""
    found: Mapping[str, Leaf] = {
        site.path: site.leaf or Leaf(site.path, site.before)
        for template in _templates(operation)
        for site in template.leaves
    }
    return (*operation.leaves, *(leaf for path, leaf in found.items() if path not in operation.leaves_by_path))


def _templates(operation: Operation) -> Iterator[Template]:
    return (template_of(operation, binding.protocol) for binding in operation.bindings)


def first_steps(operation: Operation) -> frozenset[str]:
    """The local names that stand directly below a request's content, on any binding."""
    return frozenset(leaf.path.partition("/")[0] for leaf in _all_leaves(operation))
