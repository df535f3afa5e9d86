"""A WSDL 1.1 document as a source of contracts: each operation's bindings, the slice of the schemas that it reaches,
and its requirements.

Document/literal and rpc/literal over SOAP 1.1 and SOAP 1.2, and HTTP GET and POST. What is not judged (SOAP encoding,
attachments, other transports) is refused by name, and the rest is derived. Source: WSDL 1.1 sections 3 to 5.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from contracts.derive.description import (
    Caution,
    Inference,
    OperationDescription,
    ServiceDescription,
)
from contracts.derive.wsdl_documents import Bundle, Library, Loaded, gather, library_for
from contracts.derive.wsdl_leaves import leaves_of
from contracts.derive.wsdl_messages import FORM, Messages, Slice, is_empty
from contracts.derive.wsdl_requirements import Requirements
from contracts.derive.wsdl_rulings import RulingsFile, ruled
from contracts.derive.wsdl_schemas import SchemaSet, Unreachable
from contracts.derive.wsdl_structure import SOAP_NAMESPACES, Call, Refusal, Structure, read_structure
from contracts.errors import ContractError, Place
from contracts.model import Binding, Content, Protocol
from contracts.names import SOURCE, XSD, local_name

TEXT_MATCHING: Final = "http://microsoft.com/wsdl/mime/textMatching/"
"""Namespace that every WSDL of ASP.NET ASMX declares, and no other generator's."""

MICROSOFT_TYPES: Final = "http://microsoft.com/wsdl/types/"
SERVICESTACK_TYPES: Final = "http://schemas.servicestack.net/types"
OTHER_FAMILY: Final = "narrative"
"""The family of a WSDL that shows no sign of its stack: what is demanded there, every SOAP stack that we know keeps."""

MAX_REASONS: Final = 5

_MEDIA_TYPES: Mapping[Protocol, tuple[str | None, str | None, str]] = {
    "soap11": ("text/xml", "utf-8", "text/xml"),
    "soap12": ("application/soap+xml", "utf-8", "application/soap+xml"),
    "http_get": (None, None, "text/xml"),
    "http_post": (FORM, None, "text/xml"),
}
"""Media type and charset of a request, and media type of an answer, where the WSDL says no other."""

_METHODS: Mapping[Protocol, str] = {"soap11": "POST", "soap12": "POST", "http_get": "GET", "http_post": "POST"}
_OK, _ACCEPTED = 200, 202


def describe_wsdl(
    location: str,
    library: Library | None = None,
    *,
    service: str,
    family: str | None = None,
    rulings: RulingsFile | None = None,
) -> ServiceDescription:
    """The service that a WSDL describes; `library` says how it and what it refers to are read, by default as files.

    Raises ContractError where nothing could be derived; what could not be derived of the rest is among the cautions.
    """
    bundle = gather(location, library or library_for(location))
    schemas = SchemaSet(bundle)
    structure = read_structure(bundle, schemas)
    described = _Describer(bundle, schemas, structure, service, family or family_of(bundle)).describe()
    return described if rulings is None else ruled(described, rulings)


def family_of(bundle: Bundle) -> str:
    """The stack family that the kind of WSDL implies."""
    namespaces = {uri for loaded in bundle.documents for element in _tops(loaded) for uri in element.nsmap.values()}
    targets = {element.get("targetNamespace") for loaded in bundle.documents for element in _tops(loaded)}
    if TEXT_MATCHING in namespaces or MICROSOFT_TYPES in targets:
        return "asmx"
    return "servicestack" if SERVICESTACK_TYPES in targets | namespaces else OTHER_FAMILY


def _tops(loaded: Loaded) -> Iterator[etree._Element]:
    """The root and its schemas: where namespaces that tell the generator are declared."""
    yield loaded.root
    yield from loaded.root.iter(f"{{{XSD}}}schema")


class _Describer:
    """Turns the calls of a WSDL into operations."""

    def __init__(self, bundle: Bundle, schemas: SchemaSet, structure: Structure, service: str, family: str) -> None:
        self._bundle, self._schemas, self._structure = bundle, schemas, structure
        self._service, self._family = service, family
        self._messages = Messages(bundle, schemas)
        self._promised = Requirements(bundle, schemas, service)
        self._cautions = list(structure.cautions)
        self._noted: set[str] = set()
        self._documents = bundle.kept
        self._locations = {each.name: each.location for each in bundle.documents}
        self._base = _base_path(structure.calls)

    def describe(self) -> ServiceDescription:
        """The service; raises ContractError if no operation could be derived."""
        found = [self._operation(name, calls) for name, calls in _operations(self._structure.calls).items()]
        operations = tuple(each for each in found if each is not None)
        self._cautions += [each for each in self._structure.schema_cautions if each.source.note in self._noted]
        if not operations:
            raise self._nothing()
        return ServiceDescription(
            name=self._service,
            title=self._structure.service or self._service,
            family=self._family,
            operations=operations,
            cautions=tuple(replace(each, file=self._locations[each.source.document]) for each in self._cautions),
        )

    def _nothing(self) -> ContractError:
        reasons = [
            f"{Place(self._locations[each.source.document], each.source.line)}: {each.problem}"
            for each in self._cautions[:MAX_REASONS]
        ]
        more = len(self._cautions) - len(reasons)
        told = "; ".join([*reasons, *([f"and {more} more"] if more > 0 else [])])
        problem = "nothing can be derived from it" + (f": {told}" if told else ": it has no operation")
        return ContractError(Place(self._bundle.main.location), problem)

    # --- one operation ---

    def _operation(self, name: str, calls: Sequence[Call]) -> OperationDescription | None:
        """An operation over all bindings that could be derived; None, with cautions, if none could."""
        slice_, bindings, kept = Slice(), list[Binding](), list[Call]()
        for call in self._first_of_each_protocol(calls):
            try:
                attempt = slice_.copy()
                binding = self._binding(call, calls, attempt)
                self._schemas.reach(attempt.roots)
            except Refusal as refusal:
                self._refuse(call, refusal.at, refusal.problem)
            except Unreachable as error:
                self._refuse(call, call.at, str(error))
            else:
                slice_, bindings, kept = attempt, [*bindings, binding], [*kept, call]
        if not bindings:
            return None
        schemas = self._schemas.slice_of(slice_.roots, tuple(slice_.made.values()))
        self._noted |= {note for each in schemas for note in _notes_of(each.root)}
        return OperationDescription(
            name=name,
            documents=self._documents,
            bindings=tuple(bindings),
            schemas=schemas,
            requirements=tuple(self._promised.of(name, bindings, kept)),
            leaves=tuple(leaves_of(self._schemas, bindings[0].request.body.element or "")),
            inferences=tuple(self._inferences(bindings, kept)),
        )

    def _first_of_each_protocol(self, calls: Sequence[Call]) -> Iterator[Call]:
        """One call for each protocol: the first; of another port's, only that it is there is said."""
        seen: set[Protocol] = set()
        for call in calls:
            if call.protocol in seen:
                where = f" at {call.address}" if call.address else ""
                self._caution(
                    call.at, f"{call.name} over {call.protocol}{where} is left out: an earlier port has it too"
                )
            else:
                seen.add(call.protocol)
                yield call

    def _refuse(self, call: Call, at: etree._Element, problem: str) -> None:
        self._caution(at, f"{call.name} over {call.protocol} is left out: {problem}")

    def _caution(self, at: etree._Element, problem: str) -> None:
        caution = Caution(self._bundle.source(at), problem)
        if caution not in self._cautions:
            self._cautions.append(caution)

    # --- one binding ---

    def _binding(self, call: Call, calls: Sequence[Call], slice_: Slice) -> Binding:
        request, response = self._messages.shapes(call, calls, slice_)
        media_type, charset, answer_type = _MEDIA_TYPES[call.protocol]
        path, host = _documented(call)
        return Binding(
            protocol=call.protocol,
            source=self._bundle.source(call.at),
            method=_METHODS[call.protocol],
            path=self._path(call, path),
            documented_path=path,
            documented_host=host,
            request=request,
            response=response,
            error=None,
            request_media_type=media_type,
            request_charset=charset,
            response_media_types=() if call.output is None or _has_no_body(call, response.body) else (answer_type,),
            noted_media_types=(),
            soap_action=call.soap_action if call.protocol == "soap11" else None,
            status_code=_OK if call.output is not None else _ACCEPTED,
        )

    def _path(self, call: Call, documented: str | None) -> str:
        """The path relative to the target's URL, which stands for the common start of the ports' addresses."""
        path = documented if documented is not None else call.location
        if documented is not None:
            path = path.removeprefix(self._base)
        if not path or path.startswith("/"):
            return path.rstrip("/") if path == "/" else path
        return f"/{path}"

    def _inferences(self, bindings: Sequence[Binding], calls: Sequence[Call]) -> Iterator[Inference]:
        for binding, call in zip(bindings, calls, strict=True):
            place = binding.source
            yield Inference(
                f"{binding.protocol} path",
                repr(binding.path),
                "documented" if call.address else "inferred",
                place,
                f"the port's address is {call.address}" if call.address else "the WSDL gives no address",
            )
            if binding.protocol in SOAP_NAMESPACES:
                clause = {"soap11": "SOAP 1.1 section 6.1", "soap12": "SOAP 1.2 part 2 section 7.1.4"}[binding.protocol]
                yield Inference(
                    f"{binding.protocol} media type", binding.request_content_type or "none", "standard", place, clause
                )
            if call.output is None:
                yield Inference(
                    f"{binding.protocol} status", "202", "convention", place, "one-way: WS-I Basic Profile 1.1, R2714"
                )


def _operations(calls: Sequence[Call]) -> Mapping[str, Sequence[Call]]:
    """The calls of each operation, by its name.

    Port types for several protocols (ASMX has one for each) make one operation; a further one for a protocol that has
    its own already makes another, which bears the port type's name too: `GetStatus` and `GetStatus.Replay`.
    """
    found: dict[str, list[Call]] = {}
    for call in calls:
        own = f"{call.name}.{local_name(call.port_type)}"
        taken = {each.port_type for each in found.get(call.name, ()) if each.protocol == call.protocol}
        is_another = bool(taken) and call.port_type not in taken
        found.setdefault(own if is_another else call.name, []).append(call)
    return found


def _notes_of(root: etree._Element) -> Iterator[str]:
    for element in root.iter("*"):
        note = element.get(f"{{{SOURCE}}}at")
        if note is not None:
            yield note


def _has_no_body(call: Call, content: Content) -> bool:
    """Whether an answer has no content at all, which a SOAP envelope with an empty Body is not."""
    return is_empty(content) and call.protocol not in SOAP_NAMESPACES


def _documented(call: Call) -> tuple[str | None, str | None]:
    """Path and host of a call as the WSDL prints them; None where it gives no address."""
    if call.address is None:
        return None, None
    parts = urlsplit(call.address)
    return f"{parts.path.rstrip('/')}{call.location}" if call.location else parts.path, parts.netloc or None


def _base_path(calls: Sequence[Call]) -> str:
    """The path that a target's URL stands for: the ports' own if they share it, else the folders that they share."""
    paths = sorted({urlsplit(call.address).path.rstrip("/") for call in calls if call.address})
    return posixpath.commonpath(paths).rstrip("/") if paths and all(paths) else ""
