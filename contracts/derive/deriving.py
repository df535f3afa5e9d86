"""Derivation from beginning to end: sources in, a service's folder out; and the check that nothing would change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from contracts.derive.description import Caution, OperationDescription, ServiceDescription
from contracts.derive.pages import NONE_KEPT, Kept, Page, describe_pages
from contracts.derive.starting import starting_rulings
from contracts.derive.writing import CONTRACT, RULINGS, contract_files, scratch_folder, write_files, write_service
from contracts.derive.wsdl import describe_wsdl
from contracts.derive.wsdl_documents import IMPORTED, MAIN, Library
from contracts.derive.wsdl_rulings import RulingsFile
from contracts.documents import line_of, parse_document, read_document
from contracts.errors import ContractError, Place
from contracts.loader import SERVICES, load_service
from contracts.requirements import require_known_check
from contracts.ruled_paths import require_good_values
from contracts.sources import PAGE


@dataclass(frozen=True, slots=True)
class Derived:
    """What a derivation made: the folder, the description that it was written from, operations newly ruled on, and
    by operation the pages kept from before that it was derived together with.
    """

    folder: Path
    description: ServiceDescription
    started: tuple[str, ...]
    joined: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a derivation besides its sources: names, and what overrides the sources.

    `replaces` says that sources take the place of those that their operations were derived from before, pages that
    they are derived beside otherwise.
    """

    service: str
    rulings: Path | None = None
    family: str | None = None
    operation: str | None = None
    replaces: bool = False


def derive(sources: Sequence[str], wanted: Wanted, into: Path, library: Library | None = None) -> Derived:
    """The folder of a service, derived from pages or from one WSDL, and written below `into`.

    A service that stands there already keeps its rulings, unless others are given, and the operations that these
    sources do not describe. Pages of operations that have pages already are derived together with those. Operations
    without rulings are given some to begin with. `library` says how a WSDL and what it refers to are read; by
    default as files. Raises ContractError where nothing can be derived; then nothing
    is written, and neither is a contract that would not load.
    """
    home = into / wanted.service
    rulings = wanted.rulings or (home / RULINGS if (home / RULINGS).is_file() else None)
    text = "" if rulings is None else _text_of(rulings)
    content = None if rulings is None else parse_document(text, rulings, "service")
    if content is not None and content["service"] != wanted.service:
        place = Place(rulings or home, line_of(text, ["service"]))
        raise ContractError(place, f"service: differs from --service {wanted.service}", value=content["service"])
    kept = _kept_sources(home, wanted)
    pages = Kept({name: each for name, each in kept.items() if each}, wanted.replaces)
    description = storable(describe(sources, wanted, content, rulings, text, library, pages), sources[0])
    _require_one_kind(sources, description, {} if wanted.replaces else kept)
    known = [] if content is None else [row["name"] for row in content["operation"]]
    if rulings is not None:
        _require_documented(known, description, home, Place(rulings), text)
    started = tuple(each.name for each in description.operations if each.name not in known)
    text = starting_rulings(description, before=text, known=known) if started or not text else text
    _require_loadable(description, text, into, home, rulings)
    folder = write_service(description, text.encode(), into, kept=home)
    return Derived(folder, description, started, _joined(description, kept))


def _joined(description: ServiceDescription, kept: Mapping[str, Sequence[Page]]) -> dict[str, list[str]]:
    """The kept pages that operations were derived from together with new ones, by operation."""
    files = {page.file for pages in kept.values() for page in pages}
    return {
        each.name: names
        for each in description.operations
        if (names := [document.name for document in each.documents if document.file in files])
        and len(names) < len(each.documents)
    }


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
    kept: Kept = NONE_KEPT,
) -> ServiceDescription:
    """The description that derivation writes; `kept` are the pages that it rests on so far.

    Raises ContractError where nothing can be derived.
    """
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
        kept=kept,
    )


def _kept_sources(home: Path, wanted: Wanted) -> dict[str, tuple[Page, ...]]:
    """The pages that the operations of a service were derived from; none for one that comes from a WSDL.

    Raises ContractError for a contract that cannot be read and a page that is missing, unless both are replaced.
    """
    try:
        return dict(map(_kept_pages, sorted(home.glob(f"*/{CONTRACT}"))))
    except ContractError as error:
        if wanted.replaces:
            return {}
        hint = "--replace derives anew, from these sources alone"
        raise ContractError(error.place, error.problem, value=error.value, hint=hint) from error


def _kept_pages(contract: Path) -> tuple[str, tuple[Page, ...]]:
    """An operation, and the pages that its contract names; none if that is a WSDL."""
    home = contract.parent
    names = read_document(contract, "contract").get("documents", [PAGE])
    is_of_pages = not is_wsdl(str(home / names[0]))
    return home.name, tuple(_kept_page(home, name) for name in names) if is_of_pages else ()


def _kept_page(home: Path, name: str) -> Page:
    """A page as a contract keeps it."""
    own = None if name.startswith("../") else home.name
    return Page((home / name).resolve(), _content(home / name), name, own)


def _require_one_kind(
    sources: Sequence[str], description: ServiceDescription, kept: Mapping[str, Sequence[Page]]
) -> None:
    """Raises ContractError where a WSDL would take the place of an operation's pages unasked, or the reverse."""
    is_of_pages = not is_wsdl(sources[0])
    for name in (each.name for each in description.operations):
        if name in kept and bool(kept[name]) != is_of_pages:
            other = "a WSDL" if is_of_pages else "pages"
            hint = "An operation has one kind of source: derive another service, or give --replace"
            raise ContractError(Place(sources[0]), f"describes {name}, which was derived from {other}", hint=hint)


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


def _require_loadable(
    description: ServiceDescription, rulings: str, into: Path, kept: Path, given: Path | None
) -> None:
    """Raises ContractError, with the place in the file as it would stand, if the new contract would not load.

    What is wrong with rulings has its place in the file that they were `given` in, if they were.
    """
    with scratch_folder() as scratch:
        made = scratch / description.name
        write_files(description, rulings.encode(), made, kept)
        try:
            _require_sound(made)
        except ContractError as error:
            file = Path(error.place.file)
            relative = file.relative_to(scratch) if file.is_relative_to(scratch) else file
            place = Place(given if given and file == made / RULINGS else into / relative, error.place.line)
            raise ContractError(place, error.problem, value=error.value, hint=error.hint) from error


def _require_sound(home: Path) -> None:
    """Raises ContractError for a service that does not load, or whose rulings exclude its known-good values."""
    file = home / RULINGS
    text = _text_of(file)
    rows = parse_document(text, file, "service")["operation"]
    for index, row in enumerate(rows):
        _require_known_checks(file, text, index, row.get("requirement", ()))
    service = load_service(home)
    for index, row in enumerate(rows):
        require_good_values(file, text, index, row, service.operations[row["name"]])


def _require_known_checks(file: Path, text: str, index: int, ruled: Sequence[Mapping[str, Any]]) -> None:
    """Raises ContractError, where it is ruled, for a requirement with a check that the judge lacks."""
    for number, row in enumerate(ruled):
        try:
            require_known_check(file, number, row)
        except ContractError as error:
            place = Place(file, line_of(text, ["operation", index, "requirement", number, "check"]))
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

    What cannot be read or derived is a difference too, and the rest is compared all the same; so are rulings that
    match nothing. Raises ContractError for a folder that holds no service, or not the one that is asked for.
    """
    found = sorted(
        {each.parents[1] for each in folder.glob(f"{service or '*'}/*/{CONTRACT}")}
        | {each.parent for each in folder.glob(f"{service or '*'}/{RULINGS}")}
    )
    if not found:
        raise ContractError(Place(folder), "holds no service to derive again", value=service)
    for home in found:
        file = home / RULINGS
        if not file.is_file():
            yield Difference(file, "is missing: its operations cannot be derived again, nor certified")
            continue
        differences = list(_told_on_error(_check_service(file), file))
        yield from differences or _told_on_error(_unloadable(home), file)


def _unloadable(home: Path) -> Iterator[Difference]:
    """Raises ContractError where a service that is as derived does not load all the same."""
    _require_sound(home)
    yield from ()


def _told_on_error(found: Iterator[Difference], file: Path) -> Iterator[Difference]:
    """Differences, of which the last tells of the error that ended them, if one did."""
    try:
        yield from found
    except ContractError as error:
        hint = f". {error.hint}" if error.hint else ""
        found_value = "" if error.value is None else f" (found {error.value!r})"
        yield Difference(Path(error.place.file or file), f"{error.problem}{found_value}{hint}", error.place.line)


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
    pages = [_page_again(path, name) for path, name in zip(paths, documents, strict=True)]
    return describe_pages(pages, rulings["service"], rulings=rulings, rulings_file=file, rulings_text=text)


def _page_again(path: Path, name: str) -> Page:
    """A page of a contract, by its name beside the operations' folders."""
    _, folder, rest = name.split("/", 2)
    shared = folder == "pages"
    return Page(path, _content(path), name if shared else rest, None if shared else folder)


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
