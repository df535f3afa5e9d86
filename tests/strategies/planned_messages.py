"""What the tests of strategies share: every binding of every service, cases run over it, and messages read back."""

from collections.abc import Iterator
from functools import cache
from urllib.parse import parse_qsl

from lxml import etree

from contracts.judge.records import Message, Request
from contracts.loader import load_services
from contracts.model import Binding, Content, Operation
from contracts.names import namespace_of
from contracts.values import fill
from strategies.cases import CASES
from strategies.subjects import Subject
from strategies.templates import made_up, template_of

BINDINGS = [
    (operation, binding)
    for service in load_services().values()
    for operation in service.operations.values()
    for binding in operation.bindings
]
IDS = [f"{operation.key}/{binding.protocol}" for operation, binding in BINDINGS]
SEED = 20_240_229


def subject(operation: Operation, binding: Binding, limit: int | None = None, seed: int = SEED) -> Subject:
    return Subject(operation, binding, requirement_id="a/1/b", item="item", limit=limit, seed=seed)


@cache
def sent(key: str, case: str, limit: int | None = None) -> tuple[Message, ...]:
    """The messages of a case over the binding of that id."""
    operation, binding = BINDINGS[IDS.index(key)]
    return tuple(CASES[case](subject(operation, binding, limit)))


def operation_named(name: str) -> Operation:
    return next(operation for operation, _ in BINDINGS if operation.name == name)


def all_messages(key: str) -> Iterator[Message]:
    for case in CASES:
        yield from sent(key, case, 60 if case == "valid" else None)


def filled(operation: Operation, request: Request) -> Request:
    """The request with made-up values where configured ones will stand."""
    template = template_of(operation, operation.bindings[0].protocol)
    return fill(request, {site.leaf.name: made_up(site) for site in template.credentials if site.leaf})


def parts(operation: Operation, binding: Binding, request: Request) -> list[etree._Element]:
    """The Header and Body content of a request, or its document, each as an element that the schema declares."""
    request = filled(operation, request)
    if binding.is_form:
        return [_from_parameters(binding, request)]
    root = etree.fromstring(request.body or b"")
    if not binding.is_soap:
        return [root]
    uri = namespace_of(str(root.tag))
    found = []
    for name, content in (("Header", binding.request.header), ("Body", binding.request.body)):
        if content is not None:
            part = root.find(f"{{{uri}}}{name}")
            assert part is not None
            found.append(_as_declared(operation, part, content))
    return found


def _as_declared(operation: Operation, part: etree._Element, content: Content) -> etree._Element:
    if content.element is not None:
        return part[0]
    wrapper = etree.Element(operation.schema.wrapper(content.type_name or ""))
    wrapper.extend(list(part))
    return wrapper


def _from_parameters(binding: Binding, request: Request) -> etree._Element:
    text = (request.body or b"").decode() or request.path.partition("?")[2]
    tag = binding.request.body.element or ""
    root = etree.Element(tag)
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True):
        etree.SubElement(root, f"{{{namespace_of(tag)}}}{name}").text = value
    return root
