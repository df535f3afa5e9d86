"""Defects: each is one, says which, and is sent only where the families' table knows what it entitles to."""

import pytest
from lxml import etree
from planned_messages import BINDINGS, IDS, all_messages, operation_named, parts, sent, subject

from contracts.families import families
from contracts.judge.records import Message
from contracts.model import Binding, Operation
from contracts.names import namespace_of
from contracts.values import names_in
from strategies import defects
from strategies.cases import CASES, UNBROKEN, VARIED
from strategies.probes import PLAIN_CREDENTIAL
from strategies.spellings import SPELLINGS
from strategies.structure import RULES
from strategies.templates import template_of

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)

DEFECTS = sorted(set(CASES) - UNBROKEN)
REPEATED = {"still_answers", "consumed_twice", "refused_then_used"}
"""Cases that send a message again: what they look at is what comes of it."""

SOAP = ("soap11", "soap12")
FORMS = ("http_get", "http_post")
DOCUMENTS = (*SOAP, "xml")
POSTED = (*DOCUMENTS, "http_post")
APPLIES: dict[str, tuple[tuple[str, ...], dict[str, defects.Defect]]] = {
    "ill_formed": (DOCUMENTS, dict(defects.ILL_FORMED)),
    "document_type": (DOCUMENTS, dict(defects.DOCUMENT_TYPE)),
    "empty_request": (POSTED, dict(defects.EMPTY_REQUEST)),
    "envelope_version": (SOAP, dict(defects.ENVELOPES)),
    "missing_body": (SOAP, dict(defects.BODIES)),
    "unknown_operation": ((*DOCUMENTS, *FORMS), dict(defects.OPERATIONS)),
    "unknown_mandatory_header": (SOAP, dict(defects.HEADERS)),
    "undocumented_method": ((*DOCUMENTS, *FORMS), dict(defects.METHODS)),
    "unsupported_media_type": (POSTED, dict(defects.MEDIA_TYPES)),
}
"""Where each table's defects mean anything: there the families' table must have a row, or `NOT_SENT` a reason."""

NOT_SENT: dict[str, tuple[set[tuple[str, str]], str]] = {
    "operation-in-other-case": (
        {
            ("asmx", "soap11"),
            ("asmx", "soap12"),
            ("servicestack", "soap12"),
            ("servicestack", "xml"),
            ("narrative", "soap11"),
        },
        "what stacks make of a name in another case is known of paths alone",
    ),
    "operation-in-foreign-namespace": (
        {("asmx", "http_get"), ("asmx", "http_post")},
        "a path has no namespaces",
    ),
    "method-get": (
        {
            ("asmx", "soap11"),
            ("asmx", "soap12"),
            ("asmx", "http_get"),
            ("asmx", "http_post"),
            ("servicestack", "soap12"),
            ("servicestack", "xml"),
        },
        "GET shows a help page or the WSDL, or is documented beside the binding",
    ),
    "media-type-text-xml": (
        {
            ("asmx", "soap11"),
            ("asmx", "soap12"),
            ("servicestack", "soap12"),
            ("servicestack", "xml"),
            ("narrative", "soap11"),
        },
        "the documented type, or one that the family's stacks take like it",
    ),
    "media-type-soap12": (
        {
            ("asmx", "soap12"),
            ("asmx", "http_post"),
            ("servicestack", "soap12"),
            ("servicestack", "xml"),
            ("narrative", "soap11"),
        },
        "the type of SOAP 1.2, or no more telling than the other wrong types",
    ),
    "media-type-application-xml": (
        {("servicestack", "soap12"), ("servicestack", "xml")},
        "the documented type, or one that the stack takes like it",
    ),
    "media-type-form": ({("asmx", "http_post")}, "the documented type"),
}
"""Defects without a row for a family and binding, and why they are not sent there."""


def key_of(operation: Operation, binding: Binding) -> str:
    return f"{operation.key}/{binding.protocol}"


def broken(operation: Operation, binding: Binding, case: str) -> list[Message]:
    """The messages of a case without the known-good ones that stand between them."""
    return [message for message in sent(key_of(operation, binding), case) if message.kind == "defect"]


@over_every_binding
@pytest.mark.parametrize("case", APPLIES)
def test_every_defect_has_a_row_for_family_and_binding(operation: Operation, binding: Binding, case: str) -> None:
    protocols, table = APPLIES[case]
    if binding.protocol not in protocols:
        assert sent(key_of(operation, binding), case) == ()
        return
    where = (operation.family, binding.protocol)
    missing = {name for name in table if families().defect(name, *where) is None}
    excused = {name for name in table if name in NOT_SENT and where in NOT_SENT[name][0]}
    assert missing == excused


def test_every_row_of_the_table_names_a_defect_that_exists() -> None:
    made = {name for _, table in APPLIES.values() for name in table}
    made |= set(defects.SOAP_ACTIONS) | set(defects._WHOLE_FORMS)
    made |= {"missing-parameter", "parameter-without-value", "repeated-number", "nil-value"}
    made |= {"invalid-credentials", "invalid-login", "comment-in-value"}
    made |= {name for table in (*VARIED.values(), PLAIN_CREDENTIAL) for name in table} | set(SPELLINGS)
    made |= {*RULES, "two-branches", "too-few", "too-many", "operation-without-namespace"}
    named = {name for row in families()._table["defect"] for name in row.get("names", [row.get("name")])}
    assert named <= made
    assert {name for _, table in APPLIES.values() for name in table} <= named


@over_every_binding
@pytest.mark.parametrize("case", DEFECTS)
def test_defects_say_what_they_are_and_why(operation: Operation, binding: Binding, case: str) -> None:
    (known_good,) = sent(key_of(operation, binding), "known_good")
    for message in broken(operation, binding, case):
        assert message.expectation in ("reject", "either")
        assert message.because
        assert len(message.changes) == 1
        assert message.request != known_good.request or case == "consumed_twice"


@over_every_binding
def test_no_two_defects_of_a_case_are_the_same(operation: Operation, binding: Binding) -> None:
    for case in set(DEFECTS) - REPEATED:
        requests = [message.request for message in broken(operation, binding, case)]
        assert len(set(requests)) == len(requests), case


@over_every_binding
def test_wrong_lexical_values_are_wrong_and_alone(operation: Operation, binding: Binding) -> None:
    for message in sent(key_of(operation, binding), "invalid_lexical"):
        if message.changes[0].rule == "repeated-number":
            continue
        valid = [operation.schema.fast.validate(part) for part in parts(operation, binding, message.request)]
        assert not all(valid), message.changes


def test_first_wrong_values_reach_every_typed_leaf() -> None:
    wheres = [message.changes[0].where for message in sent("utws/logsAvailable/soap11", "invalid_lexical", 6)]
    assert len(set(wheres)) == 6


def test_a_wrong_credential_goes_with_made_up_ones() -> None:
    messages = sent("mobileconnect/UserClientSessionLogRequest/soap12", "invalid_lexical")
    of_session = [message for message in messages if message.changes[0].where == "SessionUid"]
    assert of_session
    for message in of_session:
        assert not message.uses_credentials
        assert b"SOAPSTONE-NO-SUCH-DEVICE" in (message.request.body or b"")


@over_every_binding
def test_ill_formed_documents_do_not_parse(operation: Operation, binding: Binding) -> None:
    for message in sent(key_of(operation, binding), "ill_formed"):
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(message.request.body or b"")
        forbidden = "forbidden" in message.changes[0].rule
        assert message.forbidden_characters is forbidden


@over_every_binding
def test_document_types_declare_no_entities(operation: Operation, binding: Binding) -> None:
    for message in sent(key_of(operation, binding), "document_type"):
        info = etree.fromstring(message.request.body or b"").getroottree().docinfo
        assert info.doctype
        assert info.internalDTD is not None
        assert list(info.internalDTD.entities()) == []


@over_every_binding
def test_mandatory_blocks_are_the_only_difference(operation: Operation, binding: Binding) -> None:
    for message in sent(key_of(operation, binding), "unknown_mandatory_header"):
        root = etree.fromstring(message.request.body or b"")
        uri = namespace_of(str(root.tag))
        block = root.find(f"{{{uri}}}Header/{{{defects.FOREIGN}}}{defects.UNKNOWN}")
        assert block is not None
        assert block.get(f"{{{uri}}}mustUnderstand") in ("1", "true")
        assert parts(operation, binding, message.request)


def test_soap_actions_are_varied_only_where_the_page_prints_one() -> None:
    actions = [
        dict(message.request.headers)["SOAPAction"]
        for message in sent("utws/logsAvailable/soap11", "foreign_soap_action")
    ]
    assert len(actions) == 3
    assert '""' in actions
    for key in IDS:
        if not key.endswith("soap11") or key.startswith("partstream"):
            assert sent(key, "foreign_soap_action") == ()


@over_every_binding
def test_methods_are_not_those_that_the_page_documents(operation: Operation, binding: Binding) -> None:
    documented = {each.method for each in operation.bindings if each.path == binding.path}
    messages = sent(key_of(operation, binding), "undocumented_method")
    assert messages
    assert documented.isdisjoint(message.request.method for message in messages)


def test_media_type_of_a_form_never_carries_one_of_several_credentials() -> None:
    messages = sent("studebaker/Login/xml", "unsupported_media_type")
    forms = [
        message
        for message in messages
        if dict(message.request.headers).get("Content-Type") == "application/x-www-form-urlencoded"
    ]
    assert len(forms) == 1
    assert names_in(forms[0].request) == frozenset()


@pytest.mark.parametrize("protocol", FORMS)
def test_each_parameter_is_left_out_once(protocol: str) -> None:
    messages = sent(f"ecgridos/ReportInstantStats/{protocol}", "missing_parameter")
    left_out = [message.changes[0].where for message in messages if message.changes[0].rule == "missing-parameter"]
    assert left_out == ["SessionID", "Minutes1", "Minutes2"]


def test_a_login_is_tried_with_made_up_names_only() -> None:
    messages = sent("studebaker/Login/xml", "invalid_login")
    assert len(messages) == 4, "all made up, each left empty, and a hash beside"
    for message in messages:
        assert names_in(message.request) == frozenset()
        assert message.expectation == "reject"
        assert not message.uses_credentials


@pytest.mark.parametrize("case", ["invalid_credentials", "invalid_login"])
def test_without_credentials_there_are_none_to_make_up(case: str) -> None:
    assert sent("utws/logsAvailable/soap11", case) == ()


@over_every_binding
def test_healed_defects_are_never_yielded(operation: Operation, binding: Binding) -> None:
    sample = defects.Sample(template_of(operation, binding.protocol))
    table = {name: defects.Defect("document", "heals", lambda sample: sample.request) for name in defects.ILL_FORMED}
    assert list(defects.drafts(sample, table, defects.is_ill_formed)) == []


def test_limits_take_the_first_of_a_case() -> None:
    operation = operation_named("ReportInstantStats")
    binding = operation.bindings[0]
    two: list[Message] = list(CASES["ill_formed"](subject(operation, binding, 2)))
    assert [message.changes[0].after for message in two] == list(defects.ILL_FORMED)[:2]


@over_every_binding
def test_rejections_are_planned_for_every_binding(operation: Operation, binding: Binding) -> None:
    assert any(message.expectation == "reject" for message in all_messages(key_of(operation, binding)))
