"""Strategies for any schema: both validators accept what is called valid; what cannot be made is refused by name."""

from pathlib import Path

import pytest
import xmlschema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree
from planned_messages import SEED, operation_named
from schema_corpus import ELEMENTS, IDS, file_of

import strategies
from contracts.errors import ContractError, UnknownNameError
from strategies.compiling import compile_schema
from strategies.draws import draw
from strategies.errors import UnsatisfiableError, UnsupportedError

over_the_corpus = pytest.mark.parametrize("name, element", ELEMENTS, ids=IDS)

DRAWN = 12
"""Documents drawn per element: with those of the deterministic phase, every site of every element is met."""


@over_the_corpus
def test_both_validators_accept_what_is_drawn(name: str, element: str) -> None:
    validators = compile_schema(file_of(name)).validators
    for root in draw(strategies.from_schema(file_of(name), element), DRAWN, SEED):
        assert validators.complaint(root) is None, etree.tostring(root)


@over_the_corpus
def test_lxml_accepts_every_edge_case_and_xmlschema_one_in_four(name: str, element: str) -> None:
    validators = compile_schema(file_of(name)).validators
    for index, case in enumerate(strategies.edge_cases(file_of(name), element)):
        complain = validators.complaint if index % 4 == 0 else validators.fast_complaint
        assert complain(case.element) is None, case.changes


@over_the_corpus
def test_edge_cases_take_every_option_of_every_site(name: str, element: str) -> None:
    specimen = compile_schema(file_of(name)).specimen(element)
    if specimen.is_delicate:
        return
    taken = {
        (change.kind, change.after) for case in strategies.edge_cases(file_of(name), element) for change in case.changes
    }
    wanted = {(site.kind, option.after) for site in specimen.sites if not site.constant for option in site.options}
    assert wanted <= taken


@over_the_corpus
def test_samples_are_left_as_they_are(name: str, element: str) -> None:
    specimen = compile_schema(file_of(name)).specimen(element)
    before = etree.tostring(specimen.root)
    for case in strategies.edge_cases(file_of(name), element)[:20]:
        case.element.clear()
    assert etree.tostring(specimen.root) == before


def test_the_same_is_drawn_from_every_form_of_a_schema() -> None:
    file = file_of("particles")
    compiled = xmlschema.XMLSchema10(str(file))
    forms = (file, str(file), compiled)
    drawn = [[etree.tostring(root) for root in draw(strategies.from_schema(form, "groups"), 5, SEED)] for form in forms]
    assert drawn[0] == drawn[1] == drawn[2]
    schema = operation_named("logsAvailable").schema
    (root,) = draw(strategies.from_schema(schema, "logsAvailable"), 1, SEED)
    assert schema.fast.validate(root)


def test_a_schema_from_text_has_both_validators() -> None:
    schema = xmlschema.XMLSchema10(file_of("recursion").read_text("utf-8"))
    assert compile_schema(schema).validators.fast is not None
    assert next(draw(strategies.from_schema(schema, "chain"), 1, SEED)).tag == "{urn:example:recursion}chain"


@pytest.mark.parametrize("written", ["groups", "{urn:example:particles}groups"])
def test_elements_are_found_by_any_of_their_names(written: str) -> None:
    (root,) = draw(strategies.from_schema(file_of("particles"), written), 1, SEED)
    assert root.tag == "{urn:example:particles}groups"


def test_a_prefix_is_that_of_the_schema() -> None:
    (root,) = draw(strategies.from_schema(file_of("substitution"), "p:record"), 1, SEED)
    assert root.tag == "{urn:example:substitution-parts}record"


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    part = tmp_path / "part.xsd"
    part.write_text(schema_of('<xs:element name="r" type="xs:int"/>'), "utf-8")
    whole = tmp_path / "whole.xsd"
    whole.write_text(schema_of('<xs:include schemaLocation="part.xsd"/>'), "utf-8")
    assert all((root.text or "").lstrip("-+ ")[:1].isdigit() for root in draw(strategies.from_schema(whole, "r"), 5, 1))
    part.write_text(schema_of('<xs:element name="r" type="xs:boolean" fixed="true"/>'), "utf-8")
    assert {root.text for root in draw(strategies.from_schema(whole, "r"), 5, 1)} <= {"true", None}


def test_documents_are_bytes_with_a_declaration() -> None:
    (document,) = draw(strategies.documents_from_schema(file_of("mixed"), "letter"), 1, SEED)
    assert document.startswith(b"<?xml ")
    assert etree.fromstring(document).tag == "{urn:example:mixed}letter"


def test_strategies_work_under_given_and_shrink_to_one_leaf() -> None:
    file, element = file_of("particles"), "sequences"
    sample = compile_schema(file).specimen("{urn:example:particles}sequences").root

    @seed(SEED)
    @settings(database=None, deadline=None, phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategies.from_schema(file, element))
    def check(root: etree._Element) -> None:
        found.append(root)
        assert int(root[0].text or "0") < 1000

    found: list[etree._Element] = []
    with pytest.raises(AssertionError):
        check()
    pairs = zip(sample.iter(), found[-1].iter(), strict=True)
    assert [one.tag for one, two in pairs if one.text != two.text] == ["{urn:example:particles}one"]


# --- ways of the builder ----------------------------------------------------------------------------------------------


def kinds_of(name: str, element: str) -> set[str]:
    specimen = compile_schema(file_of(name)).specimen(compile_schema(file_of(name)).name_of(element))
    return {site.kind for site in specimen.sites}


def names_in(name: str, element: str) -> set[str]:
    """Local names of all elements in the deterministic phase."""
    cases = strategies.edge_cases(file_of(name), element)
    return {etree.QName(each).localname for case in cases for each in case.element.iter()}


def test_every_member_of_a_substitution_group_stands_somewhere() -> None:
    names = names_in("substitution", "order")
    assert {"record", "book", "comment", "short-comment", "yes", "no", "definitely-not", "silence"} <= names
    assert {"same-type", "no-restriction"} <= names
    assert names.isdisjoint({"item", "reply", "never-here", "restricted"})


def test_every_derived_type_is_named_unless_it_is_blocked() -> None:
    def types(element: str) -> set[str]:
        cases = strategies.edge_cases(file_of("derivation"), element)
        found = {
            each.get("{http://www.w3.org/2001/XMLSchema-instance}type")
            for case in cases
            for each in case.element.iter()
        }
        return {(each or "").rpartition(":")[2] for each in found}

    assert types("drawing") >= {"circle", "ring", "unnamed-circle"}
    assert types("no-extension") == {"", "unnamed-circle"}
    assert types("own-type-only") == {""}


def test_recursion_is_shown_absent_once_and_deep() -> None:
    depths = {len(list(case.element.iter("next"))) for case in strategies.edge_cases(file_of("recursion"), "chain")}
    assert depths >= {0, 1, 8}


def test_lists_are_tried_empty_short_and_long_with_keys_of_their_own() -> None:
    lengths = {
        len(case.element.findall("{*}author")) for case in strategies.edge_cases(file_of("identities"), "library")
    }
    assert lengths >= {1, 2, 3, 50}


def test_wildcards_admit_declared_and_undeclared_elements() -> None:
    assert {"SoapstoneAny", "elsewhere"} <= names_in("wildcards", "other-lax")
    assert "SoapstoneAny" not in names_in("wildcards", "other-strict")


def test_an_element_with_a_default_may_be_empty_absent_or_nil() -> None:
    assert {"empty", "absent", "nil", "value"} <= kinds_of("nil-and-defaults", "record")


def test_a_content_model_occurs_as_often_as_it_has_to() -> None:
    sample = compile_schema(file_of("contents")).specimen("rounds").root
    names = [etree.QName(child).localname for child in sample]
    assert names.count("bid") == names.count("score") == 2
    assert names.count("pass") + names.count("raise") >= 4


def test_an_optional_content_model_is_there_or_not() -> None:
    lengths = {len(case.element) for case in strategies.edge_cases(file_of("contents"), "log")}
    assert 0 in lengths
    assert max(lengths) > 10


def test_what_one_validator_does_not_count_is_left_out() -> None:
    complaints = [str(each) for each in strategies.left_out(file_of("contents"), "steps")]
    assert any("xmlschema" in each and "maxOccurs" in each for each in complaints)


def test_copies_of_an_id_with_a_pattern_differ() -> None:
    longest = max((case.element for case in strategies.edge_cases(file_of("keys"), "shelf")), key=len)
    ids = [child.text for child in longest]
    assert len(ids) == len(set(ids)) == 50


def test_a_list_is_as_long_as_there_are_keys_for_it() -> None:
    longest = {
        element: max(len(case.element) for case in strategies.edge_cases(file_of("keys"), element))
        for element in ("seats", "hand", "garage", "singletons")
    }
    assert longest == {"seats": 6, "hand": 3, "garage": 50, "singletons": 1}


def test_where_only_the_sample_keeps_a_key_it_is_drawn() -> None:
    assert {len(root) for root in draw(strategies.from_schema(file_of("keys"), "singletons"), 20, SEED)} == {1}


# --- refusals ---------------------------------------------------------------------------------------------------------


def schema_of(content: str) -> str:
    return f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{content}</xs:schema>'


def sequence(content: str, types: str = "") -> str:
    inside = f"<xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType>"
    return f'<xs:element name="r">{inside}</xs:element>{types}'


UNSATISFIABLE = {
    "element a, which holds itself": '<xs:element name="r" type="t"/><xs:complexType name="t"><xs:sequence>'
    '<xs:element name="a" type="t"/></xs:sequence></xs:complexType>',
    "abstract element r": '<xs:element name="r" type="xs:int" abstract="true"/>',
    "abstract type of element a": sequence(
        '<xs:element ref="a"/>', '<xs:element name="a" type="t"/><xs:complexType name="t" abstract="true"/>'
    ),
    "xs:ENTITY": sequence('<xs:element name="a" type="xs:ENTITY"/>'),
    "reference where there is no id": sequence('<xs:element name="a" type="xs:IDREF"/>'),
    "xs:choice without a branch": '<xs:element name="r"><xs:complexType><xs:choice/></xs:complexType></xs:element>',
    "xs:any that admits no element": sequence('<xs:any namespace="urn:nowhere"/>'),
    "abstract element a": sequence('<xs:element ref="a"/>', '<xs:element name="a" type="xs:int" abstract="true"/>'),
}


@pytest.mark.parametrize("construct, schema", UNSATISFIABLE.items(), ids=UNSATISFIABLE)
def test_what_nothing_satisfies_is_refused_by_name_when_built(construct: str, schema: str) -> None:
    compiled = xmlschema.XMLSchema10(schema_of(schema))
    for build in (strategies.from_schema, strategies.edge_cases, strategies.invalid_from_schema):
        with pytest.raises(UnsatisfiableError, match=construct):
            build(compiled, "r")


def test_what_is_optional_and_nothing_satisfies_is_left_out() -> None:
    schema = sequence('<xs:element name="a" type="xs:ENTITY" minOccurs="0"/><xs:element name="b" type="xs:int"/>')
    compiled = xmlschema.XMLSchema10(schema_of(schema))
    assert all(len(root) == 1 for root in draw(strategies.from_schema(compiled, "r"), 5, SEED))
    (left_out,) = compile_schema(compiled).specimen("r").left_out
    assert "xs:ENTITY" in str(left_out)
    assert left_out.where == "a"


def test_a_message_too_large_to_be_of_use_is_refused() -> None:
    types = "".join(
        f'<xs:complexType name="t{n}"><xs:sequence><xs:element name="a" type="t{n + 1}" minOccurs="9" maxOccurs="9"/>'
        "</xs:sequence></xs:complexType>"
        for n in range(6)
    )
    schema = f'<xs:element name="r" type="t0"/>{types}<xs:complexType name="t6"><xs:sequence/></xs:complexType>'
    with pytest.raises(UnsupportedError, match="smallest message has"):
        strategies.from_schema(xmlschema.XMLSchema10(schema_of(schema)), "r")


def test_what_nests_stays_small_where_several_members_recur() -> None:
    members = "".join(f'<xs:element ref="e{n}" minOccurs="0" maxOccurs="unbounded"/>' for n in range(7))
    elements = "".join(f'<xs:element name="e{n}" type="t"/>' for n in range(7))
    schema = f'{elements}<xs:complexType name="t"><xs:sequence>{members}</xs:sequence></xs:complexType>'
    specimen = compile_schema(xmlschema.XMLSchema10(schema_of(schema))).specimen("e0")
    nested = [site.alternatives["nested 8 times"] for site in specimen.sites if "nested 8 times" in site.alternatives]
    assert len(nested) == 7
    assert all(len(list(top.iter())) <= 9 for (top,) in nested)


def test_a_type_that_xmlschema_takes_for_its_own_base_is_looked_at_once(tmp_path: Path) -> None:
    words = "".join(f'<xs:enumeration value="{word}"/>' for word in ("by-road", "by-rail", "by-air"))
    base = f"""<xs:complexType name="way"><xs:simpleContent><xs:restriction base="open">{words}</xs:restriction>
        </xs:simpleContent></xs:complexType><xs:complexType name="open"><xs:simpleContent>
        <xs:extension base="xs:string"/></xs:simpleContent></xs:complexType>"""
    (tmp_path / "base.xsd").write_text(schema_of(base), "utf-8")
    narrow = """<xs:redefine schemaLocation="base.xsd"><xs:complexType name="way"><xs:simpleContent>
        <xs:restriction base="way"><xs:enumeration value="by-air"/></xs:restriction></xs:simpleContent></xs:complexType>
        </xs:redefine><xs:element name="r" type="way"/>"""
    file = tmp_path / "narrow.xsd"
    file.write_text(schema_of(narrow), "utf-8")
    with pytest.raises(UnsupportedError, match="no word of whose enumeration is valid"):
        strategies.from_schema(file, "r")


def test_a_namespace_that_no_document_can_have_is_refused() -> None:
    schema = schema_of('<xs:element name="r"/>').replace("<xs:schema", '<xs:schema targetNamespace="urn:*?|"')
    with pytest.raises(UnsupportedError, match="Invalid namespace URI"):
        strategies.from_schema(xmlschema.XMLSchema10(schema), "r")


def test_a_sample_does_not_grow_with_the_product_of_types() -> None:
    types = "".join(
        f'<xs:complexType name="t{n}"><xs:sequence>'
        + "".join(f'<xs:element name="{each}" type="t{n + 1}" minOccurs="0"/>' for each in "abcd")
        + "</xs:sequence></xs:complexType>"
        for n in range(12)
    )
    schema = f'<xs:element name="r" type="t0"/>{types}<xs:complexType name="t12"><xs:sequence/></xs:complexType>'
    compiled = compile_schema(xmlschema.XMLSchema10(schema_of(schema)))
    assert sum(1 for _ in compiled.specimen("r").root.iter()) < 3_000


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "line 1|no element|empty"),
        ("<a/>", "a"),
        (schema_of('<xs:element name="r" type="nothing"/>'), "nothing"),
        (schema_of('<xs:include schemaLocation="missing.xsd"/><xs:element name="r" type="of-missing"/>'), "of-missing"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused_with_its_file(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "wrong.xsd"
    file.write_text(text, "utf-8")
    with pytest.raises(ContractError, match=problem) as caught:
        strategies.from_schema(file, "r")
    assert caught.value.place.file == file


def test_remote_documents_are_passed_over_and_told_where_they_are_missed(tmp_path: Path) -> None:
    file = tmp_path / "far.xsd"
    include = '<xs:include schemaLocation="http://127.0.0.1:9/far.xsd"/>'
    file.write_text(schema_of(f'{include}<xs:element name="r" type="xs:int"/>'), "utf-8")
    assert strategies.edge_cases(file, "r")
    file.write_text(schema_of(f'{include}<xs:element name="r" type="of-far"/>'), "utf-8")
    with pytest.raises(ContractError, match=r"of-far.*/xs:element.*keep a copy.*http://127\.0\.0\.1:9/far\.xsd"):
        strategies.from_schema(file, "r")


def test_a_file_that_is_not_there_and_an_element_that_is_not_declared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"none\.xsd"):
        strategies.from_schema(tmp_path / "none.xsd", "r")
    with pytest.raises(UnknownNameError, match="nothing-such"):
        strategies.from_schema(file_of("mixed"), "nothing-such")


def test_drawing_is_the_same_under_hypothesis_own_choices() -> None:
    @seed(SEED)
    @settings(max_examples=15, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.data())
    def check(data: st.DataObject) -> None:
        for name, element in (("recursion", "tree"), ("identities", "graph"), ("wildcards", "between")):
            root = data.draw(strategies.from_schema(file_of(name), element))
            assert compile_schema(file_of(name)).validators.complaint(root) is None

    check()


def wrapped(content: str, types: str = "") -> str:
    return schema_of(sequence(content, types))


PASSED_OVER = {
    "xs:any that admits no element": '<xs:any namespace="urn:none" minOccurs="0"/>',
    "abstract element": '<xs:choice><xs:element name="b"/><xs:element ref="head"/></xs:choice>',
    "holds itself": '<xs:element name="b" type="loop" minOccurs="0"/>',
}
"""What an optional part has against it that no message has."""


@pytest.mark.parametrize("reason, part", PASSED_OVER.items(), ids=PASSED_OVER)
def test_optional_parts_that_no_message_can_have_are_listed(reason: str, part: str) -> None:
    types = (
        '<xs:element name="head" abstract="true"/><xs:complexType name="loop"><xs:sequence>'
        '<xs:element name="again" type="loop"/></xs:sequence></xs:complexType>'
    )
    compiled = xmlschema.XMLSchema10(wrapped(f'<xs:element name="a" type="xs:int"/>{part}', types))
    assert [reason in str(each) for each in strategies.left_out(compiled, "r")] == [True]


def test_a_schema_with_one_validator_is_told_of() -> None:
    text = schema_of(
        '<xs:element name="r"><xs:simpleType><xs:restriction><xs:simpleType><xs:list itemType="xs:decimal"/>'
        '</xs:simpleType><xs:enumeration value="1 2.0"/><xs:enumeration value=""/></xs:restriction>'
        "</xs:simpleType></xs:element>"
    )
    schema = xmlschema.XMLSchema10(text)
    with pytest.warns(strategies.OneValidatorWarning, match="lxml cannot compile this schema") as told:
        found = strategies.from_schema(schema, "r")
    assert told[0].filename == __file__
    assert all(schema.is_valid(root) for root in draw(found, 10, SEED))


MANY_OCCUR = {
    "element": '<xs:element name="a" type="xs:int" minOccurs="15000" maxOccurs="15001"/>',
    "group": '<xs:sequence minOccurs="2000" maxOccurs="unbounded"><xs:element name="a" type="xs:int"/>'
    '<xs:element name="b" type="xs:string"/></xs:sequence>',
}


@pytest.mark.parametrize("content", MANY_OCCUR.values(), ids=MANY_OCCUR)
def test_of_very_many_that_have_to_be_there_few_vary(content: str) -> None:
    compiled = compile_schema(xmlschema.XMLSchema10(wrapped(content)))
    specimen = compiled.specimen("r")
    assert len(specimen.root) >= 4_000
    assert len(specimen.sites) < 200
    assert all(compiled.validators.fast_complaint(root) is None for root in draw(strategies.from_schema(
        compiled.validators.exact, "r"), 3, SEED))  # fmt: skip


def test_one_fewer_and_one_more_of_very_many_are_invalid() -> None:
    schema = xmlschema.XMLSchema10(wrapped('<xs:element name="a" type="xs:int" minOccurs="2000" maxOccurs="2001"/>'))
    kinds = {case.change.rule.partition(":")[0] for case in strategies.invalid_cases(schema, "r")}
    assert {"too-few", "too-many", "missing-element"} <= kinds


def test_of_very_many_elements_one_of_each_name_and_type_is_broken() -> None:
    parts = "".join(
        f'<xs:element name="p{number}"><xs:complexType><xs:sequence><xs:element ref="same"/></xs:sequence>'
        "</xs:complexType></xs:element>"
        for number in range(150)
    )
    schema = xmlschema.XMLSchema10(wrapped(parts, '<xs:element name="same" type="xs:int"/>'))
    cases = strategies.invalid_cases(schema, "r")
    assert (
        sum(case.change.where.endswith("/same") and "element-in-other-case" in case.change.rule for case in cases) == 1
    )
    assert {f"p{number}" for number in range(150)} <= {case.change.where for case in cases}
    assert sum(case.change.kind == "lexical" for case in cases) > 5


@pytest.mark.parametrize("leaves", [60, 600])
@pytest.mark.parametrize("under_given", [True, False], ids=["given", "drawn"])
def test_leaves_are_drawn_evenly(leaves: int, under_given: bool) -> None:
    schema = xmlschema.XMLSchema10(wrapped("".join(f'<xs:element name="e{n}" type="xs:int"/>' for n in range(leaves))))
    sample = compile_schema(schema).specimen("r").root
    tenths = [0] * 10

    def count(root: etree._Element) -> None:
        for index, (before, after) in enumerate(zip(sample, root, strict=True)):
            tenths[index * 10 // leaves] += before.text != after.text

    strategy = strategies.from_schema(schema, "r")
    if under_given:
        check = settings(max_examples=500, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
        check(given(strategy)(count))()
    else:
        for root in draw(strategy, 500, SEED):
            count(root)
    mean = sum(tenths) / 10
    assert mean > 50
    assert sum((each - mean) ** 2 / mean for each in tenths) < CHI_SQUARE


CHI_SQUARE = 27.9
"""What chi-square with nine degrees of freedom exceeds once in a thousand times."""


def test_a_redefined_simple_type_keeps_the_facets_of_the_one_that_it_redefines(tmp_path: Path) -> None:
    code = '<xs:simpleType name="code"><xs:restriction base="{}"><xs:{} value="{}"/></xs:restriction></xs:simpleType>'
    (tmp_path / "part.xsd").write_text(schema_of(code.format("xs:string", "pattern", r"[A-Z]{2}\d*")), "utf-8")
    whole = tmp_path / "whole.xsd"
    again = f'<xs:redefine schemaLocation="part.xsd">{code.format("code", "maxLength", 3)}</xs:redefine>'
    whole.write_text(schema_of(f'{again}<xs:element name="r" type="code"/>'), "utf-8")
    texts = [root.text or "" for root in draw(strategies.from_schema(whole, "r"), 20, SEED)]
    assert len(set(texts)) > 5
    assert all(text[:2].isupper() and len(text) in (2, 3) for text in texts)


RECURRING_GROUPS = {
    "sequence": '<xs:sequence minOccurs="0"><xs:element ref="r"/></xs:sequence>',
    "choice": '<xs:choice minOccurs="0"><xs:element ref="r"/></xs:choice>',
    "list": '<xs:element name="v" type="xs:int"/><xs:sequence minOccurs="0"><xs:element name="op" type="xs:string"/>'
    '<xs:element ref="r"/></xs:sequence>',
}


@pytest.mark.parametrize("content", RECURRING_GROUPS.values(), ids=RECURRING_GROUPS)
def test_what_recurs_in_an_optional_group_is_shown_absent_once_and_deep(content: str) -> None:
    schema = xmlschema.XMLSchema10(wrapped(content))
    depths = {len(list(case.element.iter("r"))) for case in strategies.edge_cases(schema, "r")}
    assert {1, 2} <= depths
    assert 8 <= max(depths) <= 12
    assert all(schema.is_valid(root) for root in draw(strategies.from_schema(schema, "r"), 20, SEED))
