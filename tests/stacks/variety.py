"""A genuine ASMX service with operations of every shape, its WSDL, and its help pages in two layouts."""

from collections.abc import Mapping
from dataclasses import dataclass

import requests

from .microsoft_pages import pages
from .stack import Stack

SOAP_BINDING = "VarietySoap"


@dataclass(frozen=True, slots=True)
class Published:
    """What a service publishes of itself: its WSDL, and a page for each operation in each layout, by operation."""

    address: str
    wsdl: bytes
    microsoft: Mapping[str, bytes]
    mono: Mapping[str, bytes]


def root_of(stack: Stack) -> str:
    """Where the ASMX server runs."""
    return stack.targets["utws"]["url"].removesuffix("/usagetracking/utws.asmx")


def address_of(stack: Stack, service: str) -> str:
    """The address of a service of the folder `variety`."""
    return f"{root_of(stack)}/variety/{service}.asmx"


def published(stack: Stack) -> Published:
    """What the service Variety publishes, asked of the server."""
    address = address_of(stack, "Variety")
    with requests.Session() as session:
        session.trust_env = False
        wsdl = _got(session, address, {"wsdl": ""})
        microsoft = {name: text.encode() for name, text in pages(wsdl).items()}
        mono = {
            name: _got(session, address, {"page": "op", "tab": "msg", "op": name, "bnd": SOAP_BINDING, "ex": "2"})
            for name in microsoft
        }
    return Published(address, wsdl, microsoft, mono)


def _got(session: requests.Session, address: str, parameters: Mapping[str, str]) -> bytes:
    """What a GET answers, an error page included."""
    query = "&".join(f"{name}={value}" if value else name for name, value in parameters.items())
    return session.get(f"{address}?{query}", timeout=60).content
