"""The client that handlers, brokers and attackers use: a token, a base URL, REST and GraphQL."""

import ssl
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

from breakglass import errors

NOT_FOUND = 404
SECONDS = 30.0


class GitHubRefused(errors.BreakGlassError):
    """GitHub said no: HTTP status (200 for GraphQL), message, and the emulation's ``rules``.

    ``rules`` read ``branch_protection:<pattern>/<setting>``, ``ruleset:<name>/<rule type>``,
    ``access/...``, ``plan/...``; ``emulation/...`` is no refusal but something that the emulation
    does not speak.
    """

    def __init__(self, status: int, message: str, rules: tuple[str, ...] = ()) -> None:
        self.status, self.message, self.rules = status, message, rules
        super().__init__(f"GitHub answered {status}: {message.strip()}")


@cache
def tls() -> ssl.SSLContext:
    """Load the machine's certificates once: each client would take 30 ms for it."""
    return ssl.create_default_context()


class GitHubCloud:
    """One token's view of one owner; ``with`` closes its connections.

    ``transport`` stands in the network's place: to an emulated GitHub in the same process, a
    request over a socket costs four times as much.
    """

    def __init__(
        self,
        owner: str,
        token: str,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.owner = owner
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
            timeout=SECONDS,
            trust_env=False,
            verify=tls(),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def rest(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Call REST: ``rest("GET", "/repos/acme/shop")``; the body, or `GitHubRefused`."""
        response = self._http.request(method, path.lstrip("/"), json=json)
        if response.is_success:
            return response.json() if response.content else None
        body = response.json()
        rules = tuple(body.get("x-breakglass-rule", ()))
        raise GitHubRefused(response.status_code, body["message"], rules)

    def find(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """GET, or ``None`` where nothing is."""
        try:
            return self.rest("GET", path)
        except GitHubRefused as refused:
            if refused.status == NOT_FOUND:
                return None
            raise

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Run a GraphQL request; its data, or `GitHubRefused` with the first error."""
        url = self._http.base_url.join("/api/graphql")
        if self._http.base_url.host == "api.github.com":
            url = self._http.base_url.join("/graphql")
        answer = self._http.post(url, json={"query": query, "variables": dict(variables or {})})
        if not answer.is_success:
            raise GitHubRefused(answer.status_code, answer.json()["message"])
        body = answer.json()
        if errors_seen := body.get("errors"):
            first = errors_seen[0]
            rule = (first.get("extensions") or {}).get("x-breakglass-rule")
            raise GitHubRefused(answer.status_code, first["message"], (rule,) if rule else ())
        return body["data"]
