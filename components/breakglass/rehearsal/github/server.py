"""The emulated GitHub behind HTTP on loopback, for as long as a ``with`` block lasts."""

import hashlib
import json
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from breakglass.rehearsal.github import graphql
from breakglass.rehearsal.github.access import Refused, authenticate
from breakglass.rehearsal.github.rest import ROUTES, Answer, Body, Call
from breakglass.rehearsal.github.state import GitHub

RULE_HEADER = "x-breakglass-rule"
"""Names the rules that refused, first one first; GitHub itself sends no such header."""

DOCUMENTATION = "https://docs.github.com/rest"
PAGE = 30

URLS = Map([Rule(path, methods=[method], endpoint=handler) for method, path, handler in ROUTES])


class Quiet(WSGIRequestHandler):
    """Serves without writing a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


class Server:
    """``with Server(GitHub()) as server:`` serves on a free port of 127.0.0.1.

    The paths are those of GitHub Enterprise Server, which the provider takes for any host but
    github.com: REST below ``/api/v3``, GraphQL at ``/api/graphql``.
    """

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Where REST is."""
        if self._server is None:
            raise RuntimeError("the server runs only inside its with block")
        return f"http://127.0.0.1:{self._server.port}/api/v3/"

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - WSGI's own types
        """Serve one request; the WSGI application."""
        request = Request(environ)
        with self.github.lock:
            try:
                response = respond(self.github, request)
            except Exception as error:  # noqa: BLE001 - it must reach the caller, not die in a thread
                message = f"The emulated GitHub failed at {request.path}: {error!r}"
                response = respond_refusal(Refused(500, message, ["emulation/fault"]))
        return response(environ, start_response)


def respond(github: GitHub, request: Request) -> Response:
    """Answer one request."""
    path = request.path.removeprefix("/api")
    try:
        actor = authenticate(github, request.headers.get("Authorization"))
        if path == "/graphql":
            return respond_json(request, Answer(graphql.answer(github, actor, request.get_json())))
        adapter = URLS.bind("127.0.0.1", path_info=path.removeprefix("/v3"))
        handler, arguments = adapter.match(method=request.method)
        body = Body(request.get_json() if request.data else {})
        call = Call(github, actor, body, request.args, arguments)
        return respond_json(request, handler(call))
    except Refused as refused:
        return respond_refusal(refused)
    except (NotFound, MethodNotAllowed):
        message = f"The emulated GitHub does not speak {request.method} {request.path}."
        return respond_refusal(Refused(501, message, ["emulation/route"]))


def respond_json(request: Request, answer: Answer) -> Response:
    """Send a body with an ETag, one page of it when it is a list."""
    if answer.body is None:
        return Response(status=answer.status)
    body, links = page(request, answer.body)
    text = json.dumps(body)
    etag = hashlib.sha256(text.encode()).hexdigest()
    if request.method == "GET" and f'"{etag}"' in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    headers = {"ETag": f'"{etag}"'} | links
    return Response(text, answer.status, headers, content_type="application/json; charset=utf-8")


def page(request: Request, body: Any) -> tuple[Any, dict[str, str]]:  # noqa: ANN401 - any JSON
    """Cut a list into pages of ``per_page``, with a link to the next."""
    if not isinstance(body, list):
        return body, {}
    size, number = request.args.get("per_page", PAGE, int), request.args.get("page", 1, int)
    shown = body[(number - 1) * size : number * size]
    if number * size >= len(body):
        return shown, {}
    query = urlencode(request.args.to_dict() | {"page": str(number + 1)})
    return shown, {"Link": f'<{request.base_url}?{query}>; rel="next"'}


def respond_refusal(refused: Refused) -> Response:
    """Send GitHub's message, and beside it the rules that refused."""
    body = {
        "message": refused.message,
        "documentation_url": DOCUMENTATION,
        "status": str(refused.status),
        RULE_HEADER: list(refused.rules),
    }
    headers = {RULE_HEADER: ", ".join(refused.rules)}
    content_type = "application/json; charset=utf-8"
    return Response(json.dumps(body), refused.status, headers, content_type=content_type)
