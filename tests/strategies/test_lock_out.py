"""A configured user name only ever goes out with its own password: in its place, under its name, unchanged."""

from collections.abc import Iterator

import pytest
from lxml import etree
from planned_messages import BINDINGS, IDS, sent

from contracts.judge.records import Message, Request
from contracts.loader import load_services
from contracts.model import Binding, Operation
from contracts.names import local_name, namespace_of
from contracts.values import names_in, placeholder
from strategies.draws import draw
from strategies.http_requests import requests
from strategies.payloads import messages
from strategies.templates import Template, template_of
from suites.plan import plan

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)

LOGINS = [
    (operation, binding)
    for operation, binding in BINDINGS
    if {leaf.secret for leaf in operation.leaves if leaf.credential} == {True, False}
]


def planned(operation: Operation, binding: Binding) -> Iterator[Message]:
    """All messages of a thorough plan, and many of what the strategies draw."""
    services = {operation.service: load_services()[operation.service]}
    for item in plan(services, [binding.protocol], "thorough", 17):
        if item.operation.name == operation.name and item.case != "valid":
            yield from item.messages()
    yield from draw(messages(operation, binding.protocol), 400, 17)
    yield from draw(requests(operation, binding.protocol, mandatory=True), 100, 17)


def credentials_of(template: Template) -> dict[str, str]:
    """The names of the configured values of credentials, by the local name of the element that holds each."""
    return {site.path.rpartition("/")[2]: site.leaf.name for site in template.credentials if site.leaf}


def members(request: Request) -> list[etree._Element] | None:
    """The members of a message that is one document, wherever they stand; None for what no reader of XML reads."""
    try:
        root = etree.fromstring(request.body or b"", etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return None
    return [each for each in root.iter() if isinstance(each.tag, str) and not len(each)]


def test_there_is_an_operation_that_logs_in() -> None:
    assert [operation.key for operation, _ in LOGINS] == ["studebaker/Login"]


@pytest.mark.parametrize("operation, binding", LOGINS)
def test_a_user_name_goes_out_with_its_own_password_or_not_at_all(operation: Operation, binding: Binding) -> None:
    template = template_of(operation, binding.protocol)
    wanted = credentials_of(template)
    (sample,) = sent(f"{operation.key}/{binding.protocol}", "known_good")
    order = [local_name(str(each.tag)) for each in members(sample.request) or []]
    uri = namespace_of(str((members(sample.request) or [])[0].tag))
    for message in planned(operation, binding):
        names = names_in(message.request)
        if not names & set(wanted.values()):
            continue
        assert set(wanted.values()) <= names, message.changes
        found = members(message.request)
        if found is None:
            continue
        shown = [local_name(str(each.tag)) for each in found]
        for tag, name in wanted.items():
            (leaf,) = [each for each in found if local_name(str(each.tag)) == tag] or [None]
            assert leaf is not None, message.changes
            assert (leaf.text or "").strip() == placeholder(name), message.changes
            assert namespace_of(str(leaf.tag)) == uri, message.changes
            assert not any("nil" in str(key) for key in leaf.attrib), message.changes
        known = [each for each in shown if each in order]
        assert known == [each for each in order if each in known], message.changes


@over_every_binding
def test_pinned_values_stay_but_where_the_defect_is_in_them(operation: Operation, binding: Binding) -> None:
    """A message without the configured credentials has made-up ones, or says that it is about them."""
    template = template_of(operation, binding.protocol)
    credentials = set(credentials_of(template).values())
    for message in planned(operation, binding):
        names = names_in(message.request) & credentials
        assert names in (credentials, set()), message.changes
        assert message.uses_credentials is (not credentials or bool(names)), message.changes
