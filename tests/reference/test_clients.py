"""Real clients call every operation: zeep over SOAP, from WSDLs of our own, and requests for the rest."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from reference_messages import login
from zeep.transports import Transport

from reference.server import Running

ASSETS = Path(__file__).with_name("assets")
SESSION = {"productID": 7, "osPlatform": 2, "osVersion": 6, "osBits": 64, "architecture": 9}


class Clients:
    """Clients of zeep by service and port."""

    def __init__(self, running: Running, session: requests.Session) -> None:
        self._running = running
        self._transport = Transport(session=session)
        self._clients: dict[str, zeep.Client] = {}

    def port(self, service: str, version: str) -> Any:
        wsdl = ASSETS / f"{service}.wsdl"
        client = self._clients.setdefault(service, zeep.Client(str(wsdl), transport=self._transport))
        (binding,) = [name for name in client.wsdl.bindings if name.endswith(version)]
        path = "/soap12" if service == "mobileconnect" else ""
        return client.create_service(binding, self._running.targets[service].url + path)


@pytest.fixture(scope="module")
def clients(running: Running) -> Iterator[Clients]:
    with requests.Session() as session:
        yield Clients(running, session)


@pytest.mark.parametrize("version", ["soap11", "soap12"])
def test_zeep_asks_utws(clients: Clients, version: str) -> None:
    asked = [{**SESSION, "version": text} for text in ("1.0", "", "é\U0001f600", None)]
    published = clients.port("utws", version).logsAvailable(apiVersion=1, sessions={"SessionInfo": asked})
    assert [session["version"] for session in published] == ["1.0", None, "é\U0001f600", None]
    assert {session["publish"] for session in published} == {"SummaryOnly"}


@pytest.mark.parametrize("version", ["soap11", "soap12"])
def test_zeep_asks_ecgridos(clients: Clients, running: Running, version: str) -> None:
    port = clients.port("ecgridos", version)
    session = running.targets["ecgridos"].values["SessionID"]
    result = port.ReportInstantStats(SessionID=session, Minutes1=-32768, Minutes2=32767)
    _, diffgram = result
    assert diffgram.findtext(".//ParcelsIn1") == "32768"
    with pytest.raises(zeep.exceptions.Fault, match="Invalid SessionID"):
        port.ReportInstantStats(SessionID="unknown", Minutes1=1, Minutes2=1)


def test_zeep_asks_mobileconnect(clients: Clients, running: Running) -> None:
    values = running.targets["mobileconnect"].values
    log = clients.port("mobileconnect", "soap12").UserClientSessionLog(
        **values, RecordsPerPage=3, PageRequestIndex=2, OpenSessionsOnly=True
    )
    assert (log["Result"], log["PageIndex"], log["TotalPageCount"]) == ("Success", 2, 4)
    assert len(log["LogEntries"]["UserClientSessionLog"]) == 3


def test_zeep_logs_out_of_partstream(clients: Clients, running: Running) -> None:
    command = running.targets["partstream"].values["sessionid"].removeprefix("command:")
    minted = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=10, check=True)
    session = minted.stdout.strip()
    assert len(session) >= 12
    answer = clients.port("partstream", "soap11").SWServiceLogout(
        secure="off", _soapheaders={"interfacename": "SWServiceLogout", "sessionid": session}
    )
    assert answer["sessionid"] == session
    assert answer["success"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ecgridos_by_form(http: requests.Session, running: Running, method: str) -> None:
    target = running.targets["ecgridos"]
    values = {**target.values, "Minutes1": "5", "Minutes2": "60"}
    sent = {"params": values} if method == "GET" else {"data": values}
    response = http.request(method, f"{target.url}/ReportInstantStats", timeout=5, **sent)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert etree.fromstring(response.content).findtext(".//InterchangesOut1") == "20"


@pytest.mark.parametrize("path", ["/xml/reply/Login", "/login/", "/login"])
def test_studebaker_login(http: requests.Session, running: Running, path: str) -> None:
    target = running.targets["studebaker"]
    sent = login(target.values["Username"], target.values["Password"])
    headers = {"Content-Type": "application/xml"}
    response = http.post(target.url + path, data=sent, headers=headers, timeout=5)
    assert response.status_code == 200
    assert etree.fromstring(response.content).findtext("{*}LoginToken")
