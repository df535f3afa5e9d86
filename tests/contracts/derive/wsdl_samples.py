"""WSDLs of our own making: small ones with one feature each, and large ones of any number of operations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
NAMESPACE = "http://orders.example/"

HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="{SOAP11}" xmlns:soap12="{SOAP12}"
    xmlns:http="http://schemas.xmlsoap.org/wsdl/http/" xmlns:mime="http://schemas.xmlsoap.org/wsdl/mime/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}">
"""

ECHO = """<xs:element name="Echo"><xs:complexType><xs:sequence>
  <xs:element name="text" type="xs:string" minOccurs="0"/>
  <xs:element name="count" type="xs:int"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="EchoResponse"><xs:complexType><xs:sequence>
  <xs:element name="EchoResult" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
"""

LITERAL = '<{p}:body use="literal"/>'


@dataclass(frozen=True)
class Op:
    """One operation: the parts of its messages, and what its binding says."""

    name: str
    input: str
    output: str | None
    input_body: str = LITERAL
    output_body: str = LITERAL
    style: str = "document"
    faults: str = ""
    bound_faults: str = ""
    input_name: str = ""


def element_op(name: str, **given: str) -> Op:
    """A document/literal operation whose messages are the elements `name` and `nameResponse`."""
    parts = [f'<part name="parameters" element="t:{each}"/>' for each in (name, f"{name}Response")]
    return Op(name, parts[0], parts[1], **given)  # type: ignore[arg-type]


def schema(content: str, attributes: str = 'elementFormDefault="qualified"', namespace: str = NAMESPACE) -> str:
    """A schema for wsdl:types."""
    return f'<xs:schema targetNamespace="{namespace}" {attributes}>\n{content}</xs:schema>\n'


def wsdl(
    types: str = "",
    ops: Iterable[Op] = (),
    *,
    head: str = "",
    messages: str = "",
    protocols: Iterable[str] = ("soap",),
    more: str = "",
    ports: Mapping[str, str] | None = None,
) -> str:
    """A WSDL with one port type and a binding for each protocol (`soap`, `soap12`)."""
    listed = list(ops)
    addresses = ports or dict.fromkeys(protocols, "http://orders.example/svc/orders.asmx")
    parts = [HEAD, head, f"<types>\n{types or schema(ECHO)}</types>\n", messages]
    parts += [_messages(op) for op in listed]
    parts += ['<portType name="Port">\n', *(_abstract(op) for op in listed), "</portType>\n"]
    parts += [_binding(each, listed) for each in protocols]
    parts += [more, '<service name="Orders">\n']
    parts += [
        f'<port name="{each}Port" binding="t:{each}Binding"><{each}:address location="{address}"/></port>\n'
        for each, address in addresses.items()
    ]
    return "".join([*parts, "</service>\n</definitions>\n"])


def _key(op: Op) -> str:
    return op.input_name or op.name


def _messages(op: Op) -> str:
    made = f'<message name="{_key(op)}In">{op.input}</message>\n'
    return made + (f'<message name="{_key(op)}Out">{op.output}</message>\n' if op.output is not None else "")


def _abstract(op: Op) -> str:
    named = f' name="{op.input_name}"' if op.input_name else ""
    output = f'<output{named} message="t:{_key(op)}Out"/>' if op.output is not None else ""
    return f'<operation name="{op.name}"><input{named} message="t:{_key(op)}In"/>{output}{op.faults}</operation>\n'


def _binding(prefix: str, ops: Iterable[Op]) -> str:
    rows = [
        f'<binding name="{prefix}Binding" type="t:Port">\n'
        f'<{prefix}:binding transport="http://schemas.xmlsoap.org/soap/http"/>\n'
    ]
    for op in ops:
        named = f' name="{op.input_name}"' if op.input_name else ""
        output = f"<output{named}>{op.output_body.format(p=prefix)}</output>" if op.output is not None else ""
        rows.append(
            f'<operation name="{op.name}">\n'
            f'<{prefix}:operation soapAction="{NAMESPACE}{_key(op)}" style="{op.style}"/>\n'
            f"<input{named}>{op.input_body.format(p=prefix)}</input>{output}"
            f"{op.bound_faults.format(p=prefix)}</operation>\n"
        )
    return "".join([*rows, "</binding>\n"])


def large_wsdl(operations: int) -> str:
    """A WSDL of that many operations, each with types of its own, some shared by all, and a base that all extend."""
    shared = (
        '<xs:complexType name="Base"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence>'
        "</xs:complexType>\n"
        '<xs:complexType name="Address"><xs:sequence><xs:element name="street" type="xs:string" minOccurs="0"/>'
        '<xs:element name="town" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType>\n'
    )
    return wsdl(
        schema(shared + "".join(_large_types(n) for n in range(operations))),
        [element_op(f"Op{n}") for n in range(operations)],
        protocols=("soap", "soap12"),
    )


def _large_types(n: int) -> str:
    members = "".join(
        f'<xs:element name="m{m}" type="xs:{kind}" minOccurs="0"/>\n'
        for m, kind in enumerate(("string", "long", "dateTime", "boolean", "decimal"))
    )
    return (
        f'<xs:simpleType name="Kind{n}"><xs:restriction base="xs:string"><xs:enumeration value="A"/>'
        f'<xs:enumeration value="B"/></xs:restriction></xs:simpleType>\n'
        f'<xs:complexType name="Order{n}"><xs:complexContent><xs:extension base="t:Base"><xs:sequence>\n{members}'
        f'<xs:element name="kind" type="t:Kind{n}"/><xs:element name="address" type="t:Address" minOccurs="0"/>'
        f"</xs:sequence></xs:extension></xs:complexContent></xs:complexType>\n"
        f'<xs:element name="Op{n}"><xs:complexType><xs:sequence>'
        f'<xs:element name="order" type="t:Order{n}" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>\n'
        f'<xs:element name="Op{n}Response"><xs:complexType><xs:sequence>'
        f'<xs:element name="Op{n}Result" type="t:Order{n}" minOccurs="0" maxOccurs="unbounded"/>'
        f"</xs:sequence></xs:complexType></xs:element>\n"
    )
