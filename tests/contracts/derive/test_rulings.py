"""Rulings change what is derived, each with its basis; one that matches nothing is an error with its line."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest
from page_samples import NARRATIVE_PAGE, Element, asmx_page, declarations, described, facts

import contracts
from contracts.derive.description import OperationDescription
from contracts.documents import parse_document
from contracts.errors import ContractError
from contracts.names import SOURCE, XSD

PAGE = asmx_page("Echo", [Element("x", "string"), Element("colour", "Red or Green")], [Element("EchoResult", "string")])
HEAD = 'format = 1\nservice = "shop"\ntitle = "Shop"\nfamily = "{}"\n\n[[operation]]\nname = "{}"\neffect = "read"\n'


def ruled(*rows: str, page: str = PAGE, family: str = "asmx", name: str = "Echo") -> OperationDescription:
    """What is derived with rulings: the tables of the operation, as TOML."""
    text = HEAD.format(family, name) + "\n".join(rows)
    rulings: dict[str, Any] = tomllib.loads(text)
    options = {"rulings": rulings, "rulings_file": Path("service.toml"), "rulings_text": text}
    (operation,) = described(page, **options).operations
    return operation


def component(**values: object) -> str:
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else value!r}" for key, value in values.items()]
    return "[[operation.component]]\n" + "\n".join(lines) + '\nreason = "known"\n'


@pytest.mark.parametrize("ruling, expected, noted", [
    ({"type": "xs:long"}, {"type": "xs:long", "minOccurs": "0"}, {"type-basis": "inferred"}),
    ({"type": "guid", "basis": "documented"}, {"type": "tns:guid", "minOccurs": "0"}, {}),
    ({"type": "any"}, {"type": "xs:anyType", "minOccurs": "0"}, {"type-basis": "inferred"}),
    ({"open": True}, {"type": "tns:OpenEnumeration", "minOccurs": "0"}, {"type-basis": "inferred"}),
    ({"min_occurs": 1}, {"type": "xs:string"}, {"min-basis": "inferred"}),
    ({"max_occurs": "unbounded"}, {"type": "xs:string", "minOccurs": "0", "maxOccurs": "unbounded"}, {}),
    ({"max_occurs": 3}, {"type": "xs:string", "minOccurs": "0", "maxOccurs": "3"}, {"min-basis": "inferred"}),
    ({"nillable": True}, {"type": "xs:string", "minOccurs": "0", "nillable": "true"}, {"nil-basis": "inferred"}),
])  # fmt: skip
def test_ruling_on_a_component_changes_it(
    ruling: dict[str, object], expected: dict[str, str], noted: dict[str, str]
) -> None:
    element = declarations(ruled(component(path="x", **ruling)))["x"]
    assert facts(element) == expected
    assert {key: element.get(f"{{{SOURCE}}}{key}") for key in noted} == noted


def test_ruling_closes_an_enumeration_and_keeps_the_places_of_printed_words() -> None:
    page = "Sizes: Large is new.\n" + PAGE.replace("<x>string</x>", "<x>Small</x>")
    operation = ruled(component(path="x", values=["Small", "Large"], at="1:1"), page=page)
    words = list(declarations(operation)["x"].iter(f"{{{XSD}}}enumeration"))
    assert [each.get("value") for each in words] == ["Small", "Large"]
    assert [each.get(f"{{{SOURCE}}}basis") for each in words] == ["documented", "inferred"]
    assert words[1].get(f"{{{SOURCE}}}at") == "1:8"


def test_ruling_opens_a_listed_enumeration() -> None:
    element = declarations(ruled(component(path="colour", open=True)))["colour"]
    assert (element.get("type"), element.find(f"{{{XSD}}}simpleType")) == ("tns:OpenEnumeration", None)


def test_ruling_may_speak_of_some_messages_alone() -> None:
    operation = ruled(component(path="EchoResult", messages=["response"], type="int"))
    assert facts(declarations(operation)["EchoResult"])["type"] == "xs:int"
    with pytest.raises(ContractError, match="no such element in request"):
        ruled(component(path="EchoResult", messages=["request"], type="int"))


@pytest.mark.parametrize("wrong, said", [
    ({"path": "y", "nillable": True}, "no such element in any message"),
    ({"path": "x", "type": "strnig"}, "is no type that is known"),
    ({"path": "x", "min_occurs": 2}, "min_occurs is more than max_occurs"),
])  # fmt: skip
def test_wrong_ruling_is_reported_with_its_line(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        ruled(component(path="colour", open=True), component(**wrong))
    assert caught.value.place.file == Path("service.toml")
    assert caught.value.place.line in (14, 15)


REQUIREMENT = """
[[operation.requirement]]
slug = "unknown-is-refused"
level = "must"
basis = "inferred"
at.{protocol} = "3:1"
sends = "invalid_credentials"
requires = "nobody is let in unknown"
accepts = ["a fault"]
reason = "known"
"""


def test_ruling_states_a_requirement() -> None:
    (*_, last) = ruled(REQUIREMENT.format(protocol="soap11")).requirements
    assert (last.id, last.sends, last.at["soap11"].note) == (
        "shop/Echo/unknown-is-refused",
        "invalid_credentials",
        "3:1",
    )
    with pytest.raises(ContractError, match="Documented: soap11, soap12"):
        ruled(REQUIREMENT.format(protocol="xml"))


def test_words_of_the_rulings_stand_in_the_requirements() -> None:
    assert {each.does for each in ruled('does = "echoes a text"').requirements} == {"echoes a text"}


def test_ids_do_not_change_when_a_page_gains_an_operation() -> None:
    more = PAGE + "\n" + asmx_page("Other", [Element("x", "int")], [Element("OtherResult", "A or B")])
    before = [each.id for each in described(PAGE).operations[0].requirements]
    echo, other = described(more).operations
    assert [each.id for each in echo.requirements] == before
    assert "shop/Other/OtherResult-is-listed" in [each.id for each in other.requirements]


def test_values_of_a_ruling_on_an_answer_become_a_requirement() -> None:
    operation = ruled(
        component(path="user", messages=["response"], values=["Ann", "Bob", "Cid"]),
        page=NARRATIVE_PAGE,
        family="narrative",
        name="getUsers",
    )
    (known,) = [each for each in operation.requirements if each.id.endswith("user-is-known")]
    assert known.parameters == {"component": "user"}
    assert known.accepts == ("Ann", "Bob", "Cid", "no user")


def test_examples_of_the_documentation_are_valid_rulings() -> None:
    guide = (Path(contracts.__file__).parents[1] / "docs" / "add-your-service.md").read_text("utf-8")
    blocks = re.findall(r"(?m)(?:^    .*\n|^\n)+", guide)
    tables = [textwrap.dedent(block) for block in blocks if "[[operation." in block]
    assert len(tables) == 3
    assert 'success_needs = "OpenResult/Token"' in guide
    text = HEAD.format("asmx", "Echo") + 'success_needs = "OpenResult/Token"\n' + "\n".join(tables)
    parsed = parse_document(text, Path("service.toml"), "service")
    counts = {"component": 2, "requirement": 1, "leaf": 3, "secret": 1, "business_error": 1, "relation": 1}
    assert {table: len(parsed["operation"][0][table]) for table in counts} == counts


# --- where rulings say that the page says so --------------------------------------------------------------------------

SIZES = "Sizes are Small, Large or Huge.\n\nx is required.\n" + PAGE.replace("<x>string</x>", "<x>Small</x>")
MISPLACED = {
    "a line that the page lacks": (component(path="x", nillable=True, at="4000:1"), "component.0.at: is out of range"),
    "a column that the line lacks": (component(path="x", nillable=True, at="1:90"), "page.txt has 31 characters"),
    "a document that there is not": (component(path="x", type="int", at="other.txt:1:1"), "write page.txt:1:1"),
    "a line without the values": (
        component(path="x", values=["Small", "Large"], at="3:1"),
        "does not hold what it says: Small or Large, but 'x is required.'",
    ),
    "a line without the element": (component(path="x", min_occurs=1, at="2:1"), "does not hold what it says"),
    "a prose ruling": ('[[operation.ruling]]\nsubject = "x"\nsays = "y"\nat = "4000:1"\nreason = "z"\n', "ruling.0.at"),
    "a requirement": (
        '[[operation.requirement]]\nslug = "a"\nlevel = "must"\nbasis = "documented"\nat.soap11 = "1:1"\n'
        'check = "payload_schema"\nparameters.component = "EchoResult"\n'
        'requires = "r"\naccepts = ["a"]\nreason = "z"\n',
        "requirement.0.at.soap11: does not hold what it says: EchoResult",
    ),
    "a business error": (
        '[[operation.business_error]]\nkind = "filled"\npath = "a/Code"\nat = "1:1"\nreason = "z"\n',
        "business_error.0.at: does not hold what it says: Code",
    ),
    "a relation": (
        '[[operation.relation]]\nkind = "equals"\nid = "shop/Echo/same"\nlevel = "must"\nbasis = "inferred"\n'
        'at = "1:1"\n'
        'does = "d"\nrequires = "r"\naccepts = ["a"]\nreason = "z"\nrequest_leaf = "x"\nresponse_leaf = "EchoResult"\n',
        "relation.0.at: does not hold what it says: EchoResult or x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row, said", MISPLACED.values(), ids=MISPLACED)
def test_place_of_a_ruling_is_held_against_the_page(row: str, said: str) -> None:
    with pytest.raises(ContractError, match=re.escape(said)) as caught:
        ruled(row, page=SIZES)
    text = HEAD.format("asmx", "Echo") + row
    assert caught.value.place.file == Path("service.toml")
    assert text.split("\n")[(caught.value.place.line or 0) - 1].startswith("at")


@pytest.mark.parametrize("ruling, noted", [
    ({"values": ["Small", "Large", "Huge"], "at": "1:1", "basis": "documented"}, {"type-basis": None}),
    ({"values": ["Small", "Large"], "at": "1:1"}, {"type-basis": "inferred"}),
    ({"min_occurs": 1, "at": "3:1", "basis": "documented"}, {"min-basis": "documented", "min-at": "3:1"}),
    ({"type": "token", "at": "3:1"}, {"type-basis": "inferred", "type-at": "3:1"}),
    ({"nillable": True, "at": "3:1"}, {"nil-basis": "inferred", "nil-at": "3:1"}),
])  # fmt: skip
def test_what_is_ruled_has_the_place_and_basis_of_its_ruling(
    ruling: dict[str, object], noted: dict[str, str | None]
) -> None:
    element = declarations(ruled(component(path="x", **ruling), page=SIZES))["x"]
    assert {key: element.get(f"{{{SOURCE}}}{key}") for key in noted} == noted


def test_list_of_a_ruling_is_documented_where_the_page_lists_it_alone() -> None:
    """One value in a sample shows a member of a list, and not that there are no others."""
    for row in (
        component(path="x", values=["Small"], basis="documented"),
        component(path="x", values=["Small", "Tiny"], basis="documented", at="1:1"),
    ):
        with pytest.raises(
            ContractError, match=r"component.basis: is documented, and the page lists these values neither"
        ):
            ruled(row, page=SIZES)
    words = list(declarations(ruled(component(path="x", values=["Small"]), page=SIZES))["x"].iter(f"{{{XSD}}}*"))
    assert [each.get(f"{{{SOURCE}}}basis") for each in words if each.get(f"{{{SOURCE}}}basis")] == [
        "documented",  # the element
        "inferred",  # that the list is closed
        "documented",  # the word
    ]
    listed = component(path="colour", values=["Red", "Green"], basis="documented")
    assert declarations(ruled(listed, page=SIZES))["colour"].get(f"{{{SOURCE}}}type-basis") is None


def test_basis_of_a_closed_list_is_one_in_ruling_schema_and_requirement() -> None:
    for basis, page in (("inferred", NARRATIVE_PAGE), ("documented", f"{NARRATIVE_PAGE}\nUsers: Ann, Bob or Cid\n")):
        at = f"{page.count(chr(10))}:1" if basis == "documented" else "27:1"
        place = {"at": at} if basis == "documented" else {}
        row = component(path="user", messages=["response"], values=["Ann", "Bob", "Cid"], basis=basis, **place)
        operation = ruled(row, page=page, family="narrative", name="getUsers")
        element = declarations(operation)["user"]
        simple, *words = element.iter(f"{{{XSD}}}simpleType", f"{{{XSD}}}enumeration")
        assert element.get(f"{{{SOURCE}}}type-basis", "documented") == basis
        assert simple.get(f"{{{SOURCE}}}basis") == basis
        assert words[-1].get(f"{{{SOURCE}}}basis") == basis
        (known,) = [each for each in operation.requirements if "component" in each.parameters]
        assert (known.basis, known.id.rpartition("-")[2]) == (basis, "known" if basis == "inferred" else "listed")


@pytest.mark.parametrize("ruling, path", [
    ({"type": "int"}, "n"), ({"values": ["Green", "Red"]}, "colour"), ({"type": "int", "basis": "inferred"}, "n"),
])  # fmt: skip
def test_ruling_that_repeats_the_page_leaves_it_documented_unless_it_says_otherwise(
    ruling: dict[str, object], path: str
) -> None:
    page = asmx_page(
        "Echo", [Element("n", "int"), Element("colour", "Red or Green")], [Element("EchoResult", "string")]
    )
    element = declarations(ruled(component(path=path, **ruling), page=page))[path]
    assert element.get(f"{{{SOURCE}}}type-basis") == ruling.get("basis")


def test_values_of_a_number_keep_its_type() -> None:
    page = asmx_page("Echo", [Element("n", "int")], [Element("EchoResult", "string")])
    element = declarations(ruled(component(path="n", values=["1", "2", "7"]), page=page))["n"]
    (restriction,) = element.iter(f"{{{XSD}}}restriction")
    assert restriction.get("base") == "xs:int"
    for row in (component(path="n", values=["1", "two"]), component(path="x", values=["1", "b"], type="int")):
        with pytest.raises(ContractError, match=r"component\.values: is no int, the type of"):
            ruled(row, page=page if "two" in row else PAGE)


@pytest.mark.parametrize("row, said", [
    ('[[operation.component]]\npath = "x"\nvalues = ["a"]\nopen = true\nreason = "r"\n', "values and open exclude"),
    ('[[operation.component]]\npath = "x"\nopen = true\n', "component.0: 'reason' is missing: say why"),
    ('[[operation.component]]\npath = "x"\nreason = "r"\n', "needs one of these: type; values; open; min_occurs;"),
    ('[[operation.leaf]]\npath = "x"\nreason = "r"\n', "needs one of these alone: value; credential with made_up"),
])  # fmt: skip
def test_form_of_a_ruling_is_told_in_words(row: str, said: str) -> None:
    with pytest.raises(ContractError, match=re.escape(said)):
        parse_document(HEAD.format("asmx", "Echo") + row, Path("service.toml"), "service")
