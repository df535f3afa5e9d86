"""What schemas and messages cost: `python -m bench.schemas` prints the table of docs/strategies.md."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import xmlschema
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

import strategies
from contracts.loader import load_services
from strategies.draws import draw
from strategies.payloads import changes
from strategies.templates import Template, template_of
from strategies.wire import request

ELEMENTS = 500
DRAWN = 4_000
TYPES = ("int", "string", "dateTime", "boolean", "decimal")


def element(name: str, content: str) -> str:
    return f'<xs:element name="{name}"><xs:complexType>{content}</xs:complexType></xs:element>'


def leaves(count: int) -> Iterable[str]:
    return (f'<xs:element name="a{n}" type="xs:{TYPES[n % 5]}" minOccurs="{n % 2}"/>' for n in range(count))


def shapes() -> dict[str, tuple[str, Sequence[str]]]:
    """Schemas of 500 element declarations, and the elements that strategies are made of."""
    sequence = f"<xs:sequence>{''.join(leaves(ELEMENTS - 1))}</xs:sequence>"
    choice = f"<xs:choice>{''.join(leaves(ELEMENTS - 1))}</xs:choice>"
    inner = "".join(leaves(4))
    records = [element(f"e{n}", f"<xs:sequence>{inner}</xs:sequence>") for n in range(ELEMENTS // 5)]
    return {
        "one sequence": (element("r", sequence), ["r"]),
        "one choice": (element("r", choice), ["r"]),
        "100 elements of 4 leaves, each compiled": ("".join(records), [f"e{n}" for n in range(ELEMENTS // 5)]),
        "500 leaves, each compiled": (
            "".join(f'<xs:element name="e{n}" type="xs:int"/>' for n in range(ELEMENTS)),
            [f"e{n}" for n in range(ELEMENTS)],
        ),
    }


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the quickest of three turns."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def compile_table() -> Iterable[str]:
    yield "| schema of 500 element declarations | xmlschema loads it, ms | strategies compile it, ms | times |"
    yield "| --- | --- | --- | --- |"
    for name, (body, elements) in shapes().items():
        text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{body}</xs:schema>'
        load = seconds(partial(xmlschema.XMLSchema10, text))
        schema = xmlschema.XMLSchema10(text)
        start = time.process_time()
        for each in elements:
            strategies.from_schema(schema, each)
        spent = time.process_time() - start
        yield f"| {name} | {load * 1000:.0f} | {spent * 1000:.0f} | {spent / load:.1f} |"


def draw_lines() -> Iterable[str]:
    operation = load_services()["utws"].operations["logsAvailable"]
    template = template_of(operation, "soap11")
    body = request(template, template.vary(())).body or b""

    def each(strategy: SearchStrategy[object]) -> float:
        return seconds(lambda: sum(1 for _ in draw(strategy, DRAWN, 0))) / DRAWN * 1e6

    def read_and_write() -> None:
        for _ in range(DRAWN):
            etree.tostring(etree.fromstring(body))

    yield "| microseconds each | |"
    yield "| --- | --- |"
    yield f"| a bare `st.integers()`, drawn as plans are | {each(st.integers()):.0f} |"
    yield f"| a two-session `logsAvailable`, drawn as plans are and written | {each(_written(template)):.0f} |"
    yield f"| lxml parses and writes the same message | {seconds(read_and_write) / DRAWN * 1e6:.0f} |"


def _written(template: Template) -> SearchStrategy[object]:
    return changes(template).map(lambda drawn: request(template, template.vary(drawn)))


if __name__ == "__main__":
    print("\n".join([*compile_table(), "", *draw_lines()]))
