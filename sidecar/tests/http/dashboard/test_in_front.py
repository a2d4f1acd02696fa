"""The pages behind the event loop: who may send a body, from where, and how what fails is told."""

from typing import Any
from urllib.parse import urlencode

import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.dashboard.doors import SESSION_COOKIE
from prompt_cache.http.dashboard.pages import FORM_LIMIT
from prompt_cache.http.front.app import create_asgi
from prompt_cache.stores.base import StoreFull, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.http.asgi import Answer, asked

FROM_HERE = {"Origin": "http://127.0.0.1", "Content-Type": "application/x-www-form-urlencoded"}


def app(**settings: Any) -> Any:
    return create_asgi(PromptCache(MemoryStore()), Config(request_log=False, **settings))


def login(on: Any, **fields: str) -> Answer:
    return asked(on, "POST", "/login", urlencode(fields).encode(), FROM_HERE)


def test_login__is_for_who_is_not_known_yet() -> None:
    answer = login(app(token="root-token"), token="root-token")
    assert answer.status == 303
    assert answer.headers["set-cookie"].startswith(SESSION_COOKIE)


@pytest.mark.parametrize("path", ["/login", "/answers/delete"])
def test_body_of_who_is_not_known__is_bounded(path: str) -> None:
    answer = asked(app(token="root-token"), "POST", path, b"x" * (FORM_LIMIT + 1), FROM_HERE)
    assert answer.status == (413 if path == "/login" else 303)


def test_form_of_who_is_not_known__is_not_read() -> None:
    read: list[bytes] = []

    def body() -> Any:
        read.append(b"")
        yield b"form_token=x"

    sent = (part for part in body())
    answer = asked(app(token="root-token"), "POST", "/answers/delete", list(sent), FROM_HERE)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("path", ["/", "/status", "/login", "/static/style.css"])
@pytest.mark.parametrize("sent", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_without_a_token__no_page_of_the_network_is_answered(path: str, sent: dict[str, str]) -> None:
    answer = asked(app(), "GET", path, b"", sent)
    assert answer.status == 403
    assert asked(app(), "GET", path, b"", {"host": "localhost:8787"}).status in (200, 303)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/status/nowhere", "text/html"),
        ("/login/nowhere", "application/problem+json"),
        ("/nowhere", "application/problem+json"),
        ("/v1/nowhere", "application/problem+json"),
        ("/v1/caches/x/nowhere", "application/json"),
        ("/statusx", "application/problem+json"),
    ],
)
def test_failure__is_told_in_the_shape_of_who_owns_the_path(path: str, kind: str) -> None:
    answer = asked(app(), "GET", path)
    assert answer.status in (403, 404)
    assert answer.headers["content-type"].startswith(kind)


def test_broken_store__is_told_in_plain_words_on_pages() -> None:
    class Away(MemoryStore):
        def counters(self, *_: Any) -> Any:
            raise StoreUnavailable("gone")

        def ping(self) -> None:
            raise StoreUnavailable("gone")

    on = create_asgi(PromptCache(Away()), Config(request_log=False))
    answer = asked(on, "GET", "/")
    assert answer.status == 503
    assert "The store cannot be reached right now" in answer.body.decode()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    health = asked(on, "GET", "/status")
    assert health.status == 200
    assert "not reachable" in health.body.decode()


def test_dashboard__can_be_left_out() -> None:
    on = app(dashboard=False)
    for path in ("/", "/status", "/login", "/static/style.css"):
        answer = asked(on, "GET", path)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_every_page__is_sent_with_what_keeps_it_to_itself() -> None:
    on = app(token="root-token")
    cookie = {"cookie": login(on, token="root-token").headers["set-cookie"].partition(";")[0]}
    for path, status in (("/", 200), ("/status", 200), ("/login", 200), ("/status/nowhere", 404)):
        answer = asked(on, "GET", path, b"", cookie)
        assert answer.status == status
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        policy = dict(each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "<script>" not in answer.body.decode()
        assert " style=" not in answer.body.decode()


@pytest.mark.parametrize(
    ("error", "language", "title", "detail"),
    [
        (StoreUnavailable, "en", "The store cannot be reached right now", "Calls go to the models as if"),
        (StoreFull, "en", "The store is full", "Free some room"),
        (StoreFull, "fr", "Le stockage est plein", "Libérez de la place"),
    ],
)
def test_broken_store__is_not_told_in_the_words_for_programs(
    error: type[Exception], language: str, title: str, detail: str
) -> None:
    class Broken(MemoryStore):
        def counters(self, *_: Any) -> Any:
            raise error("gone")

    on = create_asgi(PromptCache(Broken()), Config(request_log=False))
    answer = asked(on, "GET", "/", b"", {"Accept-Language": language})
    said = answer.body.decode()
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert title in said
    assert detail in said
    assert "as if this were a miss" not in said
