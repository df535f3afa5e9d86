"""UTWS logsAvailable on spyne, as its page shows it: contracts/services/utws/logsAvailable/page.txt.

Usage: python server.py PORT. spyne reads and writes every message, by the classes below; a request labelled
application/soap+xml goes to its SOAP 1.2, any other to its SOAP 1.1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from spyne import Application, Array, ComplexModel, Enum, Integer32, Integer64, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication
from waitress import serve

NAMESPACE = "http://smarttech.com/webservices/UsageTracking/UTWS/v1"
PATH = "/usagetracking/utws.asmx"
PUBLISH = ("Discard", "SummaryOnly", "Details")
FIELDS = (
    ("productID", Integer32),
    ("version", Unicode),
    ("osPlatform", Integer32),
    ("osVersion", Integer32),
    ("servicePack", Unicode),
    ("osBits", Integer32),
    ("architecture", Integer32),
    ("langID", Unicode),
    ("country", Unicode),
    ("locale", Unicode),
)


class SessionInfo(ComplexModel):
    """A session that is asked about."""

    __namespace__ = NAMESPACE
    _type_info = FIELDS


class SessionsToPublish(ComplexModel):
    """A session, and what to publish of it."""

    __namespace__ = NAMESPACE
    _type_info = (*FIELDS, ("publish", Enum(*PUBLISH, type_name="Publish")), ("publishUntil", Integer64))


class UsageTracking(ServiceBase):
    """The operation."""

    @rpc(Integer32, Array(SessionInfo), _returns=Array(SessionsToPublish))
    def logsAvailable(ctx, apiVersion, sessions):  # type: ignore[no-untyped-def]  # noqa: N802, N803, N805
        """Publishes each session that was asked about."""
        return [_to_publish(session) for session in sessions or [] if session is not None]


def _to_publish(session: SessionInfo) -> SessionsToPublish:
    values = {name: getattr(session, name) for name, _ in FIELDS}
    product = session.productID or 0
    return SessionsToPublish(**values, publish=PUBLISH[product % 3], publishUntil=1_767_225_600 + product)


def _application(protocol: type[Soap11]) -> WsgiApplication:
    return WsgiApplication(
        Application([UsageTracking], NAMESPACE, in_protocol=protocol(validator="soft"), out_protocol=protocol())
    )


def application() -> Callable[..., Iterable[bytes]]:
    """Both versions behind one address, and a path that tells that the server is there."""
    soap11, soap12 = _application(Soap11), _application(Soap12)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/ready":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"ready"]
        is_soap12 = environ.get("CONTENT_TYPE", "").startswith("application/soap+xml")
        chosen: Iterable[bytes] = (soap12 if is_soap12 else soap11)(environ, start_response)
        return chosen

    return answer


if __name__ == "__main__":
    serve(application(), host="127.0.0.1", port=int(sys.argv[1]), threads=8)
