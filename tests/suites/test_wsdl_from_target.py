"""WSDLs asked of a target: what it serves itself is read, and nothing is asked of anybody else."""

import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import soapstone
from contracts.derive.wsdl import describe_wsdl
from contracts.errors import ContractError
from contracts.loader import load_services
from suites.wsdl import FromTarget

NAMESPACE = "http://echo.example/"
TYPES = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}">
<xs:element name="Echo"><xs:complexType><xs:sequence><xs:element name="text" type="xs:{{kind}}"/></xs:sequence>
</xs:complexType></xs:element>
<xs:element name="EchoResponse" type="xs:string"/>
</xs:schema>"""
WSDL = f"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<types><xs:schema><xs:import namespace="{NAMESPACE}" schemaLocation="{{location}}"/></xs:schema></types>
<message name="In"><part name="p" element="t:Echo"/></message>
<message name="Out"><part name="p" element="t:EchoResponse"/></message>
<portType name="P"><operation name="Echo"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="Echo"><soap:operation soapAction="echo"/><input><soap:body use="literal"/></input>
<output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://echo.example/svc"/></port></service>
</definitions>"""

Answers = dict[str, tuple[int, Mapping[str, str], str]]


class Server:
    """Answers of a made-up target, by path and query, and what was asked of it."""

    def __init__(self) -> None:
        self.answers: Answers = {}
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                status, fields, text = server.answers.get(self.path, (404, {}, "none"))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(text)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Nothing: the tests look at what was asked."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.http.server_address[1]}"

    def serve(self, path: str, text: str, *, status: int = 200, **fields: str) -> str:
        """Has a path answered; gives its address."""
        self.answers[path] = (status, fields, text)
        return f"{self.root}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    """A target on loopback."""
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def test_wsdl_and_what_it_refers_to_are_asked_of_the_target(server: Server) -> None:
    url = server.serve("/svc?wsdl", WSDL.format(location="?xsd=1"))
    server.serve("/svc?xsd=1", TYPES.format(kind="string"))
    description = describe_wsdl(url, FromTarget(url), service="echo")
    assert [operation.name for operation in description.operations] == ["Echo"]
    assert description.cautions == ()
    assert server.asked == ["/svc?wsdl", "/svc?xsd=1"]


def test_no_other_host_is_asked(server: Server) -> None:
    url = server.serve("/svc?wsdl", WSDL.format(location="http://localhost.invalid/types.xsd"))
    with pytest.raises(ContractError, match=r"no other host is asked.*names an element that no schema has"):
        describe_wsdl(url, FromTarget(url), service="echo")
    assert server.asked == ["/svc?wsdl"]


def test_no_file_is_read_for_a_target(server: Server) -> None:
    url = server.serve("/svc?wsdl", WSDL.format(location="file:///etc/hostname"))
    with pytest.raises(ContractError, match="no other host is asked"):
        describe_wsdl(url, FromTarget(url), service="echo")


def test_redirects_are_not_followed(server: Server) -> None:
    server.serve("/there?wsdl", WSDL.format(location="?xsd=1"))
    url = server.serve("/svc?wsdl", "", status=302, Location=f"{server.root}/there?wsdl")
    with pytest.raises(ContractError, match="cannot be read: answers 302"):
        describe_wsdl(url, FromTarget(url), service="echo")
    assert server.asked == ["/svc?wsdl"]


@pytest.mark.parametrize(
    "text, status, said",
    [
        ("none", 404, r"/svc\?wsdl: cannot be read: answers 404"),
        ("<html></html>", 200, "is an HTML page, not a WSDL"),
        ("", 200, "is empty"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 200, "document type declaration, which is never read"),
    ],
)
def test_answer_that_is_no_wsdl_is_told(server: Server, text: str, status: int, said: str) -> None:
    url = server.serve("/svc?wsdl", text, status=status)
    with pytest.raises(ContractError, match=said):
        describe_wsdl(url, FromTarget(url), service="echo")


def test_target_that_does_not_answer_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/svc?wsdl"
    with pytest.raises(ContractError, match="gives no answer: refused"):
        describe_wsdl(url, FromTarget(url), service="echo")


def run(*arguments: str) -> int:
    """Exit status of the command."""
    with pytest.raises(SystemExit) as ended:
        soapstone.main(list(arguments), prog_name="soapstone")
    return int(ended.value.code or 0)


def test_live_wsdl_becomes_a_service_and_is_watched_for_drift(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.serve("/svc?wsdl", WSDL.format(location="?xsd=1"))
    server.serve("/svc?xsd=1", TYPES.format(kind="int"))
    services = str(tmp_path / "services")
    assert run("derive", url, "--service", "echo", "--into", services) == 0
    assert set(load_services(tmp_path / "services")["echo"].operations) == {"Echo"}
    assert run("derive", "--check", "--contracts", services) == 0
    assert run("derive", "--drift", url, "--service", "echo", "--contracts", services) == 0
    server.serve("/svc?xsd=1", TYPES.format(kind="short"))
    capsys.readouterr()
    assert run("derive", "--drift", url, "--service", "echo", "--contracts", services) == 1
    assert "breaking   Echo soap11 request Echo/text type: contract has int, WSDL has short" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", "--drift", "--service", "utws"),
        ("derive", "--drift", "a.wsdl", "b.wsdl", "--service", "utws"),
        ("derive", "--drift", "a.wsdl"),
        ("derive", "--drift", "no-such-file.wsdl", "--service", "utws"),
        ("derive", "--drift", "no-such-file.wsdl", "--service", "no-such-service"),
    ],
)
def test_drift_that_cannot_be_told_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 4
