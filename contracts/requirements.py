"""The requirement catalogue: promises of the standards and of every documented page, resolved for a binding."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.citations import Duty
from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place
from contracts.families import families
from contracts.judge.judge import CHECKS
from contracts.model import FORM_PROTOCOLS, Binding, Leaf, Requirement, Source

CATALOGUE = Path(__file__).parent / "standards" / "requirements"


@dataclass(frozen=True, slots=True)
class Promised:
    """What decides, beside its family, which of the catalogue's requirements apply to a binding.

    `checks` are those that the page's own requirements name there; `protocols` the bindings of the operation.
    """

    binding: Binding
    leaves: Sequence[Leaf] = ()
    checks: Collection[str] = ()
    protocols: Collection[str] = ()


def catalogue_requirements(family: str, promised: Promised) -> tuple[Requirement, ...]:
    """The catalogue's requirements that apply to a binding, with the family's overrides applied."""
    found = (_resolve(row, family, promised.binding) for row in catalogue() if _applies(row, family, promised))
    return tuple(requirement for requirement in found if requirement is not None)


def source_ids(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The rows of the list of promises that a requirement comes from: none, one or several."""
    named = row.get("source_id", ())
    return (named,) if isinstance(named, str) else tuple(named)


def duty_of(id_: str) -> Duty | None:
    """What the standard's text says there of what a requirement of the catalogue asks; None where none is named."""
    return next((row.get("duty") for row in catalogue() if row["id"] == id_), None)


@cache
def left_out() -> Mapping[str, Any]:
    """What the catalogue leaves out of the list of promises, each row with its reason, and the list itself."""
    return read_document(CATALOGUE.parent / "left-out.toml", "left-out")


@cache
def catalogue() -> tuple[Mapping[str, Any], ...]:
    """Every row of the shipped catalogue."""
    return read_catalogue(CATALOGUE)


def read_catalogue(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """Every row of a folder's files, in the order of the files' names.

    Raises ContractError for a wrong file, an id that stands twice, and a check or family that there is not.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("*.toml")):
        for index, row in enumerate(read_document(file, "requirements")["requirement"]):
            if row["id"] in rows:
                raise wrong_requirement(file, index, "id", "stands twice in the catalogue", row["id"])
            require_known_check(file, index, row)
            _require_known_families(file, index, row)
            rows[row["id"]] = row
    return tuple(rows.values())


def require_known_check(file: Path, index: int, row: Mapping[str, Any]) -> None:
    """Raises ContractError if the requirement of that index in a file names a check that the judge lacks."""
    if "check" in row and row["check"] not in CHECKS:
        raise wrong_requirement(file, index, "check", "is none of the judge's checks", row["check"], CHECKS)


def wrong_requirement(
    file: Path, index: int, key: str, problem: str, value: object, known: Iterable[str] = ()
) -> ContractError:
    """The error for one key of the requirement of that index in a file."""
    place = Place(file, line_of(file.read_text("utf-8"), ["requirement", index, *key.split(".")]))
    hint = f"Known: {', '.join(sorted(known))}" if known else ""
    return ContractError(place, f"requirement {key}: {problem}", value=value, hint=hint)


def _require_known_families(file: Path, index: int, row: Mapping[str, Any]) -> None:
    known = families().names
    named = {"families": row.get("families", ()), "override": [each["family"] for each in row.get("override", ())]}
    for key, names in named.items():
        for name in names:
            if name not in known:
                raise wrong_requirement(file, index, key, "is not in the table of families", name, known)


def _applies(row: Mapping[str, Any], family: str, promised: Promised) -> bool:
    condition = row.get("only_where")
    return (
        promised.binding.protocol in row["bindings"]
        and family in row.get("families", (family,))
        and (condition is None or _CONDITIONS[condition](promised))
    )


_CONDITIONS: Mapping[str, Callable[[Promised], bool]] = {
    "soap_action": lambda promised: promised.binding.soap_action is not None,
    "credential": lambda promised: any(leaf.credential for leaf in promised.leaves),
    "secret": lambda promised: any(leaf.secret for leaf in promised.leaves),
    "request_body": lambda promised: promised.binding.request_media_type is not None,
    "dataset": lambda promised: "dataset_shape" in promised.checks,
    "page_shows_soap_alone": lambda promised: not FORM_PROTOCOLS.intersection(promised.protocols),
}


def _resolve(row: Mapping[str, Any], family: str, binding: Binding) -> Requirement | None:
    """The requirement as it stands for a family and a binding; None where an override says that it does not apply."""
    override: Mapping[str, Any] = next((each for each in row.get("override", ()) if each["family"] == family), {})
    if override.get("applies") is False:
        return None
    return requirement_of({**row, **override}, Source(_placed(row["source"], binding.source)))


def _placed(source: str, sample: Source) -> str:
    """A source that speaks of the page's samples, with the place where those of the binding begin."""
    return _SAMPLES.sub(rf"\g<0> (from line {sample.line} of {sample.document})", source, count=1)


_SAMPLES = re.compile("the page's sample (?:request and response|request|response)")


def requirement_of(row: Mapping[str, Any], source: Source) -> Requirement:
    """The requirement that a row of the catalogue, or of a contract, describes."""
    return Requirement(
        id=row["id"],
        level=row["level"],
        basis=row["basis"],
        source=source,
        does=row["does"],
        requires=row["requires"],
        accepts=tuple(row["accepts"]),
        check=row.get("check"),
        sends=row.get("sends"),
        needs_observation=row.get("needs_observation", False),
        depends_on=tuple(row.get("depends_on", ())),
        parameters=row.get("parameters", {}),
    )
