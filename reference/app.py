"""The WSGI application: which path is whose, and what passes last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference import asmx, ecgridos, mobileconnect, partstream, studebaker, utws
from reference.calls import COMPRESSED, RESPONSE, UNROUTED, Call, Changes
from reference.http import Request, Response, compressed, read_request, send_response
from reference.refusals import Kind, Refusal
from reference.state import State

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MINT_PATHS = {"/mint/partstream": "partstream_sessions", "/mint/ecgridos": "ecgridos_sessions"}

BINDINGS = (
    "utws/soap11",
    "utws/soap12",
    "ecgridos/soap11",
    "ecgridos/soap12",
    "ecgridos/http_get",
    "ecgridos/http_post",
    "mobileconnect/soap12",
    "studebaker/xml",
    "partstream/soap11",
)

Answer = Callable[[Call], Response]


def _utws(request: Request) -> tuple[str, Answer]:
    binding = asmx.binding_of(request.media_type)
    return f"utws/{binding}", lambda call: asmx.answer_soap(call, utws.LOGS_AVAILABLE)


def _ecgridos(request: Request) -> tuple[str, Answer]:
    binding = asmx.binding_of(request.media_type)
    return f"ecgridos/{binding}", lambda call: asmx.answer_soap(call, ecgridos.REPORT_INSTANT_STATS)


def _ecgridos_form(request: Request) -> tuple[str, Answer]:
    binding = "http_get" if request.method == "GET" else "http_post"
    return f"ecgridos/{binding}", lambda call: asmx.answer_form(call, ecgridos.REPORT_INSTANT_STATS_BY_FORM)


def _mobileconnect(request: Request) -> tuple[str, Answer]:
    return "mobileconnect/soap12", mobileconnect.answer


def _studebaker(request: Request) -> tuple[str, Answer]:
    return "studebaker/xml", studebaker.answer


def _partstream(request: Request) -> tuple[str, Answer]:
    return "partstream/soap11", partstream.answer


def _coded(call: Call, response: Response) -> Response:
    """The answer compressed for a client that takes it; as it is where there is nothing to compress, and where a fault
    has named a coding or waits for the bytes.
    """
    named = {name for name, _ in response.fields}
    if not response.body or response.wire or "Content-Encoding" in named:
        return response
    return compressed(response) if call.through(COMPRESSED, call.request.takes_gzip) else response


def _options(call: Call) -> Response:
    """What may be done with the resource: RFC 9110 section 9.3.7."""
    methods = "GET, POST" if call.request.path == ecgridos.FORM_PATH else "POST"
    return Response(204, fields=(("Allow", methods),))


ROUTES: Mapping[str, Callable[[Request], tuple[str, Answer]]] = {
    utws.PATH: _utws,
    ecgridos.PATH: _ecgridos,
    ecgridos.FORM_PATH: _ecgridos_form,
    mobileconnect.PATH: _mobileconnect,
    studebaker.REPLY_PATH: _studebaker,
    **dict.fromkeys(studebaker.ROUTES, _studebaker),
    partstream.PATH: _partstream,
}


@dataclass(frozen=True, slots=True)
class Application:
    """The reference as a WSGI application."""

    state: State
    changes: Changes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        return send_response(self.answer(request), request, start_response)

    def answer(self, request: Request) -> Response:
        route = ROUTES.get(request.path)
        if route is None:
            return self._elsewhere(request)
        binding, answer = route(request)
        call = Call(binding, request, self.state, self.changes)
        if request.method == "OPTIONS":
            answer = _options
        return _coded(call, call.through(RESPONSE, answer(call)))

    def _elsewhere(self, request: Request) -> Response:
        if request.path in MINT_PATHS:
            session = getattr(self.state, MINT_PATHS[request.path]).mint()
            return Response(200, session.encode(), "text/plain; charset=utf-8")
        if request.path.startswith(f"{ecgridos.PATH}/"):
            binding, _ = _ecgridos_form(request)
            return Call(binding, request, self.state, self.changes).through(UNROUTED, asmx.unknown_operation())
        if request.path.startswith(f"{utws.PATH}/"):
            return asmx.unknown_operation()
        if request.path.startswith(f"{studebaker.ROOT}/xml/reply/"):
            refusal = Refusal(Kind.METHOD, "The operation does not exist.")
            return studebaker.refused(Call("studebaker/xml", request, self.state), refusal)
        return Response(404)
