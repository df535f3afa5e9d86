"""What schemas and messages cost: `python -m bench.schemas` prints the table of docs/strategies.md."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

import strategies
from contracts.loader import load_services
from strategies.draws import draw
from strategies.payloads import messages, payloads
from strategies.templates import template_of
from strategies.values.choices import Turned
from strategies.wire import request

ELEMENTS = 500
DRAWN = 4_000
GIVEN = 1_000
TYPES = ("int", "string", "dateTime", "boolean", "decimal")


def element(name: str, content: str) -> str:
    return f'<xs:element name="{name}"><xs:complexType>{content}</xs:complexType></xs:element>'


def leaves(count: int) -> Iterable[str]:
    return (f'<xs:element name="a{n}" type="xs:{TYPES[n % 5]}" minOccurs="{n % 2}"/>' for n in range(count))


def pattern(number: int) -> str:
    """A pattern like those of reference numbers, another for each number."""
    return f"[A-Z]{{{1 + number % 7}}}-[0-9]{{{1 + number % 5},{9 + number % 9}}}(x|y{number})?"


def shapes() -> dict[str, tuple[str, Sequence[str]]]:
    """Schemas of 500 element declarations, and the elements that strategies are made of."""
    sequence = f"<xs:sequence>{''.join(leaves(ELEMENTS - 1))}</xs:sequence>"
    choice = f"<xs:choice>{''.join(leaves(ELEMENTS - 1))}</xs:choice>"
    inner = "".join(leaves(4))
    types = "".join(
        f'<xs:simpleType name="t{n}"><xs:restriction base="xs:string"><xs:pattern value="{pattern(n)}"/>'
        "</xs:restriction></xs:simpleType>"
        for n in range(ELEMENTS - 1)
    )
    typed = "".join(f'<xs:element name="a{n}" type="t{n}"/>' for n in range(ELEMENTS - 1))
    records = [element(f"e{n}", f"<xs:sequence>{inner}</xs:sequence>") for n in range(ELEMENTS // 5)]
    return {
        "one sequence": (element("r", sequence), ["r"]),
        "one choice": (element("r", choice), ["r"]),
        "499 leaves, each of a pattern of its own": (
            types + element("r", f"<xs:sequence>{typed}</xs:sequence>"),
            ["r"],
        ),
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


def as_plans_draw(strategy: SearchStrategy[object]) -> float:
    """Microseconds that one example costs, drawn as the plan of a run draws."""
    return seconds(lambda: deque(draw(strategy, DRAWN, 0), 0)) / DRAWN * 1e6


def under_given(strategy: SearchStrategy[object]) -> float:
    """Microseconds that one example costs in a test under `@given`, with Hypothesis's settings but for the number."""

    @settings(max_examples=GIVEN, database=None, deadline=None)
    @given(strategy)
    def test(_: object) -> None:
        pass

    return seconds(test) / GIVEN * 1e6


WAYS = {"as plans draw": as_plans_draw, "under `@given`": under_given}


def draw_lines() -> Iterable[str]:
    """What a two-session `logsAvailable` costs, beside twice a bare example and ten times what lxml does with it."""
    operation = load_services()["utws"].operations["logsAvailable"]
    template = template_of(operation, "soap11")
    body = request(template, template.vary(())).body or b""
    drawn = {
        "messages": messages(operation, "soap11"),
        "payloads, written": Turned(payloads(operation, "soap11"), partial(request, template)),
        "documents_from_schema": strategies.documents_from_schema(operation.schema, "logsAvailable"),
    }

    def read_and_write() -> None:
        for _ in range(DRAWN):
            etree.tostring(etree.fromstring(body))

    lxml = seconds(read_and_write) / DRAWN * 1e6
    yield f"lxml parses and writes the message in {lxml:.0f} microseconds."
    yield ""
    yield "| microseconds an example | `st.integers()` | twice that and ten times lxml | drawn and written | share |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for way, measure in WAYS.items():
        bare = measure(st.integers())
        limit = 2 * bare + 10 * lxml
        for name, strategy in drawn.items():
            spent = measure(strategy)
            yield f"| `{name}`, {way} | {bare:.0f} | {limit:.0f} | {spent:.0f} | {spent / limit:.2f} |"


if __name__ == "__main__":
    print("\n".join([*compile_table(), "", *draw_lines()]))
