"""Documentation pages and rulings in, a service's description out. A pure function: the same bytes give the same."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from contracts.derive.bindings import described_operation
from contracts.derive.calls import Call, calls_of
from contracts.derive.description import Caution, Document, OperationDescription, ServiceDescription
from contracts.derive.inference import CONVENTIONS
from contracts.derive.recognition import family_of
from contracts.derive.rulings import Rulings
from contracts.derive.samples import Sample, placed_in, samples_of
from contracts.derive.tables import Prose
from contracts.derive.text import Text, is_binary, normalised, read_text
from contracts.errors import ContractError, Place
from contracts.sources import PAGE

SUFFIXES: Final = {".html": ".html", ".htm": ".html", ".md": ".md", ".markdown": ".md", ".xhtml": ".html"}
"""Suffix of a file -> that of the page kept with a contract; others become text."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as given: where it was read from, for messages, its bytes, and the name that it is kept under.

    The name is None until it is known what the page documents. `operation` is the one that a page is kept for, where
    that is one alone: what else it documents is left out, and what it calls it otherwise is renamed.
    """

    file: Path
    content: bytes
    name: str | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The pages that a service was derived from so far, by operation. `replaced`: new ones take their place."""

    by_operation: Mapping[str, Sequence[Page]] = field(default_factory=dict)
    replaced: bool = False

    def joining(self, names: Iterable[str]) -> list[Page]:
        """The pages to be derived with new ones of some operations: theirs, and those of all that share one of them."""
        found: dict[Path, Page] = {}
        reached = set() if self.replaced else set(names)
        for _ in self.by_operation:
            found |= {page.file: page for name in reached for page in self.by_operation.get(name, ())}
            reached |= {name for name, pages in self.by_operation.items() if any(page.file in found for page in pages)}
        return [page for page in self._all() if page.file in found]

    def shared_names(self, derived: Iterable[str]) -> set[str]:
        """The names of pages beside the operations' folders that others than those derived now rest on."""
        now = set(derived)
        others = (pages for name, pages in self.by_operation.items() if name not in now)
        return {
            page.name for pages in others for page in pages if page.name is not None and page.name.startswith("../")
        }

    def _all(self) -> Iterable[Page]:
        return {page.file: page for pages in self.by_operation.values() for page in pages}.values()


NONE_KEPT: Final = Kept()


@dataclass(frozen=True, slots=True)
class _Read:
    """A page as it was read: its text, family and calls."""

    page: Page
    text: Text
    family: str
    recognised: str
    samples: tuple[Sample, ...]
    calls: tuple[Call, ...]
    cautions: tuple[Caution, ...]
    prose: Prose


def describe_pages(
    pages: Sequence[Page],
    service: str,
    *,
    rulings: Mapping[str, Any] | None = None,
    rulings_file: Path | None = None,
    rulings_text: str = "",
    family: str | None = None,
    operation: str | None = None,
    kept: Kept = NONE_KEPT,
) -> ServiceDescription:
    """The description of the service that some pages document.

    `rulings` is the content of the service's own file; None where there is none yet. `family` and `operation`
    override what the pages say. `kept` pages of the same operations are derived together with these, as if all had
    been given at once. Raises ContractError, with file and line, for a page that yields nothing and for a
    ruling that matches nothing.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", service):
        hint = "It begins with a letter and holds a-z, 0-9, - and _, for it stands in the ids of requirements"
        raise ContractError(Place(Path("--service")), "is no name for a service", value=service, hint=hint)
    said = None if rulings is None else str(rulings["family"])
    read = [_read(page, family or said, operation) for page in pages]
    new = _grouped(read, operation)
    read = read if operation is None else _of_one(read, operation, new[operation])
    read = _joined(read, kept.joining(new), family or said)
    of = family or said or _one_family(read)
    by_name = _grouped(read, operation)
    names = _kept_names(read, by_name, kept.shared_names(by_name))
    read = [_read(replace(each.page, name=name), of, operation, each) for each, name in zip(read, names, strict=True)]
    by_name = _grouped(read, operation)
    cautions = [replace(caution, file=each.page.file) for each in read for caution in _told(each, family, said)]
    described: list[OperationDescription] = []
    for name, calls in by_name.items():
        ruled = _rulings_on(name, rulings, rulings_file, rulings_text)
        used = [each for each in read if any(call in each.calls for call in calls)]
        documents = tuple(Document(each.text.document, each.page.content, each.page.file) for each in used)
        made, found = described_operation(service, name, of, calls, documents, ruled, [each.prose for each in used])
        described.append(made)
        files = {each.name: each.file for each in documents}
        cautions += [replace(caution, file=files.get(caution.source.document)) for caution in found]
    title = str(rulings["title"]) if rulings is not None else _title(read, service)
    return ServiceDescription(service, title, of, tuple(described), tuple(dict.fromkeys(cautions)))


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(page: Page, family: str | None, operation: str | None, before: _Read | None = None) -> _Read:
    """A page with its calls; `before` is the same page, read under another name.

    Raises ContractError for one that has none, with what was found instead.
    """
    document = page.name or str(page.file)
    text = _text_of(page, document) if before is None else replace(before.text, document=document)
    samples = samples_of(text) if before is None else placed_in(text, before.samples)
    recognised = family_of(text, samples) if before is None else before.recognised
    found = family or recognised
    if found not in CONVENTIONS:
        raise ContractError(Place(page.file), "--family: is none that is known", value=found, hint=_KNOWN)
    calls, cautions = calls_of(text, samples, operation or page.operation, page.file.stem)
    if page.operation is not None:
        calls = _calls_of_one(calls, page.operation)
    if not calls:
        raise _nothing(page, text, samples)
    prose = Prose(text, tuple(samples))
    return _Read(page, text, found, recognised, tuple(samples), tuple(calls), tuple(cautions), prose)


def _calls_of_one(calls: Sequence[Call], operation: str) -> list[Call]:
    """The calls of one operation, or all where they are of another alone, which are then of this one."""
    own = [call for call in calls if call.name == operation]
    if own or len({call.name for call in calls}) != 1:
        return own
    for call in calls:
        call.name = operation
    return list(calls)


def _of_one(read: Sequence[_Read], operation: str, calls: Sequence[Call]) -> list[_Read]:
    """The pages that document one operation, to be kept for it alone."""
    own = [each for each in read if any(call in each.calls for call in calls)]
    return [replace(each, page=replace(each.page, operation=operation)) for each in own]


def _joined(new: Sequence[_Read], older: Sequence[Page], family: str | None) -> list[_Read]:
    """Kept pages and new ones, the kept first; a new one of the same text as one of them takes its place."""
    left = list(new)
    joined: list[_Read] = []
    for page in older:
        before = _read(page, family, None)
        same = next((each for each in left if _words_of(each.text) == _words_of(before.text)), None)
        if same is None:
            joined.append(before)
            continue
        left.remove(same)
        is_alike = _suffix(same.page.file) == _suffix(page.file)
        joined.append(replace(same, page=replace(same.page, name=page.name)) if is_alike else same)
    return [*joined, *left]


def _words_of(text: Text) -> list[str]:
    """What a page says, however its lines are broken."""
    return text.content.split()


def _suffix(file: Path) -> str:
    return SUFFIXES.get(file.suffix.lower(), ".txt")


def _text_of(page: Page, document: str) -> Text:
    """What a person would read on a page. Raises ContractError for a file that holds no text."""
    kind = next((kind for mark, kind in _OTHER_FILES.items() if page.content.startswith(mark)), None)
    if _ARCHIVE.search(page.content[:_HEAD]):
        kind = "a web archive (MHTML) or a mail"
    given = read_text(page.content, document)
    if kind is None and is_binary(given):
        kind = "a binary file"
    if kind is not None:
        hint = "Save the page as text, Markdown or HTML"
        raise ContractError(Place(page.file), f"is {kind}, which is not read", hint=hint)
    text = normalised(given)
    if not text.content.strip():
        raise ContractError(Place(page.file), "is empty: there is no page to derive from")
    return text


def _told(read: _Read, asked: str | None, said: str | None) -> Iterator[Caution]:
    """What is doubtful of a page: its own cautions, and that it looks like one of another family than its service's."""
    if said is not None and asked is None and read.recognised != said:
        problem = (
            f"looks like a page of the family {read.recognised}; it is read as {said}, the family that the service's "
            f"rulings name (--family, and `family` there, say otherwise)"
        )
        yield Caution(read.text.place(0), problem)
    yield from read.cautions


_OTHER_FILES: Final = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "an archive or an office document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"{\\rtf": "an RTF document",
    b"\x1f\x8b": "a compressed file",
    b"\xd0\xcf\x11\xe0": "an office document",
}
"""First bytes of a file -> what it is, for files that hold no text."""
_ARCHIVE: Final = re.compile(
    rb"^Content-Transfer-Encoding:\s*(?:quoted-printable|base64)", re.IGNORECASE | re.MULTILINE
)
_HEAD: Final = 4096
_KNOWN: Final = f"Known: {', '.join(sorted(CONVENTIONS))}"
_OTHER_FORM: Final = re.compile(r"HTTP \+ (JSON|JSV|CSV)")


def _nothing(page: Page, text: Text, samples: Sequence[Sample]) -> ContractError:
    """Why a page yields no contract, by what is on it."""
    other = _OTHER_FORM.search(text.content)
    foreign = [sample for sample in samples if sample.is_foreign]
    if other or foreign:
        form = other.group(1) if other else "another form than XML"
        line = text.place(other.start()).line if other else foreign[0].source.line
        hint = "The same operation's page for XML or SOAP has what is needed (HTTP + XML, HTTP + SOAP12)"
        return ContractError(Place(page.file, line), f"documents messages in {form} only", hint=hint)
    unknown = [sample for sample in samples if sample.role == "request"]
    if unknown:
        uri = unknown[0].envelope_namespace
        problem = "its requests stand in envelopes that no version of SOAP has"
        return ContractError(Place(page.file, unknown[0].source.line), problem, value=uri)
    if samples:
        problem = "shows responses and no request: there is nothing to send"
        hint = "Add a page that shows the request"
        return ContractError(Place(page.file, samples[0].source.line), problem, hint=hint)
    hint = (
        "A page has samples of requests: an HTTP request line (POST /path HTTP/1.1), or XML with a SOAP Envelope. "
        "A list of operations has none: save the page of one operation"
    )
    return ContractError(Place(page.file, 1), "holds no sample request: it is no page of an operation", hint=hint)


def _one_family(read: Sequence[_Read]) -> str:
    families = {each.family: each for each in reversed(read)}
    if len(families) > 1:
        shown = ", ".join(f"{each.page.file} is {family}" for family, each in families.items())
        hint = f"One service has one family: name it with --family, or derive two services. {_KNOWN}"
        raise ContractError(
            Place(read[-1].page.file), f"is of another family than a page before it: {shown}", hint=hint
        )
    return read[0].family


def _grouped(read: Sequence[_Read], operation: str | None) -> dict[str, list[Call]]:
    """The calls by operation; only those of one operation where it is named."""
    found: dict[str, list[Call]] = {}
    for each in read:
        for call in each.calls:
            found.setdefault(call.name, []).append(call)
    if operation is None:
        return found
    if operation in found:
        return {operation: found[operation]}
    if len(found) > 1:
        hint = f"Documented there: {', '.join(found)}"
        raise ContractError(Place(read[0].page.file), "--operation: is on no page", value=operation, hint=hint)
    (calls,) = found.values()
    for call in calls:
        call.name = operation
    return {operation: calls}


def _kept_names(read: Sequence[_Read], by_name: Mapping[str, Sequence[Call]], elsewhere: Iterable[str]) -> list[str]:
    """What each page is kept as: in the folder of its operation, or beside the folders of several.

    `elsewhere` are names there that other operations' pages have.
    """
    names = [each.page.name for each in read]
    for index, each in enumerate(read):
        own = [name for name, calls in by_name.items() if any(call in each.calls for call in calls)]
        if names[index] is not None:
            continue
        suffix = _suffix(each.page.file)
        if len(own) > 1:
            stem = f"../pages/{re.sub(r'[^A-Za-z0-9_.-]+', '-', each.page.file.stem)}"
            names[index] = _free(stem, suffix, [*names, *elsewhere])
        else:
            # Pages of different operations share a name: each is kept in its own operation's folder.
            near = zip(names, read, strict=True)
            taken = [name for name, other in near if _share_an_operation(each, other, by_name)]
            names[index] = _free(PAGE.removesuffix(".txt"), suffix, taken)
    return [name for name in names if name is not None]


def _share_an_operation(one: _Read, other: _Read, by_name: Mapping[str, Sequence[Call]]) -> bool:
    return any(
        any(call in one.calls for call in calls) and any(call in other.calls for call in calls)
        for calls in by_name.values()
    )


def _free(stem: str, suffix: str, taken: Sequence[str | None]) -> str:
    number = 1
    while f"{stem}{'' if number == 1 else f'-{number}'}{suffix}" in taken:
        number += 1
    return f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"


def _rulings_on(name: str, rulings: Mapping[str, Any] | None, file: Path | None, text: str) -> Rulings:
    rows: Iterable[Mapping[str, Any]] = () if rulings is None else rulings["operation"]
    index, row = next(((index, row) for index, row in enumerate(rows) if row["name"] == name), (0, {}))
    return Rulings(file or Path("service.toml"), text, row, index)


def _title(read: Sequence[_Read], service: str) -> str:
    """The first line of the first page, which names the service on pages of most kinds; else the service's name."""
    lines = (re.sub(r"[#*`\[\]|]", "", line).strip() for line in read[0].text.content.splitlines())
    first = next((line for line in lines if line), "")
    words = first.split()
    return first if 0 < len(words) <= 8 and not re.search(r"[<>{}=:]|HTTP", first) else service
