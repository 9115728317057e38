"""The rehearsal as provider plugins: the engine's processes, one emulated world.

The engine starts a plugin process for each provider instance. Here such a process is only a
launcher (``plugins/<package>/pulumi-resource-<package>``): it asks the daemon, at the address in
``BREAKGLASS_REHEARSAL``, for a gRPC server of its own and lives as long as that is wanted.
"""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from breakglass.rehearsal.engine.provider import Provider
from breakglass.rehearsal.engine.registration import Applier

ADDRESS: Final = "BREAKGLASS_REHEARSAL"
"""Environment variable that tells a launcher where the daemon listens."""

LAUNCHERS: Final = {
    package: Path(__file__).parent / "plugins" / package for package in ("aws", "github")
}
"""Package to the folder that ``plugins.providers[].path`` of ``Pulumi.yaml`` names."""

WORKERS: Final = 16
"""Threads shared by all provider instances: the engine asks for 16 resources at once by default."""


class Daemon:
    """Hands out provider servers, one a connection, in this process (see ``serve``)."""

    def __init__(self, applier: Applier) -> None:
        self.started: list[str] = []
        """The package of every instance so far."""
        self._applier = applier
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="provider")
        self._connections: set[socket] = set()
        self._lock = threading.Lock()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())

    @property
    def address(self) -> str:
        """``host:port`` for launchers."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What to add to the environment of ``pulumi``."""
        return {ADDRESS: self.address}

    def attend(self, connection: socket) -> None:
        """Serve one launcher until it goes away."""
        with self._known(connection), connection.makefile("rw") as line:
            package = line.readline().strip()
            if package not in LAUNCHERS:
                line.write(f"no provider named {package!r}; there are {', '.join(LAUNCHERS)}\n")
                return
            with self._provider(package) as port:
                line.write(f"{port}\n")
                line.flush()
                with suppress(ConnectionResetError):  # a launcher that was killed has gone too
                    line.readline()

    def start(self) -> None:
        """Listen, in a thread."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """End every launcher and its server."""
        self._server.shutdown()
        with self._lock:
            for connection in self._connections:
                connection.shutdown(SHUT_RDWR)
        self._server.server_close()  # waits for the threads of all connections
        self._executor.shutdown()

    @contextmanager
    def _known(self, connection: socket) -> Iterator[None]:
        with self._lock:
            self._connections.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._connections.discard(connection)

    @contextmanager
    def _provider(self, package: str) -> Iterator[int]:
        self.started.append(package)
        server = grpc.server(self._executor)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(
            Provider(package, self._applier), server
        )
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(grace=None).wait()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        daemon = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                daemon.attend(self.request)

        return Handler


@contextmanager
def serve(applier: Applier) -> Iterator[Daemon]:
    """Serve ``applier`` to launchers on loopback until the block ends."""
    daemon = Daemon(applier)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.close()
