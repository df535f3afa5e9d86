"""WSDLs from the target that offers them: the named address, and what it refers to at the same place, and no other."""

from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from contracts.derive.wsdl_documents import MAX_BYTES
from contracts.judge.records import Failure, Request
from suites.client import Client
from suites.configuration import Budget

SECONDS: Final = 30.0
"""What one document may take: the first request to a service often compiles it."""

MAX_DOCUMENTS: Final = 500
"""Documents of one WSDL: more than any has, and an end to one that is made up as it is read."""

_PORTS = {"http": 80, "https": 443}
_OK = 200


class FromTarget:
    """Documents of a target. What a WSDL names at another host is not asked for: nobody named that host."""

    def __init__(self, url: str) -> None:
        self._origin = _origin(url)
        self._host = urlsplit(url).netloc
        self._read = 0

    def resolve(self, base: str, reference: str) -> str:
        """The address that a reference in the document at `base` means."""
        return urldefrag(urljoin(base, reference)).url

    def origin(self, location: str, main: str) -> str:
        """The address itself."""
        return location

    def read(self, location: str) -> bytes:
        """What a GET of an address answers. Raises OSError for anything but a document of the target."""
        if _origin(location) != self._origin:
            raise OSError(
                f"is not at {self._host}, and no other host is asked; save it with the WSDL and derive from files"
            )
        self._read += 1
        if self._read > MAX_DOCUMENTS:
            raise OSError(f"would be one of more than {MAX_DOCUMENTS} documents")
        parts = urlsplit(location)
        query = f"?{parts.query}" if parts.query else ""
        with Client(parts._replace(query="", fragment="").geturl(), Budget(seconds=SECONDS, bytes=MAX_BYTES)) as client:
            _, answer, _ = client.send(Request("GET", query, (), None))
        if isinstance(answer, Failure):
            raise OSError(f"gives no answer: {answer.kind}, {answer.detail}")
        if answer.status_code != _OK:
            raise OSError(f"answers {answer.status_code} {answer.reason}".rstrip())
        return answer.body


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme.lower(), parts.hostname, port or _PORTS.get(parts.scheme.lower())
