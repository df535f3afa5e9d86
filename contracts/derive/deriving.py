"""Derivation from beginning to end: sources in, a service's folder out; and the check that nothing would change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from contracts.derive.description import Caution, OperationDescription, ServiceDescription
from contracts.derive.pages import Page, describe_pages
from contracts.derive.starting import starting_rulings
from contracts.derive.writing import CONTRACT, RULINGS, contract_files, scratch_folder, write_files, write_service
from contracts.derive.wsdl import describe_wsdl
from contracts.derive.wsdl_documents import IMPORTED, MAIN, Library
from contracts.derive.wsdl_rulings import RulingsFile
from contracts.documents import line_of, parse_document, read_document
from contracts.errors import ContractError, Place
from contracts.loader import SERVICES, load_service
from contracts.sources import PAGE


@dataclass(frozen=True, slots=True)
class Derived:
    """What a derivation made: the folder, the description that it was written from, and operations newly ruled on."""

    folder: Path
    description: ServiceDescription
    started: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a derivation besides its sources: names, and what overrides the sources."""

    service: str
    rulings: Path | None = None
    family: str | None = None
    operation: str | None = None


def derive(sources: Sequence[str], wanted: Wanted, into: Path, library: Library | None = None) -> Derived:
    """The folder of a service, derived from pages or from one WSDL, and written below `into`.

    A service that stands there already keeps its rulings, unless others are given, and the operations that these
    sources do not describe. Operations without rulings are given some to begin with. `library` says how a WSDL and
    what it refers to are read; by default as files. Raises ContractError where nothing can be derived; then nothing
    is written, and neither is a contract that would not load.
    """
    home = into / wanted.service
    rulings = wanted.rulings or (home / RULINGS if (home / RULINGS).is_file() else None)
    text = "" if rulings is None else _text_of(rulings)
    content = None if rulings is None else parse_document(text, rulings, "service")
    if content is not None and content["service"] != wanted.service:
        place = Place(rulings or home, line_of(text, ["service"]))
        raise ContractError(place, f"service: differs from --service {wanted.service}", value=content["service"])
    description = storable(describe(sources, wanted, content, rulings, text, library), sources[0])
    known = [] if content is None else [row["name"] for row in content["operation"]]
    if rulings is not None:
        _require_documented(known, description, home, Place(rulings), text)
    started = tuple(each.name for each in description.operations if each.name not in known)
    text = starting_rulings(description, before=text, known=known) if started or not text else text
    _require_loadable(description, text, into, home)
    folder = write_service(description, text.encode(), into, kept=home)
    return Derived(folder, description, started)


def storable(description: ServiceDescription, source: str) -> ServiceDescription:
    """A description without the operations that no folder can be named after, each of which becomes a caution.

    Raises ContractError if none is left.
    """
    wrong = {each.name: why for each in description.operations if (why := _why_no_folder(each.name))}
    left = tuple(each for each in description.operations if each.name not in wrong)
    if not left:
        name, why = next(iter(wrong.items()))
        hint = "" if is_wsdl(source) else "Give it another name with --operation"
        raise ContractError(Place(source), f"operation {name[:_MOST_SHOWN]!r}: {why}", hint=hint)
    problems = {name: f"operation {name[:_MOST_SHOWN]!r} is left out: {why}" for name, why in wrong.items()}
    problems |= _alike(left)
    told = [_caution_of(each, problems[each.name]) for each in description.operations if each.name in problems]
    return replace(description, operations=left, cautions=(*description.cautions, *told))


def _caution_of(operation: OperationDescription, problem: str) -> Caution:
    """A caution where an operation is first described."""
    source = operation.bindings[0].source
    return Caution(source, problem, {each.name: each.file for each in operation.documents}.get(source.document))


def _why_no_folder(name: str) -> str | None:
    """Why an operation cannot have a folder named after it; None if it can."""
    if name.lower() in _OTHER_NAMES:
        return "a contract keeps something else under that name"
    if len(name.encode()) > _LONGEST:
        return f"its name has more than {_LONGEST} bytes, and no file system has a folder for it"
    is_name = re.fullmatch(r"[^\W\d][\w.-]*", name)
    return None if is_name else "a name begins with a letter or _ and holds letters, digits, _, . and -"


def _alike(operations: Sequence[OperationDescription]) -> Mapping[str, str]:
    """What to say of operations whose names differ from an earlier one's in their case alone."""
    first: dict[str, str] = {}
    for each in operations:
        first.setdefault(each.name.lower(), each.name)
    return {
        each.name: f"operations {first[each.name.lower()]!r} and {each.name!r} differ in their case alone: their "
        "folders need a file system that tells cases apart"
        for each in operations
        if first[each.name.lower()] != each.name
    }


_OTHER_NAMES: Final = frozenset({RULINGS, "pages", IMPORTED, MAIN.removeprefix("../")})
"""What stands beside the operations' folders."""
_LONGEST: Final = 200
"""Bytes of an operation's name: file systems allow 255, some that encrypt names 143 to 200."""
_MOST_SHOWN: Final = 60


def describe(
    sources: Sequence[str],
    wanted: Wanted,
    rulings: Mapping[str, Any] | None = None,
    rulings_file: Path | None = None,
    rulings_text: str = "",
    library: Library | None = None,
) -> ServiceDescription:
    """The description that derivation writes. Raises ContractError where nothing can be derived."""
    if any(map(is_wsdl, sources)):
        if len(sources) > 1:
            hint = "Derive from the WSDL alone, or from pages alone"
            raise ContractError(Place(Path(sources[0])), "is one of several sources, of which one is a WSDL", hint=hint)
        said = wanted.family or (None if rulings is None else rulings["family"])
        own = None if rulings is None else RulingsFile(rulings, rulings_file or Path(RULINGS), rulings_text)
        found = describe_wsdl(sources[0], library, service=wanted.service, family=said, rulings=own)
        return found if wanted.operation is None else _only(found, wanted.operation, sources[0])
    return describe_pages(
        [Page(Path(source), _content(Path(source))) for source in sources],
        wanted.service,
        rulings=rulings,
        rulings_file=rulings_file,
        rulings_text=rulings_text,
        family=wanted.family,
        operation=wanted.operation,
    )


def _only(description: ServiceDescription, name: str, source: str) -> ServiceDescription:
    """A description of one operation alone. Raises ContractError if it has none of that name."""
    found = tuple(each for each in description.operations if each.name == name)
    if not found:
        hint = f"Described: {', '.join(each.name for each in description.operations[:_MOST_NAMED])}"
        raise ContractError(Place(source), "--operation: is not described", value=name, hint=hint)
    return replace(description, operations=found)


def is_wsdl(source: str) -> bool:
    """Whether a source is a WSDL: an address, or a file whose root is `definitions` or, in WSDL 2.0, `description`."""
    if "://" in source:
        return True
    path = Path(source)
    if not path.is_file():
        return path.suffix.lower() == ".wsdl"
    with path.open("rb") as file:
        head = file.read(4096).decode("latin-1").replace("\0", "")
    return path.suffix.lower() == ".wsdl" or _root_of(head) in ("definitions", "description")


def _root_of(head: str) -> str:
    """The local name of the first element of a document's beginning."""
    for part in head.split("<")[1:]:
        name = part.split(">")[0].split()[0] if part.strip() else ""
        if name and name[0] not in "?!":
            return name.rpartition(":")[2].rstrip("/")
    return ""


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ContractError(Place(file), f"cannot be read: {error.strerror or error}") from error


def _text_of(file: Path) -> str:
    try:
        return _content(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(Place(file), "is not text in UTF-8") from error


def _require_documented(
    ruled: Sequence[str], description: ServiceDescription, home: Path, rulings: Place, text: str
) -> None:
    """Raises ContractError for the first operation that is ruled on and neither described nor there already."""
    described = [operation.name for operation in description.operations]
    for index, name in enumerate(ruled):
        if name not in described and not (home / name / CONTRACT).is_file():
            place = Place(rulings.file, line_of(text, ["operation", index, "name"]))
            hint = f"Documented: {', '.join(described[:_MOST_NAMED])}"
            raise ContractError(place, f"operation.{index}.name: no source documents it", value=name, hint=hint)


_MOST_NAMED = 10


def _require_loadable(description: ServiceDescription, rulings: str, into: Path, kept: Path) -> None:
    """Raises ContractError, with the place in the file as it would stand, if the new contract would not load."""
    with scratch_folder() as scratch:
        made = scratch / description.name
        write_files(description, rulings.encode(), made, kept)
        try:
            load_service(made)
        except ContractError as error:
            file = Path(error.place.file)
            relative = file.relative_to(scratch) if file.is_relative_to(scratch) else file
            place = Place(into / relative, error.place.line)
            raise ContractError(place, error.problem, value=error.value, hint=error.hint) from error


# --- the check --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that derivation would write otherwise than it stands."""

    file: Path
    problem: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{Place(self.file, self.line)}: {self.problem}"


def check(folder: Path = SERVICES, service: str | None = None) -> Iterator[Difference]:
    """Every difference between the contracts below a folder and what is derived from their documents and rulings.

    What cannot be read or derived is a difference too, and the rest is compared all the same. Raises ContractError
    for a folder that holds no service, or not the one that is asked for.
    """
    found = sorted(folder.glob(f"{service or '*'}/{RULINGS}"))
    if not found:
        raise ContractError(Place(folder), "holds no service to derive again", value=service)
    for file in found:
        yield from _told_on_error(_check_service(file), file)


def _told_on_error(found: Iterator[Difference], file: Path) -> Iterator[Difference]:
    """Differences, of which the last tells of the error that ended them, if one did."""
    try:
        yield from found
    except ContractError as error:
        hint = f". {error.hint}" if error.hint else ""
        yield Difference(Path(error.place.file or file), f"{error.problem}{hint}", error.place.line)


def _check_service(file: Path) -> Iterator[Difference]:
    rulings = read_document(file, "service")
    text = file.read_text("utf-8")
    by_documents: dict[tuple[str, ...], list[str]] = {}
    for row in rulings["operation"]:
        home = file.parent / row["name"] / CONTRACT
        if not home.is_file():
            yield Difference(home, "is missing: the operation cannot be derived again")
            continue
        try:
            contract = read_document(home, "contract")
        except ContractError as error:
            yield Difference(home, error.problem, error.place.line)
            continue
        names = contract.get("documents", [PAGE])
        own = [name if name.startswith("../") else f"../{row['name']}/{name}" for name in names]
        by_documents.setdefault(tuple(own), []).append(row["name"])
    for documents, operations in by_documents.items():
        yield from _told_on_error(_check_operations(file, rulings, text, documents, operations), file)


def _check_operations(
    file: Path, rulings: Mapping[str, Any], text: str, documents: Sequence[str], operations: Sequence[str]
) -> Iterator[Difference]:
    """The differences of the operations that were derived from the same documents."""
    described = _described_again(file, rulings, text, documents, operations)
    made = {operation.name: operation for operation in described.operations}
    for index, name in enumerate(operations):
        if name not in made:
            yield Difference(file.parent / name, f"is not derived from {', '.join(documents)}")
        else:
            files = contract_files(rulings["service"], made[name])
            # Documents that operations share are compared once.
            compared = {path: each for path, each in files.items() if index == 0 or not path.startswith("../")}
            yield from _differences(file.parent / name, compared)


def _described_again(
    file: Path, rulings: Mapping[str, Any], text: str, documents: Sequence[str], operations: Sequence[str]
) -> ServiceDescription:
    paths = [(file.parent / "operation" / document).resolve() for document in documents]
    if is_wsdl(str(paths[0])):
        own = RulingsFile(rulings, file, text)
        return describe_wsdl(str(paths[0]), service=rulings["service"], family=rulings["family"], rulings=own)
    folder = f"../{operations[0]}/"
    pages = [Page(path, _content(path), name.removeprefix(folder)) for path, name in zip(paths, documents, strict=True)]
    arguments = {"rulings": rulings, "rulings_file": file, "rulings_text": text}
    described = describe_pages(pages, rulings["service"], **arguments)  # type: ignore[arg-type]
    if len(operations) == 1 and operations[0] not in {each.name for each in described.operations}:
        return describe_pages(pages, rulings["service"], operation=operations[0], **arguments)  # type: ignore[arg-type]
    return described


def _differences(folder: Path, files: Mapping[str, bytes]) -> Iterator[Difference]:
    for name, content in files.items():
        file = folder / name
        if not file.is_file():
            yield Difference(file, "is missing")
        elif file.read_bytes() != content:
            line = _first_difference(file.read_bytes(), content)
            yield Difference(file, f"differs from what is derived, first in line {line}")
    for file in sorted(each for each in folder.iterdir() if each.is_file()):
        if file.name not in files:
            yield Difference(file, "is not derived")


def _first_difference(one: bytes, other: bytes) -> int:
    lines = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    same = next((index for index, (a, b) in enumerate(lines) if a != b), None)
    return (min(one.count(b"\n"), other.count(b"\n")) if same is None else same) + 1
