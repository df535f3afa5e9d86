"""`python -m bench.derive [--write]`: how the time to derive grows with a WSDL's operations, and with a page's size.

Each measure is taken in a process of its own, the least of a few, so that one hiccup does not bend the line.
"""

import argparse
import html
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "derive-bench.md"
SIZES = (50, 100, 200, 400)
LIMIT = 20.0
"""Times the load of xmlschema that the derivation of the largest may take."""

_TEXT = """# Deriving large WSDLs and pages

## WSDLs

Written by `python -m bench.derive --write`. WSDLs of our own making: each operation has messages, a structure that
extends a base, an enumeration and an array of its own over SOAP 1.1 and SOAP 1.2, and shares an address with all the
others. *Load* is what xmlschema's WSDL reader takes to read the document with its schemas; *describe* reads it,
resolves it and slices the schemas for each operation; *derive* is all that the command does: it describes, begins
rulings, loads what it would write, and writes it. Times are the processor's, the least of {rounds} runs each.

| operations | WSDL | load | describe | derive | derive, each operation | derive over load | files | written |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

Twice the operations take {growth} the time, up to {most} operations; {most} derive within {ratio:.1f} times the time
that xmlschema takes to load the WSDL (at most {limit:g} wanted).

## Pages

Saved HTML pages of one operation: most of each is the list that its sample holds, with its tags escaped, or the words,
links and tables around a small sample. Times are those of all that the command does.

| page | derive, a long sample | derive, much around it |
| ---: | ---: | ---: |
{pages}
"""
PAGE_SIZES = (0.625, 1.25, 2.5, 5.0)
"""Megabytes of saved HTML."""


@dataclass(frozen=True, slots=True)
class Row:
    """One size: seconds of each measure, bytes of the WSDL and of what is written, and how many files that is."""

    operations: int
    size: int
    load: float
    describe: float
    derive: float
    files: int
    written: int


def wsdl(operations: int) -> str:
    """A WSDL with that many operations."""
    numbers = range(operations)
    names = [f"Operation{n}" for n in numbers]
    types = _SHARED + "".join(_TYPES.format(n=n) for n in numbers)
    messages = "".join(_MESSAGES.format(name=name) for name in names)
    abstract = "".join(_ABSTRACT.format(name=name) for name in names)
    bindings = "".join(
        _BINDING.format(p=prefix, operations="".join(_BOUND.format(p=prefix, name=name) for name in names))
        for prefix in ("soap", "soap12")
    )
    return _WSDL.format(types=types, messages=messages, abstract=abstract, bindings=bindings)


_WSDL = """<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="http://bench.example/" targetNamespace="http://bench.example/">
<wsdl:types><xs:schema targetNamespace="http://bench.example/" elementFormDefault="qualified">
{types}</xs:schema></wsdl:types>
{messages}<wsdl:portType name="Port">
{abstract}</wsdl:portType>
{bindings}<wsdl:service name="Bench">
<wsdl:port name="soap" binding="t:soapBinding"><soap:address location="http://bench.example/s.asmx"/></wsdl:port>
<wsdl:port name="soap12" binding="t:soap12Binding"><soap12:address location="http://bench.example/s.asmx"/></wsdl:port>
</wsdl:service></wsdl:definitions>
"""
_SHARED = """<xs:complexType name="Base"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence>
</xs:complexType>
<xs:complexType name="Address"><xs:sequence><xs:element name="street" type="xs:string" minOccurs="0"/>
<xs:element name="town" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType>
"""
_TYPES = """<xs:simpleType name="Kind{n}"><xs:restriction base="xs:string"><xs:enumeration value="First"/>
<xs:enumeration value="Second"/></xs:restriction></xs:simpleType>
<xs:complexType name="Item{n}"><xs:complexContent><xs:extension base="t:Base"><xs:sequence>
<xs:element name="name" type="xs:string" minOccurs="0"/><xs:element name="price" type="xs:decimal"/>
<xs:element name="added" type="xs:dateTime"/><xs:element name="count" type="xs:long"/>
<xs:element name="kind" type="t:Kind{n}"/><xs:element name="address" type="t:Address" minOccurs="0"/>
</xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="ArrayOfItem{n}"><xs:sequence><xs:element name="Item{n}" type="t:Item{n}" minOccurs="0"
maxOccurs="unbounded" nillable="true"/></xs:sequence></xs:complexType>
<xs:element name="Operation{n}"><xs:complexType><xs:sequence><xs:element name="number" type="xs:int"/>
<xs:element name="items" type="t:ArrayOfItem{n}" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="Operation{n}Response"><xs:complexType><xs:sequence>
<xs:element name="Operation{n}Result" type="t:ArrayOfItem{n}" minOccurs="0"/></xs:sequence></xs:complexType>
</xs:element>
"""
_MESSAGES = """<wsdl:message name="{name}In"><wsdl:part name="parameters" element="t:{name}"/></wsdl:message>
<wsdl:message name="{name}Out"><wsdl:part name="parameters" element="t:{name}Response"/></wsdl:message>
"""
_ABSTRACT = """<wsdl:operation name="{name}"><wsdl:input message="t:{name}In"/><wsdl:output message="t:{name}Out"/>
</wsdl:operation>
"""
_BINDING = """<wsdl:binding name="{p}Binding" type="t:Port">
<{p}:binding transport="http://schemas.xmlsoap.org/soap/http"/>
{operations}</wsdl:binding>
"""
_BOUND = """<wsdl:operation name="{name}"><{p}:operation soapAction="http://bench.example/{name}" style="document"/>
<wsdl:input><{p}:body use="literal"/></wsdl:input><wsdl:output><{p}:body use="literal"/></wsdl:output></wsdl:operation>
"""


# --- pages ------------------------------------------------------------------------------------------------------------

_MESSAGE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body><{name} xmlns="urn:bench">
{content}
  </{name}></s:Body>
</s:Envelope>
"""
_ITEM = """    <item>
      <number>12</number>
      <added>2024-01-15T09:30:00</added>
      <name>some text</name>
    </item>"""
_AROUND = """<div><ul><li><a href="#there">Another page</a></li><li>since: a date (date)</li></ul>
<p>What is <b>said</b> of a request &amp; its <code>limit</code>.</p>
<table><tr><th>Name</th><th>Type</th></tr><tr><td>number</td><td>int</td></tr></table></div>
"""


def page(size: float, *, is_long: bool) -> str:
    """A saved page of that many megabytes, of which a sample is the most, or what stands around it."""
    item = html.escape(_ITEM, quote=False)
    wanted = int(size * 1_000_000)
    items = "\n".join([_ITEM] * (wanted // (len(item) + 1) if is_long else 2))
    around = "" if is_long else _AROUND * (wanted // len(_AROUND))
    request = html.escape(_MESSAGE.format(name="Find", content=items), quote=False)
    answer = html.escape(_MESSAGE.format(name="FindResponse", content="<found>true</found>"), quote=False)
    samples = f"<h2>Request</h2><pre>{request}</pre><h2>Response</h2><pre>{answer}</pre>"
    return f"<html><head><title>Find</title></head><body><h1>Find</h1>{around}{samples}</body></html>"


def _page_row(size: float, scratch: Path, rounds: int) -> str:
    print(f"{size} MB", file=sys.stderr)
    seconds = []
    for is_long in (True, False):
        file = scratch / f"{size}-{is_long}.html"
        file.write_text(page(size, is_long=is_long), "utf-8")
        seconds.append(_measured("derive", file, scratch, rounds))
    return f"| {size:g} MB | {seconds[0]:.1f} s | {seconds[1]:.1f} s |"


# --- measures, each in a process of its own ---------------------------------------------------------------------------


def _load(file: Path, _: Path) -> None:
    from xmlschema.extras.wsdl import Wsdl11Document

    Wsdl11Document(str(file), validation="lax")


def _describe(file: Path, _: Path) -> None:
    from contracts.derive.wsdl import describe_wsdl

    describe_wsdl(str(file), service="bench")


def _derive(file: Path, into: Path) -> None:
    from contracts.derive.deriving import Wanted, derive

    derive([str(file)], Wanted("bench"), into)


MEASURES: Mapping[str, Callable[[Path, Path], None]] = {"load": _load, "describe": _describe, "derive": _derive}


def _measure_here(name: str, file: Path, into: Path) -> None:
    """Prints the processor's seconds of one measure, modules loaded beforehand: others may be at work beside it."""
    small = into / "small.wsdl"
    small.write_text(wsdl(1), "utf-8")
    MEASURES[name](small, into / "small")
    begun = time.process_time()
    MEASURES[name](file, into / "large")
    print(json.dumps(time.process_time() - begun))


def _measured(name: str, file: Path, into: Path, rounds: int) -> float:
    def once() -> float:
        with tempfile.TemporaryDirectory(dir=into) as scratch:
            command = [sys.executable, "-m", "bench.derive", "--measure", name, str(file), scratch]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            return float(json.loads(done.stdout))

    return min(once() for _ in range(rounds))


def _row(operations: int, scratch: Path, rounds: int) -> Row:
    print(f"{operations} operations", file=sys.stderr)
    file = scratch / f"{operations}.wsdl"
    file.write_text(wsdl(operations), "utf-8")
    seconds = {name: _measured(name, file, scratch, rounds) for name in MEASURES}
    _derive(file, scratch / f"out-{operations}")
    files = [each for each in (scratch / f"out-{operations}").rglob("*") if each.is_file()]
    size = file.stat().st_size
    return Row(operations, size, **seconds, files=len(files), written=sum(each.stat().st_size for each in files))


# --- the table --------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Row], rounds: int, pages: Sequence[str] = ()) -> str:
    """The page with the tables of some sizes, the smallest first."""
    lines = [
        f"| {row.operations} | {row.size / 1024:,.0f} KiB | {row.load:.2f} s | {row.describe:.2f} s "
        f"| {row.derive:.2f} s | {row.derive / row.operations * 1000:.1f} ms | {row.derive / row.load:.1f} "
        f"| {row.files:,} | {row.written / 1024 / 1024:.1f} MiB |"
        for row in rows
    ]
    steps = [later.derive / row.derive for row, later in pairwise(rows)]
    growth = f"{min(steps):.1f} to {max(steps):.1f} times" if steps else "-"
    most = rows[-1]
    ratio = most.derive / most.load
    return _TEXT.format(
        rounds=rounds,
        rows="\n".join(lines),
        growth=growth,
        most=most.operations,
        ratio=ratio,
        limit=LIMIT,
        pages="\n".join(pages),
    )


def main() -> None:
    """Measures, prints and, if asked to, writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.derive", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="operations of the WSDLs")
    parser.add_argument("--rounds", type=int, default=3, help="times each measure is taken (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/derive-bench.md too")
    parser.add_argument("--measure", nargs=3, metavar=("NAME", "FILE", "INTO"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        name, file, into = arguments.measure
        _measure_here(name, Path(file), Path(into))
        return
    with tempfile.TemporaryDirectory(prefix="soapstone-bench-") as scratch:
        rows = [_row(size, Path(scratch), arguments.rounds) for size in sorted(arguments.sizes)]
        pages = [_page_row(size, Path(scratch), arguments.rounds) for size in PAGE_SIZES]
    text = table(rows, arguments.rounds, pages)
    print(text)
    if arguments.write:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
