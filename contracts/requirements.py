"""The requirement catalogue: promises of the standards and of every documented page, resolved for a binding."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from contracts.documents import read_document
from contracts.errors import ContractError, Place
from contracts.model import Binding, Leaf, Requirement, Source

CATALOGUE = Path(__file__).parent / "standards" / "requirements"


def catalogue_requirements(family: str, binding: Binding, leaves: Sequence[Leaf]) -> tuple[Requirement, ...]:
    """The catalogue's requirements that apply to a binding, with the family's overrides applied."""
    found = (_resolve(row, family) for row in catalogue() if _applies(row, family, binding, leaves))
    return tuple(requirement for requirement in found if requirement is not None)


@cache
def catalogue() -> tuple[Mapping[str, Any], ...]:
    """Every row of the catalogue. Raises ContractError for a wrong file or an id that stands twice."""
    rows: dict[str, Mapping[str, Any]] = {}
    for file in sorted(CATALOGUE.glob("*.toml")):
        for row in read_document(file, "requirements")["requirement"]:
            if row["id"] in rows:
                raise ContractError(Place(file), "requirement id stands twice in the catalogue", value=row["id"])
            rows[row["id"]] = row
    return tuple(rows.values())


def _applies(row: Mapping[str, Any], family: str, binding: Binding, leaves: Sequence[Leaf]) -> bool:
    condition = row.get("only_where")
    return (
        binding.protocol in row["bindings"]
        and family in row.get("families", (family,))
        and (condition is None or _CONDITIONS[condition](binding, leaves))
    )


_CONDITIONS: Mapping[str, Callable[[Binding, Sequence[Leaf]], bool]] = {
    "soap_action": lambda binding, _: binding.soap_action is not None,
    "credential": lambda _, leaves: any(leaf.credential for leaf in leaves),
    "request_body": lambda binding, _: binding.request_media_type is not None,
}


def _resolve(row: Mapping[str, Any], family: str) -> Requirement | None:
    """The requirement as it stands for a family; None where an override says that it does not apply."""
    override: Mapping[str, Any] = next((each for each in row.get("override", ()) if each["family"] == family), {})
    if override.get("applies") is False:
        return None
    return Requirement(
        id=row["id"],
        level=override.get("level", row["level"]),
        basis=override.get("basis", row["basis"]),
        source=Source(row["source"]),
        does=row["does"],
        requires=row["requires"],
        accepts=tuple(row["accepts"]),
        check=row.get("check"),
        sends=row.get("sends"),
        needs_observation=row.get("needs_observation", False),
        depends_on=tuple(row.get("depends_on", ())),
        parameters=row.get("parameters", {}),
    )
