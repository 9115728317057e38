"""Nothing leaves this machine while the emulation runs: a guard that a test can stand on."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from breakglass.errors import RehearsalError

Address = Any
"""Of a socket: its form depends on the family."""


def _is_loopback(host: str | bytes | None) -> bool:
    """Tell whether ``host`` is this machine; no name but localhost is looked up for it."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def _refuse_elsewhere(host: str | bytes | None) -> None:
    if not _is_loopback(host):
        raise RehearsalError(f"a connection to {host!r} was tried; only loopback is open")


@contextmanager
def loopback_only() -> Iterator[None]:
    """Make every connection and look-up that is not for loopback raise ``RehearsalError``.

    Unix sockets stay open. The whole process is under guard, all threads included.
    """
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def guarded(original: Callable[..., object]) -> Callable[..., Any]:
        def call(self: socket.socket, address: Address) -> object:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                _refuse_elsewhere(address[0])
            return original(self, address)

        return call

    def guarded_look_up(
        host: str | bytes | None, *args: Address, **kwargs: Address
    ) -> list[tuple[Any, ...]]:
        _refuse_elsewhere(host)
        return look_up(host, *args, **kwargs)

    socket.socket.connect = guarded(connect)  # type: ignore[method-assign]  # that is the guard
    socket.socket.connect_ex = guarded(connect_ex)  # type: ignore[method-assign]  # likewise
    socket.getaddrinfo = guarded_look_up
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]  # put back
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]  # put back
        socket.getaddrinfo = look_up
