"""A server that sends exactly the bytes that a test says, and a client that does the same."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple

from stack import Sidecar


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


class RawUpstream:
    """`behave` has the connection, and what was sent on it up to the end of its head."""

    def __init__(self, behave: Callable[[socket.socket, bytes], None]) -> None:
        self._behave = behave
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.heads: list[bytes] = []
        self.left = threading.Event()
        """Set when a connection was closed by who made it, while it was still being sent to."""

    def __enter__(self) -> "RawUpstream":
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            with contextlib.suppress(OSError):
                while b"\r\n\r\n" not in head:
                    if not (data := connection.recv(65536)):
                        return
                    head += data
            self.heads.append(head)
            try:
                self._behave(connection, head)
            except OSError:
                self.left.set()


def told(server: Sidecar, data: bytes, *, seconds: float = 10.0) -> bytes:
    """What the sidecar says to these bytes, until it closes the connection or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        connection.sendall(data)
        said = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while part := connection.recv(65536):
                said += part
        return said


def asked(server: Sidecar, data: bytes, *, seconds: float = 10.0) -> Answer:
    """Its first answer."""
    head, _, body = told(server, data, seconds=seconds).partition(b"\r\n\r\n")
    return Answer(int(head.split(b" ")[1]), head, body)
