"""Derivation from files to a folder: atomic, repeatable, checked byte for byte, and told on the command line."""

import errno
import os
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from page_samples import FORMS, NARRATIVE_PAGE, Element, asmx_forms, asmx_page, servicestack_page
from wsdl_samples import large_wsdl

from contracts.derive.deriving import Wanted, check, derive
from contracts.errors import ContractError
from contracts.loader import SERVICES, load_service, load_services
from soapstone import main
from strategies.defects import Sample
from strategies.lexical import invalid_values
from strategies.templates import template_of

ECHO = asmx_page(
    "Echo",
    [
        Element("sessionID", "string"),
        Element("size", "int"),
        Element("colour", "Red or Green"),
        Element("at", "dateTime"),
    ],
    [Element("EchoResult", "string")],
)
COUNT = asmx_page("Count", [Element("n", "int")], [Element("CountResult", "int")])
BAD = "no page at all"
DIFFERS = "differs from what is derived"


@pytest.fixture(name="page")
def page_on_disk(tmp_path: Path) -> Path:
    file = tmp_path / "Echo.html"
    file.write_text(FORMS["html"](ECHO), "utf-8")
    return file


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_all_shipped_contracts_are_as_derived() -> None:
    assert list(map(str, check())) == []


@pytest.mark.parametrize("edit, file, said", [
    (lambda folder: (folder / "utws-v1.xsd").write_text("<x/>"), "utws-v1.xsd", f"{DIFFERS}, first in line 1"),
    (lambda folder: (folder / "utws-v1.xsd").unlink(), "utws-v1.xsd", "is missing"),
    (lambda folder: (folder / "notes.txt").write_text("x"), "notes.txt", "is not derived"),
])  # fmt: skip
def test_check_finds_every_difference(edit: object, file: str, said: str, tmp_path: Path) -> None:
    shutil.copytree(SERVICES / "utws", tmp_path / "utws")
    edit(tmp_path / "utws" / "logsAvailable")  # type: ignore[operator]
    (difference,) = check(tmp_path)
    assert (difference.file.name, difference.problem) == (file, said)


def test_check_says_where_a_page_has_changed(tmp_path: Path) -> None:
    shutil.copytree(SERVICES / "utws", tmp_path / "utws")
    page = tmp_path / "utws" / "logsAvailable" / "page.txt"
    page.write_text(page.read_text("utf-8").replace("osBits>int<", "osBits>long<"), "utf-8")
    (difference,) = check(tmp_path)
    assert difference.file.name == "utws-v1.xsd"
    assert "osBits" in difference.file.read_text("utf-8").splitlines()[int(difference.problem.split()[-1]) - 1]


def test_new_service_loads_and_makes_messages(page: Path, tmp_path: Path) -> None:
    derived = derive([str(page)], Wanted("shop"), tmp_path / "services")
    assert derived.started == ("Echo",)
    operation = load_service(derived.folder).operations["Echo"]
    assert (operation.effect, operation.family) == ("write", "asmx")
    leaves = {leaf.path: (leaf.value, leaf.credential, leaf.secret) for leaf in operation.leaves}
    assert leaves == {
        "sessionID": (None, True, True),
        "size": ("1", False, False),
        "colour": ("Red", False, False),
        "at": ("2024-01-15T09:30:00", False, False),
    }
    for binding in operation.bindings:
        assert template_of(operation, binding.protocol).sites


@pytest.mark.parametrize("text", [
    servicestack_page("Find", '<Find xmlns="urn:f"><Id>0</Id><Mode>Fast</Mode></Find>', '<Found xmlns="urn:f"/>'),
    NARRATIVE_PAGE,
    "Orders.asmx\n" + asmx_forms("Sum", ["a", "b"], '<int xmlns="urn:x">int</int>'),
])  # fmt: skip
def test_starting_values_are_valid_for_every_family(text: str, tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(text, "utf-8")
    folder = derive([str(file)], Wanted("shop"), tmp_path / "services").folder
    (operation,) = load_service(folder).operations.values()
    for binding in operation.bindings:
        assert template_of(operation, binding.protocol).leaves


def test_deriving_again_keeps_the_rulings_and_changes_nothing(page: Path, tmp_path: Path) -> None:
    folder = derive([str(page)], Wanted("shop"), tmp_path / "services").folder
    rulings = folder / "service.toml"
    rulings.write_text(rulings.read_text("utf-8").replace('effect = "write"', 'effect = "read"'), "utf-8")
    before = files(folder)
    again = derive([str(page)], Wanted("shop"), tmp_path / "services")
    assert (files(folder), again.started) == (before, ())
    assert list(check(tmp_path / "services")) == []


def test_service_gains_an_operation_from_another_page(page: Path, tmp_path: Path) -> None:
    folder = derive([str(page)], Wanted("shop"), tmp_path / "services").folder
    before = files(folder)
    (tmp_path / "count.md").write_text(FORMS["markdown"](COUNT), "utf-8")
    assert derive([str(tmp_path / "count.md")], Wanted("shop"), tmp_path / "services").started == ("Count",)
    after = files(folder)
    assert {name: content for name, content in after.items() if name in before and name != "service.toml"} == {
        name: content for name, content in before.items() if name != "service.toml"
    }
    assert after["service.toml"].startswith(before["service.toml"])
    assert list(load_service(folder).operations) == ["Echo", "Count"]
    assert list(check(tmp_path / "services")) == []


def test_list_over_a_form_may_stand_many_times(tmp_path: Path) -> None:
    items = Element("n", children=(Element("int", "int", twice=True),))
    text = asmx_page("Sum", [items, Element("m", "int")], [Element("SumResult", "int")])
    (tmp_path / "page.txt").write_text(text + asmx_forms("Sum", ["n", "n", "m"], "<int>int</int>"), "utf-8")
    derived = derive([str(tmp_path / "page.txt")], Wanted("sums"), tmp_path / "out")
    operation = load_service(derived.folder).operations["Sum"]
    template = template_of(operation, "http_get")
    changes = [each.changes[0] for each in invalid_values(Sample(template))]
    assert [each.where for each in changes if each.rule == "repeated-number"] == ["m"]


def test_several_operations_of_one_page_keep_it_beside_their_folders(tmp_path: Path) -> None:
    (tmp_path / "both pages.txt").write_text(f"{ECHO}\n{COUNT}", "utf-8")
    folder = derive([str(tmp_path / "both pages.txt")], Wanted("shop"), tmp_path / "services").folder
    assert (folder / "pages" / "both-pages.txt").read_text("utf-8") == f"{ECHO}\n{COUNT}"
    contract = tomllib.loads((folder / "Count" / "contract.toml").read_text("utf-8"))
    assert contract["documents"] == ["../pages/both-pages.txt"]
    assert contract["binding"][0]["at"].startswith("../pages/both-pages.txt:")
    service = load_service(folder)
    assert str(service.operations["Count"].bindings[0].source).startswith("../pages/both-pages.txt line ")
    assert list(check(tmp_path / "services")) == []
    (folder / "pages" / "both-pages.txt").unlink()
    with pytest.raises(ContractError, match=r"documents\.0: is missing"):
        load_service(folder)


def test_bindings_of_one_operation_may_stand_on_several_pages(tmp_path: Path) -> None:
    for protocol in ("soap11", "soap12"):
        text = asmx_page("Count", [Element("n", "int")], [Element("CountResult", "int")], protocols=[protocol])
        (tmp_path / f"{protocol}.txt").write_text(text, "utf-8")
    sources = [str(tmp_path / "soap11.txt"), str(tmp_path / "soap12.txt")]
    folder = derive(sources, Wanted("shop"), tmp_path / "services").folder
    contract = tomllib.loads((folder / "Count" / "contract.toml").read_text("utf-8"))
    assert contract["documents"] == ["page.txt", "page-2.txt"]
    assert [each["at"].split(":")[0] for each in contract["binding"]][1] == "page-2.txt"
    assert list(check(tmp_path / "services")) == []


def test_operation_that_a_page_does_not_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(
        NARRATIVE_PAGE.replace("u:getUsers", "getUsers").replace("getUsers\n", "", 1), "utf-8"
    )
    folder = derive([str(tmp_path / "x.txt")], Wanted("shop", operation="ListUsers"), tmp_path / "services").folder
    assert list(load_service(folder).operations) == ["ListUsers"]
    assert list(check(tmp_path / "services")) == []


def test_nothing_is_written_where_nothing_derives(page: Path, tmp_path: Path) -> None:
    folder = derive([str(page)], Wanted("shop"), tmp_path / "services").folder
    before = files(tmp_path / "services")
    (tmp_path / "bad.txt").write_text(BAD, "utf-8")
    with pytest.raises(ContractError, match="no sample request"):
        derive([str(page), str(tmp_path / "bad.txt")], Wanted("shop"), tmp_path / "services")
    wrong = folder / "wrong.toml"
    wrong.write_text((folder / "service.toml").read_text("utf-8") + '\n[[operation]]\nname = "Gone"\neffect = "read"\n')
    with pytest.raises(ContractError, match=r"operation\.1\.name: no source documents it"):
        derive([str(page)], Wanted("shop", rulings=wrong), tmp_path / "services")
    wrong.unlink()
    assert files(tmp_path / "services") == before
    assert [each.name for each in (tmp_path / "services").iterdir()] == ["shop"]


def test_failure_while_writing_leaves_the_old_contract(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    derive([str(page)], Wanted("shop"), tmp_path / "services")
    before = files(tmp_path / "services")
    write = Path.write_bytes

    def full_disk(self: Path, content: bytes) -> int:
        if self.name == "contract.toml" and "services" in self.parts:
            raise OSError(28, "No space left on device")
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(ContractError, match="cannot be written: No space left on device"):
        derive([str(page)], Wanted("shop"), tmp_path / "services")
    assert files(tmp_path / "services") == before


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["derive", *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def test_command_writes_a_service_that_other_commands_know(page: Path, tmp_path: Path) -> None:
    status, out, err = run(page, "--service", "shop", "--into", tmp_path / "services")
    assert (status, err) == (0, "")
    assert "derived:" in out
    assert "Echo: soap11, soap12" in out
    assert list(load_services(tmp_path / "services")) == ["shop"]
    listed = CliRunner().invoke(main, ["services", "--contracts", str(tmp_path / "services")])
    assert "values needed: sessionID" in listed.stdout


def test_command_explains_each_conclusion_with_place_and_basis(tmp_path: Path) -> None:
    (tmp_path / "echo.txt").write_text(ECHO, "utf-8")
    _, out, _ = run(tmp_path / "echo.txt", "--service", "shop", "--into", tmp_path / "services", "--explain")
    line = next(number for number, text in enumerate(ECHO.splitlines(), 1) if "<size>" in text)
    assert f"{line}:7  request size: type int  [documented] (printed: int)" in out
    assert f"{line}:7  request size: occurs 1 to 1  [convention]" in out
    assert "type one of Red, Green  [documented] (printed: Red or Green)" in out
    assert "soap11: POST to the target itself (/shop/orders.asmx), sends text/xml, is answered 200 with text/xml" in out
    assert "shop/Echo/response-element: " in out


def test_command_warns_with_the_place_in_the_file_as_named(tmp_path: Path) -> None:
    file = tmp_path / "echo.txt"
    file.write_text(ECHO.replace(">int<", ">whole number<"), "utf-8")
    status, _, err = run(file, "--service", "shop", "--into", tmp_path / "services")
    line = next(number for number, text in enumerate(ECHO.splitlines(), 1) if "<size>" in text)
    assert status == 0
    assert f"warning: {file}:{line}:13: 'whole number' in size is no placeholder word" in err


WRONG = {
    "no page": ((), "needs PAGE"),
    "no such file": (("nowhere.txt", "--service", "shop", "--into", "out"), "nowhere.txt: cannot be read"),
    "a folder": ((".", "--service", "shop", "--into", "out"), "cannot be read: Is a directory"),
    "a wrong name": (("page.txt", "--service", "My Shop", "--into", "out"), "is no name for a service"),
    "an unknown family": (("page.txt", "--service", "shop", "--into", "out", "--family", "corba"), "Known: asmx"),
    "no such rulings": (
        ("page.txt", "--service", "shop", "--into", "out", "--rulings", "no.toml"),
        "no.toml: cannot be",
    ),
    "a place that is a file": (("page.txt", "--service", "shop", "--into", "page.txt"), "cannot be written"),
    "nothing to check": (("--check", "--contracts", "out"), "holds no service"),
}


@pytest.mark.parametrize("words, said", WRONG.values(), ids=WRONG)
def test_wrong_use_ends_with_status_4_and_one_message(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(ECHO, "utf-8")
    status, _, err = run(*words)
    assert (status, "Traceback" in err) == (4, False)
    assert said in err
    assert [each.name for each in tmp_path.iterdir()] == ["page.txt"]


NAMES = {
    "the rulings' file": ("service.toml", "a contract keeps something else under that name"),
    "the documents' folder": ("Pages", "a contract keeps something else under that name"),
    "too long": ("A" * 201, "its name has more than 200 bytes"),
    "another folder": ("..", "a name begins with a letter or _"),
    "a path": ("a/b", "a name begins with a letter or _"),
}


@pytest.mark.parametrize("name, said", NAMES.values(), ids=NAMES)
def test_name_that_no_folder_can_have_is_refused(name: str, said: str, page: Path, tmp_path: Path) -> None:
    status, _, told = run(page, "--service", "orders", "--into", tmp_path / "out", "--operation", name)
    assert (status, said in told, str(page) in told) == (4, True, True)
    assert not (tmp_path / "out").exists()


def test_names_that_differ_in_case_alone_are_told(tmp_path: Path) -> None:
    for name in ("Count", "count"):
        (tmp_path / f"{name}-1.txt").write_text(COUNT.replace("Count", name), "utf-8")
    pages = [tmp_path / "Count-1.txt", tmp_path / "count-1.txt"]
    status, _, told = run(*pages, "--service", "orders", "--into", tmp_path / "out")
    assert status == 0
    assert f"warning: {pages[1]}:" in told
    assert "differ in their case alone" in told


def test_cautions_name_each_page_as_it_was_given(tmp_path: Path) -> None:
    pages = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for file, text in zip(pages, (ECHO, COUNT), strict=True):
        file.write_text(text.replace("int", "banana"), "utf-8")
    _, _, told = run(*pages, "--service", "orders", "--into", tmp_path / "out")
    assert {line.split(":")[1].strip() for line in told.splitlines()} == set(map(str, pages))


def test_attributes_are_explained(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(asmx_page("Tag", [Element("x", "int", attributes='lang="string"')], []), "utf-8")
    _, told, _ = run(file, "--service", "orders", "--into", tmp_path / "out", "--explain")
    assert any("x/@lang: type xs:string" in line and "[documented]" in line for line in told.splitlines())


def test_check_goes_on_after_what_is_missing_or_broken(page: Path, tmp_path: Path) -> None:
    other = tmp_path / "Count.txt"
    other.write_text(COUNT, "utf-8")
    for file in (page, other):
        run(file, "--service", "orders", "--into", tmp_path / "out")
    (tmp_path / "out" / "orders" / "Count" / "contract.toml").unlink()
    (tmp_path / "out" / "orders" / "Echo" / "page.html").unlink()
    (tmp_path / "out" / "broken").mkdir()
    (tmp_path / "out" / "broken" / "service.toml").write_text("x =", "utf-8")
    status, told, _ = run("--check", "--contracts", tmp_path / "out")
    assert status == 1
    assert [said in told for said in ("broken/service.toml:1: is not TOML", "Count/contract.toml: is missing")] == [
        True
    ] * 2
    assert "Echo/page.html: cannot be read" in told
    assert run("--check", "--contracts", tmp_path / "out", "--service", "broken")[1].count("\n") == 2


def test_check_takes_no_page(page: Path) -> None:
    status, _, told = run(page, "--check")
    assert (status, "--check takes no PAGE" in told) == (4, True)


def test_drift_looks_at_the_service_that_is_asked_for_alone(page: Path, tmp_path: Path) -> None:
    wsdl = tmp_path / "orders.wsdl"
    wsdl.write_text(large_wsdl(2), "utf-8")
    run(wsdl, "--service", "orders", "--into", tmp_path / "out")
    (tmp_path / "out" / "broken").mkdir()
    (tmp_path / "out" / "broken" / "service.toml").write_text("x =", "utf-8")
    status, told, _ = run(wsdl, "--drift", "--service", "orders", "--contracts", tmp_path / "out")
    assert (status, told.strip()) == (0, "0 breaking, 0 compatible, 0 note differences")


def test_one_operation_of_a_wsdl_is_derived_where_it_is_named(tmp_path: Path) -> None:
    wsdl = tmp_path / "orders.wsdl"
    wsdl.write_text(large_wsdl(2), "utf-8")
    run(wsdl, "--service", "orders", "--into", tmp_path / "out", "--operation", "Op1")
    assert list(load_service(tmp_path / "out" / "orders").operations) == ["Op1"]
    status, _, told = run(wsdl, "--service", "orders", "--into", tmp_path / "out", "--operation", "Op7")
    assert (status, "--operation: is not described (found 'Op7'). Described: Op0, Op1" in told) == (4, True)


def test_no_space_for_temporary_files_is_one_message(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    status, _, told = run(page, "--service", "orders", "--into", tmp_path / "out")
    assert status == 4
    assert "temporary files cannot be written: No space left on device" in told
    assert not (tmp_path / "out").exists()


def test_check_ends_with_status_1_where_files_differ(tmp_path: Path) -> None:
    assert run("--check")[0] == 0
    shutil.copytree(SERVICES / "utws", tmp_path / "utws")
    contract = tmp_path / "utws" / "logsAvailable" / "contract.toml"
    contract.write_text(contract.read_text("utf-8") + "# more\n", "utf-8")
    status, out, _ = run("--check", "--contracts", tmp_path)
    assert status == 1
    assert "contract.toml: differs from what is derived" in out


# --- pages of one operation, one after the other ----------------------------------------------------------------------


def saved(folder: Path, name: str, text: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def over(protocol: str, result: str = "string") -> str:
    return asmx_page("Echo", [Element("size", "int")], [Element("EchoResult", result)], protocols=[protocol])


def test_page_of_another_binding_joins_the_first_as_if_given_at_once(tmp_path: Path) -> None:
    one, other = (
        saved(tmp_path, "one.txt", over("soap11")),
        saved(tmp_path, "other.html", FORMS["html"](over("soap12"))),
    )
    at_once = derive([one, other], Wanted("shop"), tmp_path / "once").folder
    derive([one], Wanted("shop"), tmp_path / "services")
    derived = derive([other], Wanted("shop"), tmp_path / "services")
    assert files(derived.folder) == files(at_once)
    assert {"Echo/page.txt", "Echo/page.html"} <= files(derived.folder).keys()
    assert derived.joined == {"Echo": ["page.txt"]}
    assert [each.protocol for each in load_service(derived.folder).operations["Echo"].bindings] == ["soap11", "soap12"]
    assert list(check(tmp_path / "services")) == []
    assert derive([one], Wanted("shop"), tmp_path / "services").joined == {"Echo": ["page.html"]}
    assert files(derived.folder) == files(at_once)


def test_page_of_the_same_text_takes_the_place_of_the_kept_one(tmp_path: Path) -> None:
    folder = derive([saved(tmp_path, "one.txt", over("soap11"))], Wanted("shop"), tmp_path / "services").folder
    derived = derive([saved(tmp_path, "two.txt", over("soap11") + "\n\n")], Wanted("shop"), tmp_path / "services")
    assert (folder / "Echo" / "page.txt").read_text("utf-8") == over("soap11") + "\n\n"
    assert (derived.joined, [each.name for each in (folder / "Echo").glob("page*")]) == ({}, ["page.txt"])


def test_contradicting_page_joins_with_a_warning_and_replaces_where_asked(tmp_path: Path) -> None:
    derive([saved(tmp_path, "one.txt", over("soap11"))], Wanted("shop"), tmp_path / "services")
    other = saved(tmp_path, "two.txt", over("soap11", "int"))
    joined = derive([other], Wanted("shop"), tmp_path / "services")
    assert [each.name for each in joined.description.operations[0].documents] == ["page.txt", "page-2.txt"]
    assert any("a second time" in each.problem for each in joined.description.cautions)
    result = CliRunner().invoke(main, ["derive", other, "--service", "shop", "--into", str(tmp_path / "services")])
    assert "together with page.txt" in result.output
    derive([other], Wanted("shop", replaces=True), tmp_path / "services")
    assert [each.name for each in (joined.folder / "Echo").glob("page*")] == ["page.txt"]
    assert (joined.folder / "Echo" / "page.txt").read_text("utf-8") == over("soap11", "int")
    assert list(check(tmp_path / "services")) == []


def test_page_that_joins_one_of_several_operations_leaves_the_others_be(tmp_path: Path) -> None:
    both, more = saved(tmp_path, "both.txt", f"{over('soap11')}\n{COUNT}"), saved(tmp_path, "more.txt", over("soap12"))
    at_once = derive([both, more], Wanted("shop"), tmp_path / "once").folder
    folder = derive([both], Wanted("shop"), tmp_path / "services").folder
    derive([more], Wanted("shop"), tmp_path / "services")
    assert files(folder) == files(at_once)
    third = asmx_page("Third", [], []) + asmx_page("Fourth", [], [])
    derive([saved(tmp_path / "elsewhere", "both.txt", third)], Wanted("shop"), tmp_path / "services")
    assert {each.name for each in (folder / "pages").iterdir()} == {"both.txt", "both-2.txt"}
    fifth = saved(tmp_path / "another", "both.txt", asmx_page("Fifth", [], []) + asmx_page("Sixth", [], []))
    derive([fifth], Wanted("shop", replaces=True), tmp_path / "services")
    assert (folder / "pages" / "both-3.txt").is_file()
    assert list(check(tmp_path / "services")) == []


def test_operation_is_not_taken_from_pages_to_a_wsdl_unasked(tmp_path: Path) -> None:
    wsdl = saved(tmp_path, "w.wsdl", large_wsdl(1))
    name = derive([wsdl], Wanted("shop"), tmp_path / "services").description.operations[0].name
    page = saved(tmp_path, "page.txt", asmx_page(name, [Element("n", "int")], []))
    before = files(tmp_path / "services")
    with pytest.raises(ContractError, match=f"describes {name}, which was derived from a WSDL"):
        derive([page], Wanted("shop"), tmp_path / "services")
    assert files(tmp_path / "services") == before
    with pytest.raises(ContractError, match=r"leaf\.0\.path: no such element in any request"):
        derive([page], Wanted("shop", replaces=True), tmp_path / "services")
    shutil.rmtree(tmp_path / "services")
    derive([page], Wanted("shop"), tmp_path / "services")
    with pytest.raises(ContractError, match="which was derived from pages"):
        derive([wsdl], Wanted("shop"), tmp_path / "services")


def test_page_under_a_name_of_its_own_is_joined_under_it(tmp_path: Path) -> None:
    one, other = saved(tmp_path, "one.txt", over("soap11")), saved(tmp_path, "other.txt", over("soap12"))
    for page in (one, other):
        folder = derive([page], Wanted("shop", operation="Other"), tmp_path / "services").folder
    assert [each.protocol for each in load_service(folder).operations["Other"].bindings] == ["soap11", "soap12"]
    assert list(check(tmp_path / "services")) == []


def test_check_names_rulings_that_are_gone(tmp_path: Path) -> None:
    derive([saved(tmp_path, "one.txt", over("soap11"))], Wanted("shop"), tmp_path / "services")
    (tmp_path / "services" / "shop" / "service.toml").unlink()
    shutil.copytree(SERVICES / "utws", tmp_path / "services" / "utws")
    (difference,) = check(tmp_path / "services")
    assert str(difference).startswith(f"{tmp_path / 'services' / 'shop' / 'service.toml'}: is missing")


def test_check_names_a_ruling_that_matches_nothing(tmp_path: Path) -> None:
    shutil.copytree(SERVICES / "studebaker", tmp_path / "studebaker")
    file = tmp_path / "studebaker" / "service.toml"
    text = file.read_text("utf-8").replace('path = "LoginToken"', 'path = "LoginTokne"')
    file.write_text(text, "utf-8")
    (difference,) = check(tmp_path)
    assert text.split("\n")[(difference.line or 0) - 1] == 'path = "LoginTokne"'
    assert "no such element in any message (found 'LoginTokne')" in difference.problem


def test_ruling_that_matches_nothing_is_named_in_the_file_that_was_given(tmp_path: Path) -> None:
    page = saved(tmp_path, "one.txt", over("soap11"))
    folder = derive([page], Wanted("shop"), tmp_path / "services").folder
    text = (folder / "service.toml").read_text("utf-8") + '\n[[operation.secret]]\npath = "x/y"\nreason = "r"\n'
    given = Path(saved(tmp_path, "mine.toml", text))
    with pytest.raises(ContractError, match="below the root is") as caught:
        derive([page], Wanted("shop", given), tmp_path / "services")
    assert (caught.value.place.file, caught.value.place.line) == (given, text.count("\n") - 1)


@pytest.mark.parametrize("ruling, leaf", [
    ('path = "size"\nvalues = ["2", "3"]', "leaf.0.value: is excluded by the ruling on size in line"),
    ('path = "size"\ntype = "dateTime"', "leaf.0.value: is excluded by the ruling on size in line"),
])  # fmt: skip
def test_ruling_that_excludes_the_known_good_value_is_an_error(ruling: str, leaf: str, tmp_path: Path) -> None:
    page = saved(tmp_path, "one.txt", over("soap11"))
    folder = derive([page], Wanted("shop"), tmp_path / "services").folder
    before = files(folder)
    text = before["service.toml"].decode() + f'\n[[operation.component]]\n{ruling}\nreason = "r"\n'
    (folder / "service.toml").write_text(text, "utf-8")
    with pytest.raises(ContractError) as caught:
        derive([page], Wanted("shop"), tmp_path / "services")
    assert leaf in str(caught.value)
    assert text.split("\n")[(caught.value.place.line or 0) - 1] == 'value = "1"'


def test_requirement_with_an_unknown_check_is_named_where_it_is_ruled(tmp_path: Path) -> None:
    page = saved(tmp_path, "one.txt", over("soap11"))
    folder = derive([page], Wanted("shop"), tmp_path / "services").folder
    text = (folder / "service.toml").read_text("utf-8") + (
        '\n[[operation.requirement]]\nslug = "a"\nlevel = "must"\nbasis = "inferred"\nat.soap11 = "1:1"\n'
        'check = "nothing_known"\nrequires = "r"\naccepts = ["a"]\nreason = "r"\n'
    )
    (folder / "service.toml").write_text(text, "utf-8")
    with pytest.raises(ContractError, match="is none of the judge's checks") as caught:
        derive([page], Wanted("shop"), tmp_path / "services")
    assert caught.value.place.file == folder / "service.toml"
    assert text.split("\n")[(caught.value.place.line or 0) - 1].startswith("check")


def test_full_disk_while_deriving_again_is_one_short_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = saved(tmp_path, "one.txt", over("soap11"))
    derive([page], Wanted("shop"), tmp_path / "services")
    before = files(tmp_path / "services")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr(shutil, "copyfile", full)
    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(ContractError) as caught:
        derive([page], Wanted("shop"), tmp_path / "services")
    assert caught.value.problem == "temporary files cannot be written: No space left on device"
    assert files(tmp_path / "services") == before
