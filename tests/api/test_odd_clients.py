"""Clients that speak HTTP in ways of their own: whoever asks something whole is answered, the rest is bounded."""

import socket

import pytest

from stack import Sidecar

from .test_slow_clients import connected, received

BODY = b'{"prompt":"asked in an odd way"}'
HEAD = b"POST /v1/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token\r\nContent-Type: application/json\r\n"
WITH_LENGTH = HEAD + b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(BODY), BODY)
CLOSE = b"Connection: close\r\n"
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LINES = b"X-More: and more\r\n" * 4096


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("offer", [b"h2c", b"websocket"])
def test_an_offer_to_change_the_protocol_is_passed_over(server: Sidecar, offer: bytes) -> None:
    # As Java's HttpClient and `curl --http2` begin.
    offering = (
        WITH_LENGTH + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\nHTTP2-Settings: AAEA\r\n\r\n" % offer
    )
    with connected(server) as client:
        for byte in offering + BODY:
            client.sendall(bytes([byte]))
        client.sendall((offering + BODY) * 50 + HEALTHZ)
        assert statuses(received(client)) == [200] * 52
    with connected(server) as client:
        client.sendall(offering.replace(b"Connection: ", b"Connection: close, ") + BODY)
        assert statuses(received(client)) == [200]


def test_a_client_that_has_said_all_it_has_to_say_is_still_answered(server: Sidecar) -> None:
    with connected(server) as client:
        client.sendall(WITH_LENGTH + b"\r\n" + BODY + WITH_LENGTH + b"\r\n" + BODY)
        client.shutdown(socket.SHUT_WR)
        assert statuses(received(client)) == [200, 200]
    with connected(server) as client:
        client.sendall(WITH_LENGTH + b"\r\n" + BODY[:-1])
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b""


def test_what_stands_below_a_body_says_nothing(server: Sidecar) -> None:
    anonymous = CHUNKED.replace(b"Authorization: Bearer admin-token\r\n", b"")
    with connected(server) as client:
        client.sendall(anonymous + b"0\r\nAuthorization: Bearer admin-token\r\n\r\n" + HEALTHZ)
        assert statuses(received(client)) == [401, 200]


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (HEAD, LINES),
        (HEAD + b"X-Long: ", b"x" * 65536),
        (HEAD + b"X-", b"x" * 65536),
        (b"", b"\r\n" * 32768),
        (HEALTHZ.replace(CLOSE, b""), b"\r\n" * 32768),
        (CHUNKED + b"0\r\n", LINES),
        (CHUNKED + b"0\r\nX-Long: ", b"x" * 65536),
        (CHUNKED + b"1;", b"x" * 65536),
    ],
)
def test_nothing_without_end_is_read(server: Sidecar, begin: bytes, more: bytes) -> None:
    with connected(server) as client:
        client.sendall(begin)
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):  # noqa: PT012
            for _ in range(4096):
                client.sendall(more)
