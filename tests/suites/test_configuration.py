"""The configuration: what is wrong is said with file, line and value, and values are had when they are needed."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.errors import ContractError
from contracts.loader import load_services
from contracts.model import Service
from contracts.values import names_in
from strategies.templates import template_of
from suites.configuration import (
    Budget,
    Configuration,
    ConfigurationError,
    Target,
    Values,
    ValueUnavailableError,
    read_configuration,
    resolve,
)
from suites.leaves import with_configured
from suites.plan import Item, plan

URL = "http://127.0.0.1:1/utws.asmx"


@pytest.fixture(scope="module")
def services() -> Mapping[str, Service]:
    """The five services."""
    return load_services()


def read(folder: Path, text: str, services: Mapping[str, Service]) -> Configuration:
    """The configuration of a targets.toml with that text."""
    file = folder / "targets.toml"
    file.write_text(text)
    return read_configuration(file, [], services)


def test_targets_and_budget_are_read(
    tmp_path: Path, services: Mapping[str, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERSION", "2")
    text = f"""
        [budget]
        requests = 100
        rate = 2.5
        seconds = 0.5
        bytes = 1000
        [utws]
        url = "{URL}"
        defects = true
        [utws.values]
        productID = "17"
        version = "env:VERSION"
        [partstream]
        url = "https://host.example/soap/"
        [studebaker]
        url = "https://host.example/api/"
    """
    read_back = read(tmp_path, text, services)
    assert read_back.budget == Budget(100, 2.5, 0.5, 1000)
    assert read_back.targets == {
        "utws": Target("utws", URL, {"productID": "17", "version": "env:VERSION"}, defects=True),
        "partstream": Target("partstream", "https://host.example/soap/"),
        "studebaker": Target("studebaker", "https://host.example/api"),
    }


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("[utws", 1, "is not TOML"),
        ("utws = 1", 1, "utws"),
        ("[utws]", 1, "'url' is a required property"),
        ("[utws]\nurl = 1", 2, "(found 1)"),
        ("[utws]\nurl = ''", 2, "(found '')"),
        ("[utws]\nurl = 'ftp://host/'", 2, "ftp://host/"),
        ("[utws]\nurl = 'host:80/a'", 2, "host:80/a"),
        ("[utws]\nurl = 'http://'", 2, "http://"),
        ("[utws]\nurl = 'http://[::1'", 2, "http://[::1"),
        ("[utws]\nurl = 'http://host:99999/'", 2, "99999"),
        ("[utws]\nurl = 'http://host:port/'", 2, "host:port"),
        ("[utws]\nurl = 'http://host/?a=b'", 2, "?a=b"),
        ("[utws]\nurl = 'http://host/?'", 2, "query"),
        ("[utws]\nurl = 'http://host/#a'", 2, "#a"),
        ("[utws]\nurl = 'http://host/a b'", 2, "a b"),
        ('[utws]\nurl = "http://host/\\n"', 2, "\\n"),
        (f"[utws]\nurl = '{URL}'\nwhatever = 1", 3, "whatever"),
        (f"[utws]\nurl = '{URL}'\ndefects = 'yes'", 3, "(found 'yes')"),
        (f"[utws]\nurl = '{URL}'\nvalues = 'x'", 3, "(found 'x')"),
        (f"[nobody]\nurl = '{URL}'", 1, "(found 'nobody'). Known: ecgridos, mobileconnect"),
        ("[budget]\nseconds = 0", 2, "(found 0)"),
        ("[budget]\nrate = -1", 2, "(found -1)"),
        ("[budget]\nrequests = 1.5", 2, "(found 1.5)"),
        ("[budget]\nbytes = true", 2, "(found True)"),
        ("[budget]\nminutes = 1", 2, "Known here: bytes, duration, patience, rate, requests, seconds, traffic"),
        (
            f"[utws]\nurl = '{URL}'\n[utws.values]\nproduct = '1'",
            4,
            "(found 'product'). Known: apiVersion, architecture",
        ),
        (f"[utws]\nurl = '{URL}'\n[utws.values]\nproductID = 'one'", 4, "(found 'one')"),
        (f"[utws]\nurl = '{URL}'\n[utws.values]\nversion = \"\\u0001\"", 4, "\\x01"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_value(
    tmp_path: Path, services: Mapping[str, Service], text: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text, services)
    assert str(caught.value).startswith(f"{tmp_path / 'targets.toml'}:{line}: ")
    assert words in str(caught.value)


def test_configuration_that_is_not_there_is_named(tmp_path: Path, services: Mapping[str, Service]) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing\.toml: cannot be read"):
        read_configuration(tmp_path / "nothing.toml", [], services)


@pytest.mark.parametrize(
    "word, words",
    [
        ("utws", "is not SERVICE=URL (found 'utws')"),
        (URL, "is not SERVICE=URL"),
        ("utws=", "is not the URL of a target"),
        ("utws=host", "found 'host'"),
        ("utws=http://[::1", "found 'http://[::1'"),
        ("nobody=http://host/", "Known: ecgridos"),
        ("=http://host/", "no contract for this service"),
    ],
)
def test_targets_on_the_command_line_are_checked(services: Mapping[str, Service], word: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(None, [word], services)
    assert str(caught.value).startswith("--target: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("word", ["utws=https://me:hunter22@host/", "https://me:hunter22@host/"])
def test_password_in_a_url_is_refused_and_not_repeated(services: Mapping[str, Service], word: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(None, [word], services)
    assert "hunter22" not in str(caught.value)


def test_target_on_the_command_line_wins_and_keeps_the_values(tmp_path: Path, services: Mapping[str, Service]) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(f"[utws]\nurl = '{URL}'\ndefects = true\n[utws.values]\nproductID = '17'")
    target = read_configuration(file, ["utws=https://host/x.asmx"], services).targets["utws"]
    assert target == Target("utws", "https://host/x.asmx", {"productID": "17"}, defects=True)


@pytest.mark.parametrize(
    "url, is_loopback",
    [
        ("http://127.0.0.1/", True),
        ("http://127.8.9.10:80/", True),
        ("http://[::1]:80/", True),
        ("http://localhost:80/", True),
        ("http://LOCALHOST/", True),
        ("http://localhost.localdomain/", False),
        ("http://localhost.example/", False),
        ("http://127.0.0.1.example/", False),
        ("http://0.0.0.0/", False),
        ("http://10.0.0.1/", False),
    ],
)
def test_loopback_is_known_by_its_name(url: str, is_loopback: bool) -> None:
    target = Target("utws", url)
    assert (target.is_loopback, target.allows_defects) == (is_loopback, is_loopback)
    assert replace(target, defects=True).allows_defects


def test_what_is_said_holds_on_loopback_too() -> None:
    """A tunnel to somebody else's target ends on loopback."""
    target = Target("utws", "http://127.0.0.1:1/", defects=False, probes=False)
    assert not target.allows_defects
    assert not target.allows_probes
    assert Target("utws", "http://127.0.0.1:1/").allows_probes


# --- sources that have nothing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source, words",
    [
        ("env:SOAPSTONE_NO_SUCH", "utws.values.productID: the environment variable SOAPSTONE_NO_SUCH is not set"),
        ("env:SOAPSTONE_TEST_VALUE", "utws.values.productID: what env:SOAPSTONE_TEST_VALUE gives is not valid there"),
        ("file:nothing", "nothing cannot be read: No such file"),
    ],
)
def test_source_that_has_nothing_is_told_with_its_line_by_whoever_needs_it(
    tmp_path: Path, services: Mapping[str, Service], monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.setenv("SOAPSTONE_TEST_VALUE", "no number, and secret")
    target = read(tmp_path, f"[utws]\nurl = '{URL}'\n[utws.values]\nproductID = '{source}'", services).targets["utws"]
    with pytest.raises(ConfigurationError) as caught:
        target.require_sources()
    assert str(caught.value).startswith(f"{tmp_path / 'targets.toml'}:4: ")
    assert words in str(caught.value)
    assert "no number" not in str(caught.value)


def test_what_an_original_lacks_is_told_by_its_own_table(tmp_path: Path, services: Mapping[str, Service]) -> None:
    text = f"[utws]\nurl = '{URL}'\n[utws.original]\nurl = '{URL}'\n[utws.original.auth.bearer]\ntoken = 'env:NO_SUCH'"
    file = tmp_path / "targets.toml"
    file.write_text(text)
    original = read_configuration(file, [], services, ["utws"]).originals["utws"]
    with pytest.raises(ContractError, match=r"targets.toml:6: utws\.original\.auth\.bearer\.token: the environment"):
        original.require_sources()


# --- values -----------------------------------------------------------------------------------------------------------


def command(folder: Path, code: str) -> str:
    """A configured command that runs Python code in a folder of its own."""
    script = folder / "hand_out.py"
    script.write_text(f"import sys, pathlib\nhere = pathlib.Path({str(folder)!r})\n{code}")
    return "command:" + shlex.join([sys.executable, "-I", "-S", str(script)])


def test_values_come_from_where_they_are_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOAPSTONE_TEST_VALUE", "from the environment")
    assert resolve("as it is", "x") == "as it is"
    assert resolve("urn:with:colons", "x") == "urn:with:colons"
    assert resolve("env:SOAPSTONE_TEST_VALUE", "x") == "from the environment"
    assert resolve(command(tmp_path, "print(' first ')\nprint('second')"), "x") == "first"


@pytest.mark.parametrize(
    "code, words",
    [
        ("print('hunter22'); sys.stderr.write('hunter22'); sys.exit(3)", "exit status 3"),
        ("", "printed nothing"),
        ("print()", "printed nothing"),
        ("sys.stdout.buffer.write(b'hunter22\\xff')", "UnicodeDecodeError"),
        ("print('hunter22\\x01')", "no XML document can hold"),
    ],
)
def test_command_that_fails_is_named_without_its_words(tmp_path: Path, code: str, words: str) -> None:
    with pytest.raises(ValueUnavailableError, match=words) as caught:
        resolve(command(tmp_path, code), "utws.values.x")
    assert str(caught.value).startswith("utws.values.x: ")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "source, words",
    [
        ("env:SOAPSTONE_NO_SUCH_VARIABLE", "SOAPSTONE_NO_SUCH_VARIABLE is not set"),
        ("command:", "failed"),
        ("command:/nowhere/to/be/found", "no such program"),
        ("command:'unbalanced", "ValueError"),
    ],
)
def test_value_that_cannot_be_had_is_named(source: str, words: str) -> None:
    with pytest.raises(ValueUnavailableError, match=words):
        resolve(source, "x")


def test_command_has_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suites.sources.COMMAND_SECONDS", 0.3)
    with pytest.raises(ValueUnavailableError, match="it took more than"):
        resolve(command(tmp_path, "import time; time.sleep(30)"), "x")


COUNTING = """
counter = here / "count"
number = int(counter.read_text()) + 1 if counter.exists() else 1
counter.write_text(str(number))
print(f"session-{number:04}")
"""


@pytest.mark.parametrize(
    "service, name, taken",
    [
        ("partstream", "sessionid", ["session-0001", "session-0002", "session-0003"]),
        ("ecgridos", "SessionID", ["session-0001"] * 3),
    ],
)
def test_consumed_values_are_had_afresh_for_each_message(
    tmp_path: Path, services: Mapping[str, Service], service: str, name: str, taken: list[str]
) -> None:
    target = Target(service, "http://127.0.0.1:1/", {name: command(tmp_path, COUNTING)})
    (operation,) = services[service].operations.values()
    values = Values(target, operation)
    assert values.names == {name}
    assert [values.take([name])[name] for _ in range(3)] == taken


def test_configured_value_that_breaks_the_message_is_not_sent(services: Mapping[str, Service]) -> None:
    service = with_configured(services["utws"], ["productID"])
    values = Values(Target("utws", URL, {"productID": "many"}), service.operations["logsAvailable"])
    with pytest.raises(ValueUnavailableError, match="productID"):
        values.take(["productID"])


# --- leaves -----------------------------------------------------------------------------------------------------------


def items(service: Service) -> list[Item]:
    """The standard plan of a service."""
    return list(plan({service.name: service}, (), "standard", 0))


@pytest.mark.parametrize(
    "service, names",
    [
        ("utws", ["productID", "version"]),
        ("ecgridos", ["Minutes1"]),
        ("mobileconnect", ["RecordsPerPage", "UserReferUid"]),
        ("studebaker", ["RequestIpAddress"]),
        ("partstream", ["secure"]),
    ],
)
def test_configured_leaf_is_in_every_known_good_message_and_never_varied(
    services: Mapping[str, Service], service: str, names: list[str]
) -> None:
    taking = with_configured(services[service], names)
    credentials = {leaf.name for each in taking.operations.values() for leaf in each.leaves if leaf.credential}
    for item in items(taking):
        messages = list(item.messages()) if item.is_unbroken else []
        for message in messages:
            if message.kind in ("sample", "spelling"):
                assert names_in(message.request) == {*names, *credentials}
            varied = {change.where.rpartition("/")[2].partition("[")[0] for change in message.changes}
            assert not varied & set(names)


def test_service_without_configured_leaves_is_as_it_was(services: Mapping[str, Service]) -> None:
    for service in services.values():
        assert with_configured(service, []) == service
        for operation in service.operations.values():
            credentials = [leaf.name for leaf in operation.leaves if leaf.credential]
            assert with_configured(service, credentials) == service


def test_leaves_without_a_ruling_can_be_configured(services: Mapping[str, Service]) -> None:
    service = services["mobileconnect"]
    (operation,) = service.operations.values()
    ruled = {leaf.name for leaf in operation.leaves}
    unruled = {site.path for site in template_of(operation, "soap12").leaves} - set(operation.leaves_by_path)
    names = {path.rpartition("/")[2] for path in unruled}
    (taking,) = with_configured(service, names).operations.values()
    assert {leaf.name for leaf in taking.leaves} == ruled | names
