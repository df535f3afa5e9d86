"""Keys, references and ids: all that has to agree varies together, and each way to break it is told for what it is."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import HealthCheck, Phase, given, seed, settings
from lxml import etree
from planned_messages import SEED
from schema_corpus import ELEMENTS, file_of, rule_of
from test_schema_constructs import operation_of

import strategies
from strategies.compiling import compile_schema
from strategies.draws import draw
from strategies.errors import UnsupportedError
from strategies.grammar import grammar_of
from strategies.payloads import changes, messages, payloads
from strategies.settling import Settler
from strategies.sites import Site, text_of
from strategies.specimens import Specimen
from strategies.templates import template_of

MANY = 'maxOccurs="unbounded"'
ANY = 'minOccurs="0" maxOccurs="unbounded"'


def leaf(name: str, type_name: str = "xs:int", occurs: str = MANY, more: str = "") -> str:
    return f'<xs:element name="{name}" type="{type_name}" {occurs} {more}/>'


def element(name: str, inside: str, occurs: str = MANY) -> str:
    return f'<xs:element name="{name}" {occurs}><xs:complexType>{inside}</xs:complexType></xs:element>'


def attribute(name: str, type_name: str = "xs:int", more: str = 'use="required"') -> str:
    return f'<xs:attribute name="{name}" type="{type_name}" {more}/>'


def constraint(kind: str, selector: str, *fields: str, refer: str = "") -> str:
    """A constraint named as its kind and selector, of a keyref as what it refers to, too."""
    name = f"{kind}-{selector.strip('./').replace('/', '-').replace('|', '-')}" + (refer and f"-{refer}")
    refers = f' refer="{refer}"' if refer else ""
    paths = "".join(f'<xs:field xpath="{each}"/>' for each in fields)
    return f'<xs:{kind} name="{name}"{refers}><xs:selector xpath="{selector}"/>{paths}</xs:{kind}>'


def key(selector: str, *fields: str) -> str:
    return constraint("key", selector, *fields)


def keyref(refer: str, selector: str, *fields: str) -> str:
    return constraint("keyref", selector, *fields, refer=refer)


def schema_of(content: str, constraints: str = "", more: str = "") -> xmlschema.XMLSchema10:
    inside = f"<xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType>"
    return xmlschema.XMLSchema10(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:element name="r">{inside}{constraints}</xs:element>{more}</xs:schema>'
    )


def list_type(name: str, facets: str = "", base: str = "xs:IDREFS") -> str:
    return f'<xs:simpleType name="{name}"><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'


SIDES = list_type("side", '<xs:enumeration value="a"/><xs:enumeration value="b"/>', "xs:token")
TWO_KEYS = key("k", ".") + keyref("key-k", "f", ".")
PAIRS = key("k", "@a", "@b") + keyref("key-k", "f", "@a", "@b")
PAIR = attribute("a", "side") + attribute("b", "side")
OF_IDS = leaf("k", "xs:ID")


@cache
def of(name: str) -> xmlschema.XMLSchema10:
    return schema_of(*SCHEMAS[name])


SCHEMAS = {
    "key": (leaf("k") + leaf("f"), TWO_KEYS),
    "narrower reference": (leaf("k", "xs:decimal") + leaf("f", "xs:byte"), TWO_KEYS),
    "key of names": (leaf("k", "xs:QName") + leaf("f", "xs:QName", ANY), TWO_KEYS),
    "key of unions": (
        leaf("k", "u") + leaf("f", "u", ANY), TWO_KEYS,
        '<xs:simpleType name="u"><xs:union memberTypes="xs:int xs:token"/></xs:simpleType>',
    ),
    "pairs": (element("k", PAIR) + element("f", PAIR, ANY), PAIRS, SIDES),
    "two names of a key": (leaf("k") + leaf("m", occurs=ANY) + leaf("f", occurs=ANY),
                           key("k|m", ".") + keyref("key-k-m", "f", ".")),
    "key anywhere": (element("g", f"<xs:sequence>{leaf('k')}</xs:sequence>") + leaf("f", occurs=ANY),
                     key(".//k", ".") + keyref("key-k", "f", ".")),
    "parent": (element("p", attribute("id") + attribute("parent", more="")),
               key("p", "@id") + keyref("key-p", "p", "@parent")),
    "key that is a reference": (leaf("a") + leaf("b") + leaf("d", occurs=ANY),
                                key("a", ".") + key("b", ".") + keyref("key-a", "b", ".") + keyref("key-b", "d", ".")),
    "reference to two keys": (leaf("k") + leaf("m") + leaf("f", occurs=ANY),
                              key("k", ".") + key("m", ".") + keyref("key-k", "f", ".")
                              + keyref("key-m", "f", ".")),
    "unique that may lack": (element("k", attribute("a", more="")) + leaf("f", occurs=ANY),
                             constraint("unique", "k", "@a") + keyref("unique-k", "f", ".")),
    "default": (element("k", attribute("a", more='default="5"')) + leaf("f", occurs=ANY),
                key("k", "@a") + keyref("key-k", "f", ".")),
    "ids": (OF_IDS + leaf("f", "xs:IDREF", ANY) + leaf("g", "xs:IDREFS", ANY),),
    "two ids or more": (OF_IDS + leaf("g", "ids"), "", list_type("ids", '<xs:minLength value="2"/>')),
    "no more than two ids": (OF_IDS + leaf("g", "ids", ""), "", list_type("ids", '<xs:maxLength value="2"/>', "any")
                             + '<xs:simpleType name="any"><xs:list itemType="xs:IDREF"/></xs:simpleType>'),
    "number or id": (OF_IDS + leaf("g", "u"), "",
                     '<xs:simpleType name="u"><xs:union memberTypes="xs:int xs:IDREF"/></xs:simpleType>'),
    "id of few names": (leaf("k", "e") + leaf("f", "xs:IDREF", ANY), "",
                        list_type("e", '<xs:enumeration value="x"/><xs:enumeration value="y"/>', "xs:ID")),
    "reference of few names": (OF_IDS + leaf("f", "e"), "",
                               list_type("e", '<xs:enumeration value="x"/><xs:enumeration value="y"/>', "xs:IDREF")),
}  # fmt: skip

KEYED = [each for each in ELEMENTS if each[0] in ("identities", "keys", "constraints")]


def specimen_of(name: str) -> Specimen:
    return compile_schema(of(name)).specimen("r")


def agreeing(specimen: Specimen) -> Iterator[Site]:
    """The values of a sample that have to differ or agree."""
    return (site for site in specimen.sites if site.unique and site.kind == "value")


@pytest.mark.parametrize("name", SCHEMAS)
def test_both_validators_accept_every_edge_and_all_that_is_drawn(name: str) -> None:
    validators = compile_schema(of(name)).validators
    for case in strategies.edge_cases(of(name), "r"):
        assert validators.complaint(case.element) is None, case
    sample = etree.tostring(specimen_of(name).root)
    drawn = list(draw(strategies.from_schema(of(name), "r"), 25, SEED))
    assert [validators.complaint(root) for root in drawn] == [None] * 25
    assert sample not in {etree.tostring(root) for root in drawn}


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_has_to_agree_takes_every_edge_and_none_is_left_out(name: str) -> None:
    specimen = specimen_of(name)
    sites = list(agreeing(specimen))
    taken = {(ch.where, ch.after) for case in strategies.edge_cases(of(name), "r") for ch in case.changes}
    for site in sites:
        alike = [each.where for each in sites if each.path == site.path and each.scope == site.scope]
        assert all(any((where, option.after) in taken for where in alike) for option in site.options), site
    assert not any(each.where == site.where for each in specimen.left_out for site in sites)


@pytest.mark.parametrize("name, element", KEYED)
def test_no_draw_falls_back_to_the_sample(name: str, element: str) -> None:
    specimen = compile_schema(file_of(name)).specimen(element)
    if all(site.constant for site in specimen.sites):
        return
    sample = etree.tostring(specimen.root)
    drawn = draw(strategies.from_schema(file_of(name), element), 50, SEED)
    assert sum(etree.tostring(root) == sample for root in drawn) == 0


def test_what_refers_to_a_key_follows_it() -> None:
    edges = [case.element for case in strategies.edge_cases(of("key"), "r") if case.changes[:1] and
             case.changes[0].where == "k[1]"]  # fmt: skip
    assert {root[0].text for root in edges} >= {"2147483647", "-2147483648", "-1", "0"}
    for root in edges:
        assert {each.text for each in root.findall("f")} == {root[0].text}


def test_references_name_other_keys_than_the_first() -> None:
    named = set()
    for root in draw(strategies.from_schema(of("key"), "r"), 200, SEED):
        keys = [each.text for each in root.findall("k")]
        named |= {keys.index(each.text) for each in root.findall("f")}
    assert named >= {0, 1}


def test_of_two_fields_that_refer_both_vary() -> None:
    pairs = set()
    for root in draw(strategies.from_schema(of("pairs"), "r"), 200, SEED):
        pairs |= {(each.get("a"), each.get("b")) for each in root.findall("f")}
    assert pairs == {(one, two) for one in "ab" for two in "ab"}


def test_as_many_rows_as_there_are_pairs_of_values() -> None:
    longest = max(len(case.element.findall("k")) for case in strategies.edge_cases(of("pairs"), "r"))
    assert longest == 4


def test_a_key_with_too_few_values_is_refused_by_name() -> None:
    schema = schema_of(element("k", PAIR, 'minOccurs="5" maxOccurs="9"'), key("k", "@a", "@b"), SIDES)
    with pytest.raises(UnsupportedError, match="more rows than values for constraint key-k"):
        strategies.from_schema(schema, "r")


def test_a_sample_with_one_of_each_stands_where_two_cannot_be_told_apart() -> None:
    rows = f"<xs:sequence>{element('k', attribute('a', 'side'))}{element('f', attribute('b', more=''))}</xs:sequence>"
    schema = schema_of(element("g", rows), key("g/k", "@a") + key("g/f", "@b"), SIDES)
    sample = compile_schema(schema).specimen("r").root
    assert [len(sample.findall(path)) for path in ("g", "g/k", "g/f")] == [1, 1, 1]
    validators = compile_schema(schema).validators
    assert all(validators.complaint(root) is None for root in draw(strategies.from_schema(schema, "r"), 20, SEED))


def test_a_key_on_what_is_nillable_is_refused_by_name() -> None:
    schema = schema_of(leaf("k", more='nillable="true"'), key("k", "."))
    with pytest.raises(
        UnsupportedError, match=r"key-k, a field of which is nillable \(cvc-identity-constraint\.4\.2\.3\)"
    ):
        strategies.from_schema(schema, "r")


def test_a_reference_whose_key_is_kept_above_is_refused_by_name() -> None:
    inner = f"<xs:complexType><xs:sequence>{leaf('f')}</xs:sequence></xs:complexType>{keyref('key-k', 'f', '.')}"
    schema = schema_of(leaf("k") + f'<xs:element name="g">{inner}</xs:element>', key("k", "."))
    with pytest.raises(UnsupportedError, match="a reference to nothing that is there"):
        strategies.from_schema(schema, "r")


@pytest.mark.parametrize(
    "name, leaves, lengths",
    [("ids", "g", {1, 2, 50}), ("two ids or more", "g", {2, 3, 50}), ("no more than two ids", "g", {0, 1, 2})],
)
def test_lists_of_references_are_as_long_as_they_may_be(name: str, leaves: str, lengths: set[int]) -> None:
    found = set()
    for case in strategies.edge_cases(of(name), "r"):
        ids = {each.text.strip() for each in case.element.findall("k") if each.text}
        for each in case.element.findall(leaves):
            assert set((each.text or "").split()) <= ids
            found.add(len((each.text or "").split()))
    assert found >= lengths


def test_of_ids_of_few_names_each_has_another() -> None:
    for root in draw(strategies.from_schema(of("id of few names"), "r"), 40, SEED):
        ids = [each.text for each in root.findall("k")]
        assert len(ids) == len(set(ids))


def test_a_fault_in_a_key_shrinks_to_the_sample_with_that_key_and_what_follows() -> None:
    sample = specimen_of("key").root

    @seed(SEED)
    @settings(database=None, deadline=None, phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategies.from_schema(of("key"), "r"))
    def check(root: etree._Element) -> None:
        found.append(root)
        assert int(root[0].text or "0") < 1000

    found: list[etree._Element] = []
    with pytest.raises(AssertionError):
        check()
    pairs = list(zip(sample, found[-1], strict=True))
    assert {two.text for one, two in pairs if one.text != two.text} == {found[-1][0].text}
    assert [one.tag for one, two in pairs if one.text != two.text] == ["k", "f", "f"]


# --- settling a tree --------------------------------------------------------------------------------------------------


def settled(name: str, document: str, varied: str = "", before: str = "") -> tuple[list[str], str | None]:
    """The texts of a document's leaves once they are settled, and what is against it; one leaf has been varied."""
    root = etree.fromstring(document)
    touched = {(root.find(varied), None): before} if varied else {}
    complaint = Settler(grammar_of(of(name))).settle(root, touched)  # type: ignore[arg-type]
    return [text_of(each, None) for each in root], complaint


SETTLED = {
    "references follow a key": ("<r><k>9</k><k>2</k><f>1</f><f>2</f></r>", "k", "1", ["9", "2", "9", "2"]),
    "a key that takes another's value pushes that aside": (
        "<r><k>2</k><k>2</k><f>1</f><f>2</f></r>", "k", "1", ["2", "1", "2", "2"]),
    "a copy gets a value of its own": ("<r><k>1</k><k>1</k><k>1</k><f>1</f></r>", "", "", ["1", "2", "3", "1"]),
    "what names nothing names the first": ("<r><k>1</k><k>2</k><f>7</f></r>", "", "", ["1", "2", "1"]),
    "what names what is there is left": ("<r><k>1</k><k>2</k><f>2</f></r>", "f", "1", ["1", "2", "2"]),
}  # fmt: skip


@pytest.mark.parametrize("document, varied, before, after", SETTLED.values(), ids=SETTLED)
def test_values_are_settled(document: str, varied: str, before: str, after: list[str]) -> None:
    assert settled("key", document, varied, before)[0][: len(after) - 1] == after[:-1]
    assert settled("key", document, varied, before)[1] is None


@pytest.mark.parametrize(
    "document, varied, complaint",
    [
        ("<r><f>1</f></r>", "", "nothing that is there"),
        ("<r><k>1</k><f>7</f></r>", "f", "not there any more"),
    ],
)
def test_what_cannot_be_settled_is_told(document: str, varied: str, complaint: str) -> None:
    assert complaint in str(settled("key", document, varied, "1")[1])


@pytest.mark.parametrize(
    "type_name, one, two",
    [("decimal", "1", "1.0"), ("boolean", "1", "true"), ("duration", "P1D", "PT24H"), ("hexBinary", "0a", "0A"),
     ("dateTime", "2001-01-01T00:00:00Z", "2001-01-01T01:00:00+01:00"), ("double", "NaN", "NaN")],
)  # fmt: skip
def test_keys_that_are_written_otherwise_and_are_the_same_are_told_apart(type_name: str, one: str, two: str) -> None:
    schema = schema_of(leaf("k", f"xs:{type_name}"), key("k", "."))
    root = etree.fromstring(f"<r><k>{one}</k><k>{two}</k></r>")
    validators = compile_schema(schema).validators
    assert validators.complaint(root) is not None
    assert Settler(grammar_of(schema)).settle(root) is None
    assert root[0].text == one
    assert validators.complaint(root) is None


# --- defects ----------------------------------------------------------------------------------------------------------

OF_CONSTRAINTS = {
    "cvc-identity-constraint.4.1": "Duplicate key-sequence .* in unique identity-constraint",
    "cvc-identity-constraint.4.2.1": "Not all fields of key identity-constraint",
    "cvc-identity-constraint.4.2.2": "Duplicate key-sequence .* in key identity-constraint",
    "cvc-identity-constraint.4.3": "No match found for key-sequence",
    "cvc-id.2": "is not a valid value of the (atomic|union|local) ?(union )?type",
}
"""What libxml2 says where a clause is broken."""

BOTH_NAMED = {"{urn:example:keys}family"}
"""Where each key is referred to, so that a reference dangles when one is another's."""


@pytest.mark.parametrize("name, element", KEYED)
def test_defects_of_constraints_break_the_clause_on_record_and_no_other(name: str, element: str) -> None:
    fast = compile_schema(file_of(name)).validators.fast
    assert fast is not None
    for case in strategies.invalid_cases(file_of(name), element):
        clause = case.change.rule.rpartition("(")[2].removesuffix(")")
        if clause in OF_CONSTRAINTS and case.change.after is not None:
            assert not fast.validate(etree.fromstring(etree.tostring(case.element)))
            said = [error.message for error in fast.error_log]
            assert any(_says(each, clause) for each in said), (case, said)
            assert element in BOTH_NAMED or all(_says(each, clause) for each in said), (case, said)


def _says(message: str, clause: str) -> bool:
    words = OF_CONSTRAINTS[clause].split(" .* ")
    return all(word.split("(")[0] in message for word in words)


def defects(name: str) -> dict[str, tuple[str, str | None, str | None]]:
    """By rule, the last of a schema's defects of constraints: where, before, after."""
    rules = ("same-key", "no-key", "dangling-reference", "same-id")
    cases = [case for case in strategies.invalid_cases(of(name), "r") if rule_of(case) in rules]
    return {rule_of(case): (case.change.where, case.change.before, case.change.after) for case in cases}


def test_what_nothing_refers_to_is_broken() -> None:
    assert defects("key") == {"same-key": ("k[2]", "2", "1"), "dangling-reference": ("f[1]", "1", "3")}
    assert defects("pairs") == {
        "same-key": ("k[2]/@a", "b", "a"),
        "no-key": ("k[2]/@b", "b", None),
        "dangling-reference": ("f[1]/@a", "a", "b"),
    }


# --- operations -------------------------------------------------------------------------------------------------------


def test_messages_of_an_operation_with_keys_are_valid_and_say_what_varies(tmp_path: Path) -> None:
    content = leaf("k") + leaf("f") + leaf("note", "xs:string", "")
    keys = f"<xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType>{TWO_KEYS}"
    operation = operation_of(tmp_path, f'<xs:element name="r">{keys}</xs:element>')
    template = template_of(operation, "xml")
    for drawn in draw(changes(template), 60, SEED):
        payload = template.vary(drawn)
        assert template.is_valid(payload)
        for change in drawn:
            if change.where.startswith("k["):
                number = int(change.where[2:-1])
                assert payload.body.findall("k")[number - 1].text == change.after
    for payload in draw(payloads(operation, "xml"), 30, SEED):
        assert template.is_valid(payload)
    bodies = [message.request.body or b"" for message in draw(messages(operation, "xml"), 60, SEED)]
    assert all(operation.schema.fast.validate(etree.fromstring(body)) for body in bodies)
    assert len(set(bodies)) > 30
