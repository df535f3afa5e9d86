"""Contracts read from their folders: pages' promises, rulings and the standards' catalogue, joined and checked."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place, UnknownNameError
from contracts.families import families
from contracts.model import (
    Binding,
    BusinessError,
    Content,
    Leaf,
    MessageShape,
    Operation,
    Protocol,
    Relation,
    Requirement,
    Service,
    Source,
)
from contracts.requirements import (
    Promised,
    catalogue_requirements,
    require_known_check,
    requirement_of,
    wrong_requirement,
)
from contracts.ruled_paths import require_agreeing, require_leading
from contracts.schema import ENTRY, Schema

SERVICES = Path(__file__).parent / "services"
ASKED = Place(Path("--service"))
"""Where services are named: on the command line."""


def load_services(folder: Path = SERVICES) -> Mapping[str, Service]:
    """Every service below a folder, by name, in name order.

    Raises ContractError, with file, line and value, for the first file that is wrong.
    """
    if not folder.is_dir():
        raise ContractError(Place(folder), "is not a folder of services")
    found = [(load_service(path.parent), path.parent) for path in sorted(folder.glob("*/service.toml"))]
    if not found:
        raise ContractError(Place(folder), "holds no service", hint="Each service is a folder with a service.toml")
    services: dict[str, Service] = {}
    for service, folder in found:
        if service.name in services:
            file = folder / "service.toml"
            raise ContractError(
                Place(file, line_of(file.read_text("utf-8"), ["service"])), "service: stands twice", value=service.name
            )
        services[service.name] = service
    return services


def load_service(folder: Path) -> Service:
    """The service whose `service.toml` stands in a folder, with every operation that it rules on."""
    file = folder / "service.toml"
    rulings = read_document(file, "service")
    text = file.read_text("utf-8")
    if rulings["family"] not in families().names:
        raise ContractError(
            Place(file, line_of(text, ["family"])),
            "family: is not in the table of families",
            value=rulings["family"],
            hint=f"Known: {', '.join(sorted(families().names))}",
        )
    _require_once(file, "operation", "name", rulings["operation"])
    operations = [_load_operation(folder, rulings, ruling) for ruling in rulings["operation"]]
    for index, (operation, row) in enumerate(zip(operations, rulings["operation"], strict=True)):
        require_agreeing(file, text, index, row)
        require_leading(file, text, index, row, operation.schema, operation.bindings)
    return Service(
        name=rulings["service"],
        title=rulings["title"],
        family=rulings["family"],
        operations={operation.name: operation for operation in operations},
    )


def pick(services: Mapping[str, Service], names: Iterable[str], place: Place = ASKED) -> Mapping[str, Service]:
    """The named services; all if no name is given. Raises UnknownNameError with the names that exist; `place` says
    where they were named.
    """
    wanted = list(names)
    for name in wanted:
        if name not in services:
            raise UnknownNameError(place, "no such service", value=name, hint=f"Known: {', '.join(sorted(services))}")
    return {name: services[name] for name in wanted} if wanted else services


def _load_operation(folder: Path, rulings: Mapping[str, Any], ruling: Mapping[str, Any]) -> Operation:
    home = folder / ruling["name"]
    file = home / "contract.toml"
    contract = {"requirement": [], **read_document(file, "contract")}
    for key, expected in (("service", rulings["service"]), ("operation", ruling["name"])):
        if contract[key] != expected:
            place = Place(file, line_of(file.read_text("utf-8"), [key]))
            raise ContractError(
                place, f"{key}: differs from service.toml, which says {expected!r}", value=contract[key]
            )
    _check_requirements(file, contract)
    if not (home / ENTRY).is_file():
        raise ContractError(Place(home / ENTRY), "is missing: every operation has an entry schema")
    bindings = tuple(_binding(row) for row in contract["binding"])
    schema = Schema(home, _type_names(bindings))
    relations = tuple(_relation(row) for row in ruling.get("relation", ()))
    leaves = tuple(_leaf(row) for row in ruling.get("leaf", ()))
    own = [_own_requirements(row) for row in contract["requirement"]]
    return Operation(
        service=rulings["service"],
        name=ruling["name"],
        family=rulings["family"],
        effect=ruling["effect"],
        title=rulings["title"],
        folder=home,
        bindings=bindings,
        schema=schema,
        leaves=leaves,
        response_secrets=tuple(row["path"] for row in ruling.get("secret", ())),
        relations=relations,
        business_errors=tuple(_business_error(row) for row in ruling.get("business_error", ())),
        success_needs=ruling.get("success_needs"),
        consumes=tuple(
            leaf.name for leaf, row in zip(leaves, ruling.get("leaf", ()), strict=True) if row.get("consumed")
        ),
        requirements_by_protocol={
            binding.protocol: (
                *catalogue_requirements(rulings["family"], _promised(binding, bindings, leaves, contract)),
                *(each[binding.protocol] for each in own if binding.protocol in each),
                *(relation.requirement for relation in relations if relation.speaks_of(binding.protocol)),
            )
            for binding in bindings
        },
        digest=_digest(folder / "service.toml", *sorted(_files_of(home, contract))),
    )


def _promised(
    binding: Binding, bindings: Sequence[Binding], leaves: Sequence[Leaf], contract: Mapping[str, Any]
) -> Promised:
    checks = {row["check"] for row in contract["requirement"] if "check" in row and binding.protocol in row["at"]}
    return Promised(binding, leaves, checks, [each.protocol for each in bindings])


def _check_requirements(file: Path, contract: Mapping[str, Any]) -> None:
    """Raises ContractError for bindings and requirements that stand twice or name what there is not."""
    _require_once(file, "binding", "protocol", contract["binding"])
    _require_once(file, "requirement", "id", contract["requirement"])
    protocols = {row["protocol"] for row in contract["binding"]}
    for index, row in enumerate(contract["requirement"]):
        require_known_check(file, index, row)
        for protocol in row["at"]:
            if protocol not in protocols:
                raise wrong_requirement(
                    file, index, f"at.{protocol}", "names a binding that the page lacks", protocol, protocols
                )


def _require_once(file: Path, table: str, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises ContractError for the first row of an array of tables whose key another row before it has."""
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row[key] in seen:
            place = Place(file, line_of(file.read_text("utf-8"), [table, index, key]))
            raise ContractError(place, f"{table}.{index}.{key}: stands twice", value=row[key])
        seen.add(row[key])


def _binding(row: Mapping[str, Any]) -> Binding:
    return Binding(
        protocol=row["protocol"],
        source=Source.of(row["at"]),
        method=row["method"],
        path=row["path"],
        documented_path=row.get("documented_path"),
        documented_host=row.get("documented_host"),
        request=_shape(row["request"]),
        response=_shape(row["response"]),
        error=_shape(row["error"]) if "error" in row else None,
        request_media_type=row.get("request_media_type"),
        request_charset=row.get("request_charset"),
        response_media_types=tuple(row["response_media_types"]),
        noted_media_types=tuple(row.get("noted_media_types", ())),
        soap_action=row.get("soap_action"),
        status_code=row["status_code"],
        envelope_attributes=row.get("envelope_attributes", {}),
        accept=row.get("accept"),
    )


def _shape(row: Mapping[str, Any]) -> MessageShape:
    return MessageShape(body=_content(row["body"]), header=_content(row["header"]) if "header" in row else None)


def _content(row: Mapping[str, str]) -> Content:
    return Content(element=row.get("element"), type_name=row.get("type"))


def _type_names(bindings: Iterable[Binding]) -> set[str]:
    shapes = [shape for each in bindings for shape in (each.request, each.response, each.error) if shape]
    contents = [content for shape in shapes for content in (shape.header, shape.body) if content]
    return {content.type_name for content in contents if content.type_name}


def _own_requirements(row: Mapping[str, Any]) -> Mapping[Protocol, Requirement]:
    """One requirement of the page on each binding that prints it."""
    return {
        cast("Protocol", protocol): requirement_of(row, Source.of(position)) for protocol, position in row["at"].items()
    }


def _relation(row: Mapping[str, Any]) -> Relation:
    described = ("kind", "id", "level", "basis", "at", "does", "requires", "accepts", "reason")
    arguments = {key: value for key, value in row.items() if key not in described}
    sends = _SENT_FOR.get(row["kind"])
    judged = {"check": "relation"} if sends is None else {"sends": sends}
    parameters = {"kind": row["kind"], **({} if sends is None else {"compares": row["kind"]}), **arguments}
    requirement = requirement_of({**row, **judged, "parameters": parameters}, Source.of(row["at"]))
    return Relation(kind=row["kind"], requirement=requirement, arguments=arguments)


_SENT_FOR: Mapping[str, str] = {"monotonic": "by_window", "pages": "by_page", "agree": "over_each_binding"}
"""What is sent for relations over several exchanges; all others are judged on every answer."""


def _leaf(row: Mapping[str, Any]) -> Leaf:
    low_high = row.get("process_range")
    return Leaf(
        path=row["path"],
        value=row.get("value"),
        credential=row.get("credential", False),
        secret=row.get("secret", False),
        made_up=row.get("made_up"),
        process_range=(low_high[0], low_high[1]) if low_high else None,
    )


def _business_error(row: Mapping[str, Any]) -> BusinessError:
    return BusinessError(
        kind=row["kind"],
        path=row.get("path"),
        element=row.get("element"),
        field=row.get("field"),
        text_path=row.get("text_path"),
        benign=tuple(row.get("benign", ())),
    )


def _files_of(home: Path, contract: Mapping[str, Any]) -> Iterable[Path]:
    """The files of an operation: those of its folder, and the documents that it shares with others.

    Raises ContractError for a document that is missing.
    """
    shared = [home / name for name in contract.get("documents", ()) if name.startswith("../")]
    for index, document in enumerate(shared):
        if not document.is_file():
            place = Place(home / "contract.toml", line_of((home / "contract.toml").read_text("utf-8"), ["documents"]))
            raise ContractError(place, f"documents.{index}: is missing", value=str(document))
    return [*(each for each in home.iterdir() if each.is_file()), *shared]


def _digest(*files: Path) -> str:
    """SHA-256 over names and bytes of the files that make a contract."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()
