"""A service added with `soapstone derive` alone, no Python and no line written by hand, is certified on its server."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from .microsoft_pages import pages
from .servers import Stack
from .variety import address_of

CERTIFIED = 0
SECONDS = 1_800
"""What a run of the standard profile may take on a slow machine."""

on_asmx = pytest.mark.parametrize("stack", ["asmx"], indirect=True)


@dataclass(frozen=True, slots=True)
class Certified:
    """What `soapstone certify` made of a derived service."""

    status: int
    printed: str
    verdict: Mapping[str, Any]

    def with_verdict(self, verdict: str) -> set[tuple[str, str, str]]:
        """Operation, binding and id of each requirement with this verdict."""
        rows = (row for row in self.verdict["requirements"] if row["verdict"] == verdict)
        return {(row["operation"] or "", row["binding"] or "", row["id"]) for row in rows}


def soapstone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the command."""
    command = [str(Path(sys.executable).with_name("soapstone")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def from_wsdl(address: str, _: Path) -> Sequence[str]:
    """The source that a live WSDL is."""
    return [f"{address}?wsdl"]


def from_pages(address: str, folder: Path) -> Sequence[str]:
    """The sources that the service's help pages are, saved as text in Microsoft's layout."""
    with requests.Session() as session:
        session.trust_env = False
        wsdl = session.get(f"{address}?wsdl", timeout=60).content
    for name, text in pages(wsdl).items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [str(file) for file in sorted(folder.glob("*.txt"))]


@pytest.fixture(scope="module", params=[from_wsdl, from_pages], ids=["wsdl", "pages"])
def certified(request: pytest.FixtureRequest, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """The service Stock, derived from its WSDL or its pages, and certified at profile standard."""
    folder = tmp_path_factory.mktemp("stock")
    address = address_of(stack, "Stock")
    sources = request.param(address, folder)
    derived = soapstone("derive", *sources, "--service", "stock", "--into", str(folder / "services"))
    assert derived.returncode == 0, derived.stdout + derived.stderr
    again = soapstone("derive", "--check", "--contracts", str(folder / "services"))
    assert again.returncode == 0, again.stdout
    out = folder / "out"
    where = ("--contracts", str(folder / "services"), "--target", f"stock={address}", "--out", str(out))
    done = soapstone("certify", *where)
    printed = done.stdout + done.stderr
    assert (out / "verdict.json").is_file(), printed
    return Certified(done.returncode, printed, json.loads((out / "verdict.json").read_bytes()))


@on_asmx
def test_derived_service_is_certified(certified: Certified) -> None:
    assert certified.with_verdict("violated") == set(), certified.printed
    assert certified.with_verdict("deviates") == set()
    assert certified.status == CERTIFIED, certified.printed


@on_asmx
def test_every_operation_of_the_derived_service_was_exercised(certified: Certified) -> None:
    rows = certified.with_verdict("conformant")
    assert {operation for operation, _, _ in rows} >= {
        "AddArticles",
        "Count",
        "FindArticles",
        "GetArticle",
        "Ping",
        "Reserve",
    }
    assert {binding for _, binding, _ in rows} >= {"soap11", "soap12", "http_get", "http_post"}
