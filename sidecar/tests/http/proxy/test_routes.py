"""Which provider a path means, what it calls there, and that no path leads elsewhere."""

import pytest

from prompt_cache.config import Config, upstreams
from prompt_cache.config.schema import UpstreamSettings
from prompt_cache.http.failures import HttpError
from prompt_cache.http.proxy.routes import Routes, protocol_at

OTHERS = {
    "eu": UpstreamSettings(protocol="openai", url="https://eu.example.com/v1/"),
    "claude": UpstreamSettings(protocol="anthropic", url="https://claude.example.com"),
    "local": UpstreamSettings(protocol="ollama", url="http://10.0.0.1:11434"),
}
ROUTES = Routes(upstreams(Config(upstreams=OTHERS)))


@pytest.mark.parametrize(
    ("path", "url", "endpoint"),
    [
        ("/openai/v1/chat/completions", "https://api.openai.com/v1/chat/completions", "openai_chat"),
        ("/openai/v1/responses", "https://api.openai.com/v1/responses", "openai_responses"),
        ("/openai/v1/completions", "https://api.openai.com/v1/completions", "openai_completions"),
        ("/openai/v1/embeddings", "https://api.openai.com/v1/embeddings", "openai_embeddings"),
        ("/anthropic/v1/messages", "https://api.anthropic.com/v1/messages", "anthropic_messages"),
        (
            "/gemini/v1beta/models/gemini-2.5-flash:generateContent",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
            "gemini_generate",
        ),
        (
            "/gemini/v1beta/models/g:streamGenerateContent",
            "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent",
            "gemini_generate",
        ),
        (
            "/gemini/v1/models/g:generateContent",
            "https://generativelanguage.googleapis.com/v1/models/g:generateContent",
            "gemini_generate",
        ),
        ("/ollama/api/chat", "http://127.0.0.1:11434/api/chat", "ollama_chat"),
        ("/ollama/api/generate", "http://127.0.0.1:11434/api/generate", "ollama_generate"),
        ("/ollama/api/embed", "http://127.0.0.1:11434/api/embed", "ollama_embed"),
        ("/ollama/v1/chat/completions", "http://127.0.0.1:11434/v1/chat/completions", "openai_chat"),
        ("/u/eu/chat/completions", "https://eu.example.com/v1/chat/completions", "openai_chat"),
        ("/u/groq/chat/completions", "https://api.groq.com/openai/v1/chat/completions", "openai_chat"),
        ("/u/claude/v1/messages", "https://claude.example.com/v1/messages", "anthropic_messages"),
        ("/u/local/api/chat", "http://10.0.0.1:11434/api/chat", "ollama_chat"),
        ("/openai/v1/models", "https://api.openai.com/v1/models", None),
        ("/openai/v1/files/a%2Fb", "https://api.openai.com/v1/files/a%2Fb", None),
        ("/anthropic/v1/messages/count_tokens", "https://api.anthropic.com/v1/messages/count_tokens", None),
        ("/anthropic/v1/messages/batches", "https://api.anthropic.com/v1/messages/batches", None),
        ("/ollama/api/tags", "http://127.0.0.1:11434/api/tags", None),
        ("/openai/v1/audio/speech", "https://api.openai.com/v1/audio/speech", None),
    ],
)
def test_path__has_its_route(path: str, url: str, endpoint: str | None) -> None:
    route = ROUTES.find("POST", path)
    assert route is not None
    assert route.url == url
    assert (route.endpoint.name if route.endpoint else None) == endpoint


def test_route__of_other_methods_passes_through() -> None:
    for method in ("GET", "DELETE", "HEAD", "OPTIONS"):
        route = ROUTES.find(method, "/openai/v1/chat/completions")
        assert route is not None
        assert route.endpoint is None


@pytest.mark.parametrize(
    "path", ["/v1/lookup", "/", "/openai", "/openai/v1", "/openai/v2/x", "/OPENAI/v1/x", "/healthz", "/u"]
)
def test_path__that_is_no_providers(path: str) -> None:
    assert ROUTES.find("POST", path) is None


@pytest.mark.parametrize(
    "rest",
    [
        "..",
        "../x",
        "a/../../x",
        "a/./b",
        "%2e%2e/x",
        "a/%2E%2E%2fx",
        "a\\..\\x",
        "a/..%5Cx",
        ".",
        "%252e%252e/x",
        "..;a/x",
    ],
)
@pytest.mark.parametrize("prefix", ["/openai/v1/", "/u/eu/", "/gemini/v1beta/"])
def test_path__never_leads_out_of_the_upstreams_address(prefix: str, rest: str) -> None:
    with pytest.raises(HttpError) as raised:
        ROUTES.find("GET", prefix + rest)
    assert (raised.value.failure.status, raised.value.failure.code) == (400, "bad-path")


@pytest.mark.parametrize(
    "rest", ["@evil.example.com/x", "/evil.example.com", "http://evil.example.com/", "x?y@z", "x#y"]
)
def test_path__cannot_name_another_host(rest: str) -> None:
    route = ROUTES.find("GET", f"/openai/v1/{rest}")
    assert route is not None
    assert route.url.startswith("https://api.openai.com/v1/")


def test_upstream__that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(HttpError) as raised:
        ROUTES.find("POST", "/u/nobody/chat/completions")
    failure = raised.value.failure
    assert (failure.status, failure.code) == (404, "unknown-upstream")
    assert "'nobody'" in failure.detail
    assert "claude, deepseek, eu," in failure.detail


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/openai/v1/x", "openai"),
        ("/anthropic/v1/x", "anthropic"),
        ("/gemini/v1beta/x", "gemini"),
        ("/gemini/v1/x", "gemini"),
        ("/ollama/api/x", "ollama"),
        ("/ollama/v1/x", "openai"),
        ("/u/eu/x", "openai"),
        ("/v1/lookup", None),
    ],
)
def test_failures__are_told_in_the_shape_of_whose_path_it_is(path: str, protocol: str | None) -> None:
    assert protocol_at(path) == protocol
