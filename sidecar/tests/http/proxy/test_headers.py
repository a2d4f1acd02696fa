"""Which headers go on to a provider, which come back, and what is told of a hit and of a miss."""

import pytest

from prompt_cache.core.outcome import Outcome, Saved
from prompt_cache.http.proxy import headers as told

KEPT = {"accept": "*/*", "content-type": "application/json", "user-agent": "x", "anthropic-version": "1", "x-mine": "1"}


def pairs(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def saved(usd: float | None, tokens: int | None = None, more: int | None = None, seconds: float | None = None) -> Saved:
    return Saved(cost_usd=usd, input_tokens=tokens, output_tokens=more, seconds=seconds, estimated=False)


@pytest.mark.parametrize(
    "name",
    [
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect"),
        *(
            "cache-control",
            "pragma",
            "cookie",
            "origin",
            "x-http-method-override",
            "x-original-url",
            "x-forwarded-host",
        ),
        *("authorization", "x-api-key", "x-goog-api-key", "api-key"),
        *("x-prompt-cache-token", "x-prompt-cache-namespace", "x-prompt-cache-ttl", "x-prompt-cache-new"),
    ],
)
def test_towards__a_header_that_is_not_the_providers(name: str) -> None:
    assert told.towards(pairs({**KEPT, name: "secret"})) == list(KEPT.items())


def test_towards__what_connection_names_stays_here() -> None:
    sent = told.towards(pairs({"connection": "keep-alive, X-Once ,x-mine", "x-once": "1", **KEPT}))
    assert dict(sent) == {name: value for name, value in KEPT.items() if name != "x-mine"}


@pytest.mark.parametrize(
    "name", ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Content-Length", "Date", "Server"]
)
def test_back__a_header_that_is_the_connections(name: str) -> None:
    assert told.back(pairs({name: "x", "Retry-After": "7", "Set-Cookie": "a=b"})) == [
        (b"retry-after", b"7"),
        (b"set-cookie", b"a=b"),
    ]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            Outcome(status="hit", key="k", age=12.9, ttl=3500.4, saved=saved(0.0021, 300, 18, 1.043)),
            {
                "cache-status": 'prompt-cache; hit; ttl=3500; key="k"',
                "age": "12",
                "x-prompt-cache-key": "k",
                "x-prompt-cache-saved": "usd=0.0021; tokens=318; ms=1043",
            },
        ),
        (
            Outcome(status="hit", key="k", age=0.0, ttl=None, saved=saved(None, 300)),
            {
                "cache-status": 'prompt-cache; hit; key="k"',
                "age": "0",
                "x-prompt-cache-key": "k",
                "x-prompt-cache-saved": "tokens=300",
            },
        ),
        (
            Outcome(status="stale", key="k", age=90.0, ttl=-30.5),
            {"cache-status": 'prompt-cache; hit; ttl=-31; key="k"', "age": "90", "x-prompt-cache-key": "k"},
        ),
    ],
)
def test_hit__is_told_by_rfc_9211(outcome: Outcome, expected: dict[str, str]) -> None:
    assert {name.decode(): value.decode() for name, value in told.of_hit(outcome)} == expected


def test_hit__never_has_a_number_in_exponents() -> None:
    headers = dict(told.of_hit(Outcome(status="hit", key="k", saved=saved(0.0000019))))
    assert headers[b"x-prompt-cache-saved"] == b"usd=0.000002"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (told.of_miss("uri-miss", "k"), b'prompt-cache; fwd=uri-miss; key="k"'),
        (told.of_miss("uri-miss", "k", stored=True), b'prompt-cache; fwd=uri-miss; stored; key="k"'),
        (told.of_miss("request", "k", stored=False), b'prompt-cache; fwd=request; key="k"'),
        (told.of_miss("uri-miss", "k", collapsed=True), b'prompt-cache; fwd=uri-miss; collapsed; key="k"'),
        (told.of_miss("bypass", detail="media"), b"prompt-cache; fwd=bypass; detail=media"),
    ],
)
def test_miss__is_told_by_rfc_9211(headers: told.Raw, status: bytes) -> None:
    assert dict(headers)[b"cache-status"] == status


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("anthropic-beta", True),
        ("anthropic-version", True),
        ("openai-beta", True),
        ("openai-organization", True),
        ("openai-project", True),
        ("api-version", True),
        ("x-ms-new-beta", True),
        ("x-goog-fieldmask", True),
        ("x-stainless-package-version", False),
        ("user-agent", False),
        ("accept", False),
    ],
)
def test_shapes__headers_by_which_a_provider_answers_differently(name: str, does: bool) -> None:
    assert told.shapes(name.encode()) is does


def test_shared__what_a_provider_says_of_its_answer_alone() -> None:
    given = pairs({"content-type": "text/event-stream", "set-cookie": "a=b", "x-ratelimit-remaining": "1"})
    assert told.shared(given) == [(b"content-type", b"text/event-stream")]
