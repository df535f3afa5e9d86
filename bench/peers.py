"""`python -m bench.peers [--write]`: our strategies beside two generators of XML from PyPI, on the same schemas.

Each makes documents of the five shipped requests and of the schemas that the tests of our strategies use, and both
validators look at them. What a generator refuses, or stumbles over, counts as not supported. `xmlgenerator` and
`fences` come with the `bench` extra.
"""

import argparse
import itertools
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree

import xmlschema
from lxml import etree

from contracts.loader import load_services
from contracts.model import Operation
from contracts.names import SOURCE, namespace_of
from strategies.draws import draw
from strategies.schemas import from_schema

PAGE: Final = Path(__file__).parent.parent / "docs" / "peers.md"
CORPUS: Final = Path(__file__).parent.parent / "tests" / "strategies" / "corpus"
OF_A_REQUEST: Final = 500
OF_A_CONSTRUCT: Final = 40

Documents: TypeAlias = Iterator[bytes]
Generator: TypeAlias = Callable[["Task", int], Documents]


@dataclass(frozen=True, slots=True)
class Task:
    """A schema's file and one of its global elements, by its name in Clark notation."""

    title: str
    file: Path
    element: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: documents made, how many of them are valid and distinct, and seconds; or why none came."""

    made: int = 0
    valid: int = 0
    distinct: int = 0
    seconds: float = 0.0
    refusal: str = ""


# --- the generators ---------------------------------------------------------------------------------------------------


def _ours(task: Task, count: int) -> Documents:
    strategy = from_schema(task.file, task.element)
    return (etree.tostring(element) for element in draw(strategy, count, 1))


def _xmlgenerator(task: Task, count: int) -> Documents:
    from xmlgenerator.configuration import load_config
    from xmlgenerator.generator import XmlGenerator, get_ns_map
    from xmlgenerator.randomization import Randomizer
    from xmlgenerator.substitution import Substitutor

    config = load_config(None)
    randomizer = Randomizer(1)
    substitutor = Substitutor(randomizer, config.variables)
    schema = xmlschema.XMLSchema(task.file)
    element = schema.maps.elements[task.element]
    local = config.get_for_file(task.file.name)
    generator = XmlGenerator(randomizer, substitutor)
    for _ in range(count):
        substitutor.reset_context(task.file.name, element.local_name, local)
        yield etree.tostring(generator.generate_xml(element, local, get_ns_map(schema)))


def _fences(task: Task, count: int) -> Documents:
    """Its documents are the paths through a graph: a finite number, taken again until there are enough."""
    from fences.xml_schema.parse import parse

    file = _declaring(task)
    graph = parse(ElementTree.parse(file).getroot())
    paths = [entry for entry in graph.generate_paths() if entry.is_valid]
    if not paths:
        raise ValueError("no valid path")
    for entry in itertools.islice(itertools.cycle(paths), count):
        yield ElementTree.tostring(graph.execute(entry.path).getroot())


def _declaring(task: Task) -> Path:
    """The file that declares the element: this generator reads one file, and its first element."""
    uri, _, name = task.element.lstrip("{").rpartition("}")
    for file in (task.file, *sorted(task.file.parent.glob("*.xsd"))):
        root = etree.parse(file).getroot()
        declared = [each.get("name") for each in root if each.tag == "{http://www.w3.org/2001/XMLSchema}element"]
        if name in declared and (root.get("targetNamespace") or "") == uri:
            return file
    return task.file


GENERATORS: Final[dict[str, Generator]] = {"ours": _ours, "xmlgenerator": _xmlgenerator, "fences": _fences}


# --- the tasks --------------------------------------------------------------------------------------------------------


def requests(folder: Path) -> Iterator[Task]:
    """The shipped operations' requests, each in a folder of its own."""
    for service in load_services().values():
        for operation in service.operations.values():
            yield _request(operation, folder / operation.service)


def _request(operation: Operation, folder: Path) -> Task:
    shutil.copytree(operation.folder, folder)
    for each in folder.glob("*.xsd"):
        _without_notes(each)
    content = operation.bindings[0].request.body
    element = content.element or operation.schema.wrapper(content.type_name or "")
    file = folder / "schema.xsd"
    if content.element is None:
        declared = f'<xs:element name="{element}" type="{content.type_name}"/></xs:schema>'
        file.write_text(file.read_text("utf-8").replace("</xs:schema>", declared), "utf-8")
    return Task(operation.key, file, element)


def _without_notes(file: Path) -> None:
    """Takes our notes of where components come from out of a schema: foreign attributes stop one of the others."""
    document = etree.parse(file)
    for element in document.iter(etree.Element):
        for name in element.attrib:
            if namespace_of(str(name)) == SOURCE:
                del element.attrib[name]
    document.write(file, encoding="utf-8", xml_declaration=True)


def constructs() -> Iterator[Task]:
    """The schemas of our tests: the first global element of each."""
    for file in sorted(CORPUS.glob("*.xsd")):
        try:
            schema = xmlschema.XMLSchema10(file)
        except xmlschema.XMLSchemaException:
            continue
        elements = [each.name for each in schema.elements.values() if not each.abstract]
        if elements:
            yield Task(file.stem, file, elements[0])


# --- measuring --------------------------------------------------------------------------------------------------------


def outcome(generator: Generator, task: Task, count: int) -> Outcome:
    """What a generator makes of a task. Setting up does not count."""
    try:
        first = next(iter(generator(task, 2)), None)
        begun = time.process_time()
        made = list(generator(task, count)) if first is not None else []
        seconds = time.process_time() - begun
    except Exception as error:
        said = str(error).strip().splitlines()
        return Outcome(refusal=f"{type(error).__name__}: {said[0] if said else ''}"[:80])
    valid = _validity(task)
    return Outcome(len(made), sum(map(valid, made)), len(set(made)), seconds)


def _validity(task: Task) -> Callable[[bytes], bool]:
    exact = xmlschema.XMLSchema10(task.file)
    try:
        fast = etree.XMLSchema(etree.parse(task.file))
    except etree.XMLSchemaParseError:
        fast = None

    def is_valid(document: bytes) -> bool:
        try:
            root = etree.fromstring(document)
            return (fast is None or fast.validate(root)) and exact.is_valid(root)  # type: ignore[arg-type]
        except Exception:
            return False

    return is_valid


# --- the page ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Measures, prints and, if asked to, writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/peers.md too")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with TemporaryDirectory() as folder:
        page = "\n".join(_page(list(requests(Path(folder))), list(constructs()))) + "\n"
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")


def _page(asked: Sequence[Task], built: Sequence[Task]) -> Iterator[str]:
    yield "# Our strategies beside other generators"
    yield ""
    yield f"`python -m bench.peers` has each make {OF_A_REQUEST} documents of the shipped requests and {OF_A_CONSTRUCT}"
    yield "of each schema that the tests of our strategies use, from the first element that it declares. A document is"
    yield "valid if lxml and xmlschema both take it. Processor time counts while documents are made and serialised;"
    yield "each has made two documents before, so that it is warm."
    yield ""
    yield "## The five requests"
    yield ""
    yield _row(("Request", *(f"{name}: {what}" for name in GENERATORS for what in ("valid", "distinct", "per second"))))
    yield _row(("---", *["---:"] * (3 * len(GENERATORS))))
    for task in asked:
        outcomes = [outcome(generator, task, OF_A_REQUEST) for generator in GENERATORS.values()]
        yield _row((f"`{task.title}`", *(cell for each in outcomes for cell in _cells(each))))
    yield ""
    yield "## Constructs"
    yield ""
    yield "Share of valid documents, or why there are none."
    yield ""
    yield _row(("Schema", *GENERATORS))
    yield _row(("---", *["---"] * len(GENERATORS)))
    supported = dict.fromkeys(GENERATORS, 0)
    for task in built:
        cells = []
        for name, generator in GENERATORS.items():
            found = outcome(generator, task, OF_A_CONSTRUCT)
            supported[name] += bool(found.made) and found.valid == found.made
            cells.append(_share(found))
        yield _row((f"`{task.title}`", *cells))
    yield ""
    for name, count in supported.items():
        yield f"- {name}: every document valid for {count} of {len(built)} schemas."


def _cells(found: Outcome) -> tuple[str, str, str]:
    if not found.made:
        return (f"none ({found.refusal})", "", "")
    return (f"{found.valid / found.made:.0%}", f"{found.distinct}", f"{found.made / found.seconds:,.0f}")


def _share(found: Outcome) -> str:
    return f"{found.valid / found.made:.0%}" if found.made else f"none ({found.refusal})".replace("|", "/")


def _row(cells: Sequence[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
