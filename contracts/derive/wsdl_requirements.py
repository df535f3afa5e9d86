"""The promises that a WSDL makes of answers, as requirements with stable ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.derive.description import RequirementDescription
from contracts.derive.wsdl_documents import Bundle
from contracts.derive.wsdl_messages import is_empty
from contracts.derive.wsdl_schemas import SchemaSet
from contracts.derive.wsdl_structure import SOAP_NAMESPACES, Call
from contracts.model import Binding, Content, Protocol
from contracts.names import DIFFGRAM, XSD
from contracts.sources import Source


class Requirements:
    """Writes an operation's requirements."""

    def __init__(self, bundle: Bundle, schemas: SchemaSet, service: str) -> None:
        self._bundle, self._schemas, self._service = bundle, schemas, service

    def of(self, name: str, bindings: Sequence[Binding], calls: Sequence[Call]) -> Iterator[RequirementDescription]:
        """The requirements of an operation over the bindings that were derived from calls."""
        told = {binding.protocol: binding.response.body for binding in bindings}
        at = {call.protocol: self._answer_source(call, told[call.protocol]) for call in calls}
        does = f"calls {name}"
        says_nothing = all(map(is_empty, told.values()))
        plain = RequirementDescription(
            id=f"{self._service}/{name}/response-element",
            level="must",
            basis="convention" if says_nothing else "documented",
            at=at,
            does=does,
            requires="a successful answer is empty, as the WSDL names no output"
            if says_nothing
            else "a successful answer holds the element that the WSDL names as its output",
            accepts=tuple(dict.fromkeys(_accepted(body) for body in told.values())),
            check="payload_root",
            needs_observation=True,
        )
        yield plain
        yield replace(
            plain,
            id=f"{self._service}/{name}/response-matches-schema",
            requires="a successful answer is valid against the WSDL's schemas: names, namespaces, order, types",
            accepts=("any instance of the schemas",),
            check="payload_schema",
        )
        yield from self._dataset_requirements(name, told, at, does)
        yield from self._fault_requirements(name, calls, does)

    def _fault_requirements(self, name: str, calls: Sequence[Call], does: str) -> Iterator[RequirementDescription]:
        """What the details of declared faults promise: other faults may come, these must be as declared."""
        declaring = [call for call in calls if call.faults]
        elements = sorted({block.part.element for call in declaring for block in call.faults if block.part.element})
        if not elements:
            return
        yield RequirementDescription(
            id=f"{self._service}/{name}/declared-fault-details",
            level="must",
            basis="documented",
            at={call.protocol: self._bundle.source(call.at) for call in declaring},
            does=does,
            requires="the detail of a fault that the WSDL declares is valid against the WSDL's schemas",
            accepts=("any instance of the schemas", "a fault without such a detail"),
            check="fault_detail",
            parameters={"elements": elements},
        )

    def _answer_source(self, call: Call, body: Content) -> Source:
        """Where the WSDL says what an answer holds: the element's declaration, or the binding of the output."""
        component = None if body.element is None else self._schemas.find("element", body.element)
        if component is not None:
            return component.document.source(component.element)
        return self._bundle.source(call.at if call.output is None else call.output.at)

    def _dataset_requirements(
        self, name: str, told: Mapping[Protocol, Content], at: Mapping[Protocol, Source], does: str
    ) -> Iterator[RequirementDescription]:
        """What a .NET DataSet promises, where the declared answer is one. Source: [MS-DSDG]."""
        holding = {
            protocol: place
            for protocol, place in at.items()
            if self._is_dataset(told[protocol], wrapped=protocol in SOAP_NAMESPACES)
        }
        if not holding:
            return
        prefix = f"{self._service}/{name}"
        shape = RequirementDescription(
            id=f"{prefix}/dataset-has-schema-and-diffgram",
            level="must",
            basis="convention",
            at=holding,
            does=does,
            requires="the result holds an XML schema, then a diffgram, and no text",
            accepts=("xs:schema, then diffgr:diffgram with or without children", "a null result"),
            check="dataset_shape",
        )
        yield shape
        yield replace(
            shape,
            id=f"{prefix}/dataset-schema-compiles",
            requires="the schema in the result is an XML schema that compiles",
            accepts=("any schema document valid by XML Schema 1.0", "a null result"),
            check="dataset_schema",
            depends_on=(shape.id,),
        )
        yield replace(
            shape,
            id=f"{prefix}/dataset-data-is-valid",
            level="should",
            requires="the data instance in the diffgram, without its diffgr and msdata attributes, is valid against "
            "the schema before it",
            accepts=("a valid instance", "a diffgram without a data instance", "a null result"),
            check="dataset_data",
            depends_on=(f"{prefix}/dataset-schema-compiles",),
        )

    def _is_dataset(self, body: Content, *, wrapped: bool) -> bool:
        """Whether an answer is a DataSet: a wildcard for a schema document, then one for what it describes."""
        component = None if body.element is None else self._schemas.find("element", body.element)
        element = None if component is None else component.element
        steps = f"{{{XSD}}}complexType/{{{XSD}}}sequence"
        if wrapped:
            element = None if element is None else element.find(f"{steps}/{{{XSD}}}element")
        members = [] if element is None else list(element.iterfind(f"{steps}/*"))
        if component is None or len(members) != 2:
            return False
        first, second = members
        is_schema = first.get("namespace") == XSD or first.get("ref", "").rpartition(":")[2] == "schema"
        named = first.tag == f"{{{XSD}}}any" or component.name_of(first.get("ref", ""), first) == f"{{{XSD}}}schema"
        return is_schema and named and second.tag == f"{{{XSD}}}any" and second.get("namespace") in (DIFFGRAM, None)


def _accepted(body: Content) -> str:
    return body.element or (f"the elements of {body.type_name}" if body.type_name else "no body")
