"""Documentation pages of our own making, in the layouts that stacks print and in the forms that people save them in."""

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from contracts.derive.description import OperationDescription, ServiceDescription
from contracts.derive.markup import Node
from contracts.derive.pages import Page, describe_pages
from contracts.derive.samples import Sample, samples_of
from contracts.derive.text import normalised, read_text
from contracts.derive.writing import contract_files
from contracts.names import DIFFGRAM, SOAP11_ENVELOPE, SOAP12_ENVELOPE, SOURCE, XSD, XSI
from contracts.schema import Schema

NAMESPACE = "http://example.com/orders"
ENVELOPES = {"soap11": ("soap", SOAP11_ENVELOPE), "soap12": ("soap12", SOAP12_ENVELOPE)}


@dataclass(frozen=True)
class Element:
    """An element to be printed: a placeholder word, or children; `twice` as lists are, `attributes` as written."""

    name: str
    word: str = ""
    children: tuple["Element", ...] = ()
    twice: bool = False
    attributes: str = ""

    def printed(self, indent: int = 0) -> str:
        """The element as Microsoft's help page lays it out."""
        margin, tag = "  " * indent, f"{self.name}{' ' + self.attributes if self.attributes else ''}"
        if self.children:
            inner = "\n".join(child.printed(indent + 1) for child in self.children)
            text = f"{margin}<{tag}>\n{inner}\n{margin}</{self.name}>"
        elif self.word:
            text = f"{margin}<{tag}>{self.word}</{self.name}>"
        else:
            text = f"{margin}<{tag} />"
        return "\n".join([text] * (2 if self.twice else 1))


def soap(protocol: str, body: str, header: str = "") -> str:
    """An envelope as ASMX pages print it."""
    prefix, uri = ENVELOPES[protocol]
    head = f"  <{prefix}:Header>\n{header}\n  </{prefix}:Header>\n" if header else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{prefix}:Envelope xmlns:xsi="{XSI}" xmlns:xsd="{XSD}" '
        f'xmlns:{prefix}="{uri}">\n{head}  <{prefix}:Body>\n{body}\n  </{prefix}:Body>\n</{prefix}:Envelope>'
    )


def asmx_soap(protocol: str, name: str, request: str, response: str | None, *, header: str = "") -> str:
    """The section of one version of SOAP: request and response; a response of None is a one-way call's."""
    media_type = "text/xml" if protocol == "soap11" else "application/soap+xml"
    action = f'SOAPAction: "{NAMESPACE}/{name}"\n' if protocol == "soap11" else ""
    version = "1.1" if protocol == "soap11" else "1.2"
    answer = (
        "HTTP/1.1 202 Accepted"
        if response is None
        else f"HTTP/1.1 200 OK\nContent-Type: {media_type}; charset=utf-8\nContent-Length: length\n\n"
        f"{soap(protocol, response)}"
    )
    return (
        f"SOAP {version}\n\nThe following is a sample SOAP {version} request and response. The placeholders shown need "
        f"to be replaced with actual values.\n\nPOST /shop/orders.asmx HTTP/1.1\nHost: shop.example.com\n"
        f"Content-Type: {media_type}; charset=utf-8\nContent-Length: length\n{action}\n"
        f"{soap(protocol, request, header)}\n{answer}\n"
    )


def asmx_forms(name: str, parameters: Sequence[str], response: str, words: Mapping[str, str] | None = None) -> str:
    """The sections of HTTP GET and HTTP POST; an empty response is that of a method that returns nothing."""
    query = "&".join(f"{each}={(words or {}).get(each, 'string')}" for each in parameters)
    answer = "HTTP/1.1 200 OK\n" + (
        f'Content-Type: text/xml; charset=utf-8\nContent-Length: length\n\n<?xml version="1.0" encoding="utf-8"?>\n'
        f"{response}\n"
        if response
        else ""
    )
    return (
        f"HTTP GET\n\nThe following is a sample HTTP GET request and response.\n\n"
        f"GET /shop/orders.asmx/{name}?{query} HTTP/1.1\nHost: shop.example.com\n\n{answer}\n"
        f"HTTP POST\n\nThe following is a sample HTTP POST request and response.\n\n"
        f"POST /shop/orders.asmx/{name} HTTP/1.1\nHost: shop.example.com\n"
        f"Content-Type: application/x-www-form-urlencoded\nContent-Length: length\n\n{query}\n{answer}\n"
    )


def in_namespace(name: str, children: Sequence[Element], *, indent: int = 2, uri: str = NAMESPACE) -> str:
    """A message's element in a default namespace of its own."""
    return Element(name, children=tuple(children), attributes=f'xmlns="{uri}"').printed(indent)


def asmx_page(
    name: str,
    request: Sequence[Element],
    response: Sequence[Element],
    *,
    protocols: Sequence[str] = ("soap11", "soap12"),
    header: str = "",
) -> str:
    """A help page of an operation over SOAP."""
    sections = "\n".join(
        asmx_soap(
            protocol,
            name,
            in_namespace(name, request),
            in_namespace(f"{name}Response", response),
            header=header,
        )
        for protocol in protocols
    )
    return f"Orders\n\nClick here for a complete list of operations.\n\n{name}\n\nTest\n\n{sections}"


def servicestack_page(name: str, request: str, response: str, *, line: str = "") -> str:
    """A metadata page of an operation over XML."""
    line = line or f"POST /xml/reply/{name} HTTP/1.1"
    body = f"Content-Type: application/xml\nContent-Length: length\n\n{request}\n" if request else ""
    answer = (
        f"HTTP/1.1 200 OK\nContent-Type: application/xml\nContent-Length: length\n\n{response}\n" if response else ""
    )
    return (
        f"Shop\n\n<back to all web services\n\n{name}\n\nTo override the Content-type in your clients HTTP Accept "
        f"Header, append the .xml suffix or ?format=xml\n\nHTTP + XML\n\nThe following are sample HTTP requests and "
        f"responses. The placeholders shown need to be replaced with actual values.\n\n{line} \n"
        f"Host: shop.example.com \n{body}{answer}"
    )


NARRATIVE_PAGE = """\
getUsers

Parameters

| Name | Type | Description |
|---|---|---|
| limit | int | How many at most |
| since | date | Since when |

Sample SOAP Request

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body>
    <u:getUsers xmlns:u="urn:users"><limit>5</limit><since>yesterday</since><name>0007</name></u:getUsers>
  </s:Body>
</s:Envelope>

Sample SOAP Response

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body>
    <u:getUsersResponse xmlns:u="urn:users"><user>Ann</user><user>Bob</user><total>2</total></u:getUsersResponse>
  </s:Body>
</s:Envelope>

Sample Error Response

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body><u:problem xmlns:u="urn:users"><code>7</code></u:problem></s:Body>
</s:Envelope>
"""


# --- forms ------------------------------------------------------------------------------------------------------------


def _html(text: str) -> str:
    """As Microsoft's help page is saved: escaped, placeholders in colour."""
    escaped = html.escape(text, quote=False)
    coloured = re.sub(r"&gt;([A-Za-z ]+)&lt;/", r"&gt;<font class=value>\1</font>&lt;/", escaped)
    return f"<html><head><script>var a = '<soap:Envelope>';</script></head><body><pre>{coloured}</pre></body></html>"


def _html_lines(text: str) -> str:
    escaped = html.escape(text).replace("\n", "<br>").replace("  ", "&nbsp; ")
    return f"<!DOCTYPE html><html><body><div>{escaped}</div></body></html>"


def _in_lines(text: str, make: Callable[[str], str]) -> str:
    return "\n".join(make(line) for line in text.splitlines() if line.strip())


def _fenced(text: str) -> str:
    return re.sub(r"(?m)^(POST|GET|HTTP/1)", r"```\n\n```http\n\1", text) + "\n```\n"


FORMS: dict[str, Callable[[str], str]] = {
    "html": _html,
    "html with line breaks": _html_lines,
    "escaped": lambda text: html.escape(text, quote=False),
    "escaped twice": lambda text: html.escape(html.escape(text)),
    "flattened": lambda text: re.sub(r"\s*\n\s*", " ", text),
    "run together": lambda text: re.sub(r"\s*\n\s*", "", text),
    "without indentation": lambda text: _in_lines(text, str.strip),
    "windows newlines": lambda text: text.replace("\n", "\r\n"),
    "markdown": _fenced,
    "block quote": lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
    "pipes": lambda text: _in_lines(text, lambda line: f"| {line.strip()} |"),
    "line numbers": lambda text: "\n".join(f"{number}: {line}" for number, line in enumerate(text.splitlines(), 1)),
    "no-break spaces": lambda text: re.sub(r"(?m)^ +", lambda match: "\u00a0" * len(match.group()), text),
    "typographic quotes": lambda text: re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text),
    "line numbers in brackets": lambda text: "\n".join(f"[{n}] {line}" for n, line in enumerate(text.splitlines(), 1)),
    "line numbers between lines": lambda text: "\n".join(f"{n}\n{line}" for n, line in enumerate(text.splitlines(), 1)),
    "a string of JSON": lambda text: json.dumps(text, ensure_ascii=False),
    "a string of .NET's JSON": lambda text: (
        json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace('\\"', "\\u0022")
    ),
    "low quotes": lambda text: re.sub(r'"([^"\n]*)"', "\u201e\\1\u201c", text),
    "comments": lambda text: "\n".join(f"// {line}" for line in text.splitlines()),
}
"""Ways in which a page of plain text is saved."""


# --- deriving ---------------------------------------------------------------------------------------------------------


def described(text: str | bytes, **options: Any) -> ServiceDescription:
    """What is derived from a page."""
    content = text if isinstance(text, bytes) else text.encode()
    return describe_pages([Page(Path("given.txt"), content, "page.txt")], "shop", **options)


def one(text: str | bytes, **options: Any) -> OperationDescription:
    """What is derived from a page of one operation."""
    (operation,) = described(text, **options).operations
    return operation


def without_places(operation: OperationDescription) -> dict[str, str]:
    """The files of an operation without what depends on where things stand."""
    files = contract_files("shop", operation)
    return {
        name: re.sub(r's:at="[^"]*"|"(?:[^":]+:)?\d+:\d+"|\s+', " ", content.decode())
        for name, content in files.items()
        if not name.startswith("page")
    }


def schema_of(operation: OperationDescription, folder: Path) -> Schema:
    """The schema of an operation, written and compiled."""
    for name, content in contract_files("shop", operation).items():
        if not name.startswith("../"):
            (folder / name).write_bytes(content)
    shapes = [shape for each in operation.bindings for shape in (each.request, each.response, each.error) if shape]
    contents = [content for shape in shapes for content in (shape.header, shape.body) if content]
    return Schema(folder, {content.type_name for content in contents if content.type_name})


def declarations(operation: OperationDescription) -> dict[str, etree._Element]:
    """The declared elements of an operation, by local name: the first of each name."""
    found: dict[str, etree._Element] = {}
    for schema in operation.schemas:
        for element in schema.root.iter(f"{{{XSD}}}element"):
            if element.get("name"):
                found.setdefault(element.get("name", ""), element)
    return found


def facts(element: etree._Element) -> dict[str, str]:
    """What a declaration says, notes of origin apart."""
    return {str(name): value for name, value in element.attrib.items() if SOURCE not in str(name) and name != "name"}


VALUES = {
    "int": "-5", "short": "5", "long": "5", "byte": "5", "string": "text", "boolean": "true", "decimal": "1.5",
    "double": "1.5E3", "float": "INF", "dateTime": "2020-01-01T00:00:00Z", "base64Binary": "AAAA", "char": "65",
    "guid": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "unsignedInt": "5", "unsignedByte": "255", "date": "2020-01-01",
    "time": "10:00:00", "duration": "P1D", "anyURI": "urn:x",
}  # fmt: skip
"""Placeholder word -> a value."""


def filled(node: Node) -> etree._Element:
    """An element of a sample with values in the place of its placeholders."""
    element = etree.Element(node.tag)
    for attribute in node.attributes:
        element.set(attribute.tag, VALUES.get(attribute.value, attribute.value.split(" or ")[0]))
    if any(child.local == "schema" for child in node.children):
        etree.SubElement(element, f"{{{XSD}}}schema")
        etree.SubElement(element, f"{{{DIFFGRAM}}}diffgram")
        return element
    if not node.children:
        element.text = VALUES.get(node.text, node.text.split(" or ")[0]) or None
        if node.text == "xml":
            element.text = None
            etree.SubElement(element, "anything")
    for child in node.children:
        element.append(filled(child))
    return element


def samples(text: str | bytes) -> list[Sample]:
    """The samples of a page."""
    content = text if isinstance(text, bytes) else text.encode()
    return samples_of(normalised(read_text(content, "page.txt")))
