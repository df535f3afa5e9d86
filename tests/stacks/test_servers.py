"""The servers answer what their pages show; only then is what else they answer worth knowing."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests

from .processes import StackUnavailable, program, running, wait_until_ready
from .servers import Stack

SERVICES = Path(__file__).resolve().parents[2] / "contracts" / "services"
UTWS = "utws/logsAvailable"
ECGRIDOS = "ecgridos/ReportInstantStats"
PARTSTREAM = "partstream/SWServiceLogout"
TEXT_XML = "text/xml; charset=utf-8"
SOAP_XML = "application/soap+xml; charset=utf-8"
SOAP_ACTIONS = {
    UTWS: '"http://smarttech.com/webservices/UsageTracking/UTWS/v1/logsAvailable"',
    ECGRIDOS: '"https://os.ecgrid.io/ReportInstantStats"',
    PARTSTREAM: '""',
}

on_asmx = pytest.mark.parametrize("stack", ["asmx"], indirect=True)
on_each_partstream = pytest.mark.parametrize("stack", ["php", "perl", "gsoap"], indirect=True)


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    """A client that takes nothing from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def envelopes(page: str) -> list[str]:
    """The envelopes that a page prints: the request and the response of each binding in turn.

    Pages indent with no-break spaces, which XML takes for text and gSOAP for an error.
    """
    text = (SERVICES / page / "page.txt").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    return [found[0] for found in re.finditer(r"<([\w-]+):Envelope.*?</\1:Envelope>", text, re.DOTALL)]


def documented_request(stack: Stack, page: str, index: int) -> str:
    """The envelope at `index`, with values the server knows for its placeholders."""
    values = stack.targets[page.partition("/")[0]]["values"]
    text = values.get("SessionID", "text")
    return re.sub(
        r">(int|short|string)<",
        lambda word: f">{text if word[1] == 'string' else 1}<",
        envelopes(page)[index],
    )


def structure(xml: str | bytes) -> list[str]:
    """The names of all elements, in document order."""
    return [element.tag for element in ElementTree.fromstring(xml).iter()]


@on_asmx
@pytest.mark.parametrize(
    "page, index, content_type",
    [
        pytest.param(UTWS, 0, TEXT_XML, id="utws-soap11"),
        pytest.param(UTWS, 2, SOAP_XML, id="utws-soap12"),
        pytest.param(ECGRIDOS, 0, TEXT_XML, id="ecgridos-soap11"),
        pytest.param(ECGRIDOS, 2, SOAP_XML, id="ecgridos-soap12"),
    ],
)
def test_asmx_answers_the_documented_envelope(
    stack: Stack, http: requests.Session, page: str, index: int, content_type: str
) -> None:
    answer = http.post(
        stack.targets[page.partition("/")[0]]["url"],
        documented_request(stack, page, index),
        headers={"Content-Type": content_type, "SOAPAction": SOAP_ACTIONS[page]},
        timeout=30,
    )
    documented = structure(envelopes(page)[index + 1])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    # A DataSet goes on where its documentation ends, with the contents of xs:schema.
    assert structure(answer.content)[: len(documented)] == documented


@on_asmx
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_asmx_answers_the_documented_form(stack: Stack, http: requests.Session, method: str) -> None:
    target = stack.targets["ecgridos"]
    form = target["values"] | {"Minutes1": "1", "Minutes2": "2"}
    query, body = (form, None) if method == "GET" else (None, form)
    url = f"{target['url']}/ReportInstantStats"
    answer = http.request(method, url, params=query, data=body, timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TEXT_XML)
    assert structure(answer.content)[0] == "{https://os.ecgrid.io/}DataSet"


@on_asmx
def test_ecgridos_refuses_an_unknown_session(stack: Stack, http: requests.Session) -> None:
    form = {"SessionID": "unknown", "Minutes1": "1", "Minutes2": "2"}
    answer = http.get(f"{stack.targets['ecgridos']['url']}/ReportInstantStats", params=form, timeout=30)
    assert answer.status_code == 500


def fresh_session(stack: Stack) -> str:
    """What the command among the values of partstream prints."""
    command = stack.targets["partstream"]["values"]["sessionid"].removeprefix("command:")
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


def log_out(stack: Stack, http: requests.Session, session: str, *, header_block: str = "") -> requests.Response:
    """The answer to the documented request for `session`, with one more header block."""
    request = envelopes(PARTSTREAM)[0].replace("0000", session)
    return http.post(
        stack.targets["partstream"]["url"],
        request.replace("</SOAP-ENV:Header>", header_block + "</SOAP-ENV:Header>"),
        headers={"Content-Type": TEXT_XML, "SOAPAction": SOAP_ACTIONS[PARTSTREAM]},
        timeout=30,
    )


@on_each_partstream
def test_partstream_ends_a_session_once(stack: Stack, http: requests.Session) -> None:
    session = fresh_session(stack)
    first, second = (log_out(stack, http, session) for _ in range(2))
    _, success, error = envelopes(PARTSTREAM)
    assert (first.status_code, structure(first.content)) == (200, structure(success))
    assert (second.status_code, structure(second.content)) == (200, structure(error))


@on_each_partstream
def test_partstream_faults_on_a_header_block_it_must_understand(stack: Stack, http: requests.Session) -> None:
    block = '<x:unknown xmlns:x="urn:unknown" SOAP-ENV:mustUnderstand="1"/>'
    answer = log_out(stack, http, fresh_session(stack), header_block=block)
    assert answer.status_code == 500
    assert ":MustUnderstand</faultcode>" in answer.text


def test_missing_program_names_its_package() -> None:
    with pytest.raises(StackUnavailable, match="apt-get install some-package"):
        program("soapstone-has-no-such-program", package="some-package")


def test_server_that_ends_at_its_start_is_reported_with_its_log(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo cannot start"]
    with (
        running(command, log=tmp_path / "server.log", environment={}) as process,
        pytest.raises(StackUnavailable, match="cannot start"),
    ):
        wait_until_ready(lambda: False, processes=[process], folder=tmp_path, seconds=30)


def test_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with (
        running(["sleep", "60"], log=tmp_path / "server.log", environment={}) as process,
        pytest.raises(StackUnavailable, match="no good answer"),
    ):
        wait_until_ready(lambda: False, processes=[process], folder=tmp_path, seconds=0.1)
    assert process.poll() is not None
