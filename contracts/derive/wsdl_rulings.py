"""Rulings of a service's own file on operations derived from a WSDL: words, promises that no WSDL states, and what its
elements are where the WSDL says too little or is wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contracts.derive.description import OperationDescription, RequirementDescription, ServiceDescription
from contracts.derive.wsdl_components import with_components
from contracts.documents import line_of
from contracts.errors import ContractError, Place
from contracts.sources import Source


@dataclass(frozen=True, slots=True)
class RulingsFile:
    """A service's own file: its content, and its text for the lines of what is wrong."""

    content: Mapping[str, Any]
    file: Path
    text: str

    def place(self, *path: str | int) -> Place:
        """Where something stands."""
        return Place(self.file, line_of(self.text, ["operation", *path]))


def ruled(description: ServiceDescription, rulings: RulingsFile) -> ServiceDescription:
    """A description with the rulings on its operations. Raises ContractError for one that cannot hold for a WSDL."""
    rows = {row["name"]: (index, row) for index, row in enumerate(rulings.content["operation"])}
    operations = tuple(
        _ruled(description.name, each, rulings, *rows[each.name]) if each.name in rows else each
        for each in description.operations
    )
    return replace(description, operations=operations)


def _ruled(
    service: str, operation: OperationDescription, rulings: RulingsFile, index: int, row: Mapping[str, Any]
) -> OperationDescription:
    components = row.get("component", ())
    places = [rulings.place(index, "component", number, "path") for number in range(len(components))]
    operation = with_components(operation, components, places) if components else operation
    does = str(row.get("does", operation.requirements[0].does if operation.requirements else f"calls {operation.name}"))
    own = tuple(replace(each, does=does) for each in operation.requirements)
    added = _requirements(f"{service}/{operation.name}", operation, rulings, index, row, does)
    return replace(operation, requirements=(*own, *added))


def _requirements(
    prefix: str,
    operation: OperationDescription,
    rulings: RulingsFile,
    index: int,
    row: Mapping[str, Any],
    does: str,
) -> Iterator[RequirementDescription]:
    """The promises that rulings state, with the words of the rulings."""
    protocols = [binding.protocol for binding in operation.bindings]
    for number, stated in enumerate(row.get("requirement", ())):
        unknown = next((protocol for protocol in stated["at"] if protocol not in protocols), None)
        if unknown is not None:
            raise ContractError(
                rulings.place(index, "requirement", number, "at"),
                "requirement: names a binding that the WSDL lacks",
                value=unknown,
                hint=f"Described: {', '.join(protocols)}",
            )
        yield RequirementDescription(
            id=f"{prefix}/{stated['slug']}",
            level=stated["level"],
            basis=stated["basis"],
            at={protocol: Source.of(note) for protocol, note in stated["at"].items()},
            check=stated.get("check"),
            sends=stated.get("sends"),
            parameters=stated.get("parameters", {}),
            needs_observation=stated.get("needs_observation", False),
            depends_on=tuple(f"{prefix}/{each}" for each in stated.get("depends_on", ())),
            does=stated.get("does", does),
            requires=stated["requires"],
            accepts=tuple(stated["accepts"]),
        )
