"""Services are read from their folders, and every wrong folder is reported with file, line and value."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.errors import ContractError, UnknownNameError
from contracts.loader import SERVICES, load_service, load_services, pick

Edit = Callable[[Path], None]


@pytest.fixture(name="folder")
def folder_of_one_service(tmp_path: Path) -> Path:
    shutil.copytree(SERVICES / "utws", tmp_path / "utws")
    return tmp_path


def replacing(file: str, before: str, after: str, count: int = 1) -> Edit:
    """An edit that replaces the first occurrence of a text in a file of the service."""

    def edit(folder: Path) -> None:
        path = folder / "utws" / file
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after, count), "utf-8")

    return edit


def appending(file: str, extra: str) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / "utws" / file
        path.write_text(path.read_text("utf-8") + extra, "utf-8")

    return edit


def bytes_of(file: str, content: bytes) -> Edit:
    return lambda folder: (folder / "utws" / file).write_bytes(content) and None


def without(file: str) -> Edit:
    return lambda folder: (folder / "utws" / file).unlink()


CONTRACT = "logsAvailable/contract.toml"
OWN = '[[requirement]]\nid = "utws/logsAvailable/response-element"'
EXTRA = """
[[requirement]]
id = "utws/logsAvailable/{slug}"
level = "must"
basis = "documented"
at.{protocol} = "63:5"
check = "{check}"
does = "asks"
requires = "an answer"
accepts = ["one"]
"""
LEAF = '\n[[operation.leaf]]\npath = "a b"\nvalue = "1"\nreason = "none"\n'

WRONG: dict[str, tuple[Edit, str, str | None, object, str]] = {
    "not utf-8": (bytes_of("service.toml", b"\xff\xfe\xff"), "service.toml", None, None, "cannot be read"),
    "not toml": (bytes_of("service.toml", b"format = 1\nfamily == 2"), "service.toml", "family ==", None, "not TOML"),
    "empty": (bytes_of("service.toml", b""), "service.toml", None, None, "required property"),
    "wrong key": (
        replacing("service.toml", "title =", "titel ="),
        "service.toml",
        "titel =",
        "titel",
        "Known here: family",
    ),
    "wrong value": (
        replacing("service.toml", 'effect = "read"', 'effect = "none"'),
        "service.toml",
        'effect = "none"',
        "none",
        "is not one of",
    ),
    "wrong value below arrays of tables": (
        appending("service.toml", LEAF),
        "service.toml",
        'path = "a b"',
        "a b",
        "It must match",
    ),
    "unknown family": (
        replacing("service.toml", '"asmx"', '"corba"'),
        "service.toml",
        "family =",
        "corba",
        "Known: asmx, narrative",
    ),
    "unknown kind of relation": (
        replacing("service.toml", '"echo"', '"copy"'),
        "service.toml",
        'kind = "copy"',
        "copy",
        "is not one of",
    ),
    "operation twice": (
        appending("service.toml", '\n[[operation]]\nname = "logsAvailable"\neffect = "write"\n# twice'),
        "service.toml",
        None,
        "logsAvailable",
        "operation.1.name: stands twice",
    ),
    "operation without a folder": (
        replacing("service.toml", 'name = "logsAvailable"', 'name = "other"'),
        "other/contract.toml",
        None,
        None,
        "cannot be read",
    ),
    "missing contract": (without(CONTRACT), CONTRACT, None, None, "cannot be read"),
    "missing table": (
        replacing(CONTRACT, "[[binding]]", "[[bindings]]", 2),
        CONTRACT,
        "[[bindings]]",
        "bindings",
        "Known here: binding",
    ),
    "wrong service name": (
        replacing(CONTRACT, 'service = "utws"', 'service = "other"'),
        CONTRACT,
        "service =",
        "other",
        "'utws'",
    ),
    "wrong operation name": (
        replacing(CONTRACT, 'operation = "logsA', 'operation = "LogsA'),
        CONTRACT,
        "operation =",
        "LogsAvailable",
        "operation: differs",
    ),
    "two contents for one body": (
        replacing(CONTRACT, "status_code = 200", 'status_code = 200\nrequest.body.type = "T"'),
        CONTRACT,
        "request.body.type",
        None,
        "has too many properties",
    ),
    "binding twice": (
        replacing(CONTRACT, 'protocol = "soap12"', 'protocol = "soap11"'),
        CONTRACT,
        None,
        "soap11",
        "stands twice",
    ),
    "check and case at once": (
        replacing(CONTRACT, OWN, f'{OWN}\nsends = "valid"'),
        CONTRACT,
        "[[requirement]]",
        None,
        "requirement.0",
    ),
    "unknown check": (
        appending(CONTRACT, EXTRA.format(slug="x", protocol="soap11", check="no_such_check")),
        CONTRACT,
        'check = "no_such_check"',
        "no_such_check",
        "charset_is_true",
    ),
    "requirement of a binding that the page lacks": (
        appending(CONTRACT, EXTRA.format(slug="x", protocol="xml", check="payload_root")),
        CONTRACT,
        "at.xml",
        "xml",
        "Known: soap11, soap12",
    ),
    "requirement twice": (
        appending(CONTRACT, EXTRA.format(slug="publish-is-listed", protocol="soap11", check="payload_root")),
        CONTRACT,
        None,
        "utws/logsAvailable/publish-is-listed",
        "stands twice",
    ),
    "missing schema.xsd": (without("logsAvailable/schema.xsd"), "logsAvailable/schema.xsd", None, None, "is missing"),
}


@pytest.mark.parametrize("edit, file, line, value, said", WRONG.values(), ids=WRONG)
def test_wrong_service_is_reported(
    edit: Edit, file: str, line: str | None, value: object, said: str, folder: Path
) -> None:
    edit(folder)
    with pytest.raises(ContractError, match=said.replace("[", "\\[")) as caught:
        load_services(folder)
    place = caught.value.place
    assert place.file == folder / "utws" / file
    assert caught.value.value == value
    if line is not None:
        assert place.line is not None
        assert place.file.read_text("utf-8").splitlines()[place.line - 1].startswith(line)


@pytest.mark.parametrize("name, first", [("operation twice", "logsAvailable"), ("binding twice", "soap11")])
def test_second_of_two_is_the_wrong_one(name: str, first: str, folder: Path) -> None:
    edit, file, *_ = WRONG[name]
    edit(folder)
    with pytest.raises(ContractError) as caught:
        load_services(folder)
    lines = (folder / "utws" / file).read_text("utf-8").splitlines()
    wrong = [number for number, line in enumerate(lines, 1) if line.endswith(f'= "{first}"')]
    assert caught.value.place.line == wrong[1]


def test_service_that_stands_twice_is_reported(folder: Path) -> None:
    shutil.copytree(folder / "utws", folder / "utws2")
    with pytest.raises(ContractError, match="stands twice") as caught:
        load_services(folder)
    assert (caught.value.place.file, caught.value.value) == (folder / "utws2" / "service.toml", "utws")
    assert caught.value.place.line == 3


def test_schema_that_does_not_compile_is_reported_when_it_is_used(folder: Path) -> None:
    """A bad contract fails in its own test, not for all services at once."""
    replacing("logsAvailable/utws-v1.xsd", 'type="xs:long"', 'type="xs:lang"')(folder)
    schema = load_service(folder / "utws").operations["logsAvailable"].schema
    with pytest.raises(ContractError, match="lang") as caught:
        _ = schema.fast
    assert caught.value.place.file.name == "utws-v1.xsd"
    assert caught.value.place.line is not None
    with pytest.raises(ContractError, match="lang"):
        _ = schema.exact


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_folder_without_services_is_reported(name: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="service") as caught:
        load_services(tmp_path / name)
    assert caught.value.place.file == tmp_path / name


def test_unknown_name_is_reported_with_the_known_ones() -> None:
    services = load_services()
    assert pick(services, []) is services
    assert list(pick(services, ["utws", "ecgridos"])) == ["utws", "ecgridos"]
    with pytest.raises(UnknownNameError, match="Known: ecgridos, mobileconnect") as caught:
        pick(services, ["utws", "UTWS"])
    assert caught.value.value == "UTWS"


def test_loading_twice_gives_equal_digests_and_any_change_another(folder: Path) -> None:
    first, second = (load_service(folder / "utws").operations["logsAvailable"].digest for _ in range(2))
    (folder / "utws" / "logsAvailable" / "notes").mkdir()
    third = load_service(folder / "utws").operations["logsAvailable"].digest
    appending("logsAvailable/page.txt", " ")(folder)
    assert first == second == third != load_service(folder / "utws").operations["logsAvailable"].digest


@pytest.mark.parametrize("service", load_services().values(), ids=lambda service: service.name)
def test_ids_are_unique_on_every_binding(service) -> None:  # type: ignore[no-untyped-def]
    for operation in service.operations.values():
        for binding in operation.bindings:
            ids = [each.id for each in operation.requirements(binding.protocol)]
            assert len(ids) == len(set(ids))


def test_what_a_page_prints_on_the_envelope_is_kept() -> None:
    (binding,) = load_services()["partstream"].operations["SWServiceLogout"].bindings
    assert list(binding.envelope_attributes.values()) == ["http://schemas.xmlsoap.org/soap/encoding/"]


def test_relation_over_several_exchanges_is_sent_and_compared(folder: Path) -> None:
    operation = load_service(folder / "utws").operations["logsAvailable"]
    (found,) = [each for each in operation.relations if each.kind == "agree"]
    assert found.requirement.check is None
    assert found.requirement.sends == "over_each_binding"
    assert found.requirement.parameters["compares"] == "agree"


def test_relation_between_bindings_stands_on_those_alone(folder: Path) -> None:
    file = folder / "utws" / "service.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('bindings = ["soap11", "soap12"]', 'bindings = ["soap12", "http_get"]'), "utf-8")
    operation = load_service(folder / "utws").operations["logsAvailable"]
    id_ = "utws/logsAvailable/bindings-agree"
    assert id_ not in {each.id for each in operation.requirements("soap11")}
    assert id_ in {each.id for each in operation.requirements("soap12")}
