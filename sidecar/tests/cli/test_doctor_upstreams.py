"""What `prompt-cache doctor` finds of the providers behind the proxy."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from prompt_cache.cli.doctor import Finding, Situation, examine
from prompt_cache.cli.doctor.upstreams import upstreams as check
from prompt_cache.config import Config
from prompt_cache.config.schema import UpstreamSettings

KEY = "sk-swordfish"


class Provider:
    """Answers each call alike, and tells how it was called."""

    def __init__(self) -> None:
        self.status = 200
        self.headers = {"Content-Type": "application/json"}
        self.ahead = 0.0
        """Seconds of its clock."""
        self.seen: list[tuple[str, dict[str, str]]] = []
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                self.send_response_only(provider.status)
                self.send_header("Date", formatdate(time.time() + provider.ahead, usegmt=True))
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps({"data": []}).encode())

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    threading.Thread(target=provider.server.serve_forever, args=(0.01,), daemon=True).start()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


def found(**upstreams: UpstreamSettings) -> list[Finding]:
    return list(check(Situation(config=Config(upstreams=upstreams))))


def only(name: str, **settings: Any) -> Finding:
    (finding,) = found(**{name: UpstreamSettings(**settings)})
    return finding


# -- which are looked at -----


def test_upstreams__that_nobody_set_up_are_not_called() -> None:
    (finding,) = found()
    assert finding.state == "ok"
    assert finding.says.startswith("none is set up")


def test_upstreams__that_are_set_up_are_all_told_by_one_check(provider: Provider) -> None:
    config = Config(
        store="memory://",
        upstreams={
            "one": UpstreamSettings(protocol="openai", url=f"{provider.url}/v1"),
            "two": UpstreamSettings(protocol="anthropic", url=provider.url),
        },
    )
    told = [each for each in examine(Situation(config=config)) if each.check == "upstreams"]
    assert [each.says.partition(" ")[0] for each in told] == ["one", "two"]
    assert len(provider.seen) == 2


@pytest.mark.parametrize(
    ("protocol", "below", "path", "key"),
    [
        ("openai", "/v1", "/v1/models", ("authorization", f"Bearer {KEY}")),
        ("anthropic", "", "/v1/models?limit=1", ("x-api-key", KEY)),
        ("gemini", "", "/v1beta/models?pageSize=1", ("x-goog-api-key", KEY)),
        ("ollama", "", "/api/tags", ("authorization", f"Bearer {KEY}")),
    ],
)
def test_upstreams__are_asked_for_their_models_which_costs_nothing(
    provider: Provider, protocol: str, below: str, path: str, key: tuple[str, str]
) -> None:
    finding = only("x", protocol=protocol, url=provider.url + below, key=KEY)
    ((called, headers),) = provider.seen
    assert (called, headers[key[0]]) == (path, key[1])
    assert finding.state == "ok"
    assert "takes the key that is held for it" in finding.says


# -- what is found -----


@pytest.mark.parametrize("status", [200, 401, 403])
def test_upstreams__without_a_key_need_only_answer(provider: Provider, status: int) -> None:
    provider.status = status
    finding = only("openai", url=provider.url)
    assert (finding.state, "callers bring their own keys" in finding.says) == ("ok", True)


@pytest.mark.parametrize(("protocol", "status"), [("openai", 401), ("anthropic", 403), ("gemini", 400)])
def test_upstreams__that_do_not_accept_the_key(provider: Provider, protocol: str, status: int) -> None:
    provider.status = status
    finding = only("my-own", protocol=protocol, url=provider.url, key=KEY)
    assert finding.state == "mend"
    assert f"does not accept the key that is held for it ({status})" in finding.says
    assert "`upstreams.my-own.key`, PROMPT_CACHE_UPSTREAM_MY_OWN_KEY or" in finding.do
    assert KEY not in finding.says + finding.do


@pytest.mark.parametrize(
    ("status", "state", "says", "do"),
    [
        (301, "mend", "sends callers elsewhere (301)", "set `upstreams.openai.url` to there"),
        (404, "advice", "not with a list of models (404)", "see that `upstreams.openai.url` is its API's"),
        (429, "advice", "answers 429", "try again later"),
        (503, "advice", "answers 503", "try again later"),
    ],
)
def test_upstreams__that_answer_something_else(provider: Provider, status: int, state: str, says: str, do: str) -> None:
    provider.status = status
    finding = only("openai", url=provider.url, key=KEY)
    assert (finding.state, finding.do) == (state, do)
    assert says in finding.says


def test_upstreams__whose_address_is_a_web_page(provider: Provider) -> None:
    provider.headers["Content-Type"] = "text/html"
    assert only("openai", url=provider.url).state == "advice"


def test_upstreams__that_are_not_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    finding = only("openai", url=url, key=KEY)
    assert finding.state == "mend"
    assert "cannot be used: connection refused" in finding.says
    assert "`upstreams.openai.url`" in finding.do


def test_upstreams__whose_name_is_not_known() -> None:
    assert "its host name is not known" in only("openai", url="https://nowhere.invalid/v1").says


def test_upstreams__that_speak_no_tls_are_told(provider: Provider) -> None:
    finding = only("openai", url=provider.url.replace("http:", "https:"), key=KEY)
    assert finding.state == "mend"
    assert "cannot be used" in finding.says


def test_upstreams__that_do_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.cli.doctor.upstreams._TIMEOUT", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        finding = only("openai", url=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert "does not answer within" in finding.says


@pytest.mark.parametrize(("ahead", "side"), [(3600, "ahead of"), (-3600, "behind")])
def test_upstreams__whose_clock_is_another(provider: Provider, ahead: float, side: str) -> None:
    provider.ahead = ahead
    answered, clock = found(openai=UpstreamSettings(url=provider.url))
    assert answered.state == "ok"
    assert clock.state == "advice"
    assert f" s {side} this machine's" in clock.says
    assert "NTP" in clock.do


@pytest.mark.parametrize("ahead", [3, -3])
def test_upstreams__whose_clock_is_the_same_but_for_the_way(provider: Provider, ahead: float) -> None:
    provider.ahead = ahead
    assert len(found(openai=UpstreamSettings(url=provider.url))) == 1


def test_upstreams__whose_key_could_be_read_on_its_way(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    assert len(found(openai=UpstreamSettings(url=provider.url, key=KEY))) == 1
    real = socket.create_connection
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda _, *rest, **more: real(("127.0.0.1", provider.server.server_port), *rest, **more),
    )
    _, unencrypted = found(openai=UpstreamSettings(url="http://llm.example.com/v1", key=KEY))
    assert unencrypted.state == "advice"
    assert "unencrypted" in unencrypted.says
