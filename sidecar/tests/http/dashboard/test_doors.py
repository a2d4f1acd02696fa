"""Who gets in, for how long, and which forms may act."""

import time
from typing import Any

import pytest
from flask import Response

from prompt_cache.config import Config
from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import assemble
from prompt_cache.http.auth import Tokens
from prompt_cache.http.dashboard import html
from prompt_cache.http.dashboard.doors import LONGEST, SESSION_COOKIE, Sessions
from prompt_cache.http.dashboard.pages import Dashboard, Site, Visit
from prompt_cache.http.dashboard.signing_in import SignIn
from prompt_cache.http.failures import HttpError
from prompt_cache.stores.memory import MemoryStore

from .pages import FROM_HERE, client_of, signed_in

TOKENS: dict[str, Any] = {
    "token": "root-token",
    "tokens": [
        TokenSettings(name="reports", token="read-token", role="reader"),
        TokenSettings(name="ours", token="ours-token", role="admin", namespaces=["ours"]),
    ],
}


def headers(cookie: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={cookie}"}


def acting(**settings: Any) -> tuple[Any, list[str]]:
    """A site with one form that acts, and the list of what was done."""
    config = Config(request_log=False, **settings)
    site = Site(PromptCache(MemoryStore()), config, Sessions(config))
    done: list[str] = []

    @site.page("/made")
    def made(visit: Visit) -> str:
        return visit.form_token

    @site.act("/made/<name>/do", role="admin")
    def do(visit: Visit, name: str) -> Response:
        done.append(f"{visit.caller.name} {name} {visit.form['how']}")
        return visit.redirect("/made", said="It is done <b>.")

    return assemble([Dashboard(site), SignIn(site)], body_limit=100_000).test_client(), done


# -- sessions -----


@pytest.mark.parametrize(
    ("token", "name", "role"), [("root-token", "admin", "admin"), ("read-token", "reports", "reader")]
)
def test_session__is_the_caller_of_the_token(token: str, name: str, role: str) -> None:
    # Begun on one server and shown to another one of the same tokens.
    cookie = Sessions(Config(**TOKENS)).begin(token)
    caller = Sessions(Config(**TOKENS)).of(headers(cookie)).caller
    assert (caller.name, caller.role) == (name, role)


def test_session__keeps_to_the_namespaces_of_the_token() -> None:
    sessions = Sessions(Config(**TOKENS))
    caller = sessions.of(headers(sessions.begin("ours-token"))).caller
    assert caller.may_touch("ours")
    assert not caller.may_touch("theirs")


def test_session__ends_when_its_token_changes_and_only_then() -> None:
    cookie = Sessions(Config(**TOKENS)).begin("read-token")
    other = Sessions(Config(token="another", tokens=TOKENS["tokens"]))
    assert other.of(headers(cookie)).caller.name == "reports"
    changed = Sessions(Config(token="root-token", tokens=[TokenSettings(name="reports", token="new-token")]))
    with pytest.raises(HttpError):
        changed.of(headers(cookie))


def test_session__ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(Config(**TOKENS))
    began = time.time()
    cookie = sessions.begin("root-token")
    monkeypatch.setattr(time, "time", lambda: began + LONGEST - 60)
    sessions.of(headers(cookie))
    monkeypatch.setattr(time, "time", lambda: began + LONGEST + 60)
    with pytest.raises(HttpError):
        sessions.of(headers(cookie))


@pytest.mark.parametrize("cookie", ["", "root-token", "x" * 5000, "a.b.c", "\x00", "é"])
def test_session__is_nothing_else(cookie: str) -> None:
    with pytest.raises(HttpError) as raised:
        Sessions(Config(**TOKENS)).of(headers(cookie))
    assert raised.value.failure.status == 401


def test_session__one_changed_letter_ends_it() -> None:
    sessions = Sessions(Config(**TOKENS))
    cookie = sessions.begin("root-token")
    for at in range(len(cookie) - 1):  # the last letter of base64 holds bits that mean nothing
        changed = cookie[:at] + ("A" if cookie[at] != "A" else "B") + cookie[at + 1 :]
        with pytest.raises(HttpError):
            sessions.of(headers(changed))


def test_session__says_nothing_of_the_token() -> None:
    cookies = {Sessions(Config(**TOKENS)).begin("root-token") for _ in range(5)}
    assert len(cookies) == 5
    assert all("root" not in cookie for cookie in cookies)


# -- signing in -----


def test_login__cookie_goes_to_this_server_alone() -> None:
    client = client_of(**TOKENS)
    response = client.post("/login", data={"token": "root-token", "back": "/?period=30d"}, headers=FROM_HERE)
    assert (response.status_code, response.headers["Location"]) == (303, "/?period=30d")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(SESSION_COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert f"Max-Age={LONGEST}" in cookie
    assert "Secure" not in cookie
    secure = client.post("/login", data={"token": "root-token"}, headers={**FROM_HERE, "X-Forwarded-Proto": "https"})
    assert "Secure" in secure.headers["Set-Cookie"]


def test_login__wrong_token_stays_out() -> None:
    client = client_of(**TOKENS)
    response = client.post("/login", data={"token": "wrong"}, headers=FROM_HERE)
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers
    assert "This token is not known here" in response.text
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "back",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_login__leads_nowhere_else(back: str) -> None:
    response = client_of(**TOKENS).post("/login", data={"token": "root-token", "back": back}, headers=FROM_HERE)
    assert response.headers["Location"] == "/"


def test_page__leads_who_is_not_known_to_the_login_and_back() -> None:
    response = client_of(**TOKENS).get("/?period=30d&model=a%26b")
    assert response.status_code == 303
    assert response.headers["Location"] == "/login?back=%2F%3Fperiod%3D30d%26model%3Da%2526b"


def test_logout__ends_it() -> None:
    client = signed_in(client_of(**TOKENS), "root-token")
    assert client.get("/").status_code == 200
    client.post("/logout", headers=FROM_HERE)
    assert client.get("/").status_code == 303


def test_cookie__opens_no_api() -> None:
    client = signed_in(client_of(**TOKENS), "root-token")
    for path in ("/v1/stats", "/v1/entries", "/metrics"):
        assert client.get(path).status_code == 401
    assert client.post("/v1/lookup", json={"prompt": "x"}).status_code == 401


def test_header__opens_no_page() -> None:
    client = client_of(**TOKENS)
    assert client.get("/", headers={"Authorization": "Bearer root-token"}).status_code == 303


# -- forms -----


@pytest.mark.parametrize(
    ("sent", "done"),
    [
        ({"Origin": "http://localhost"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://localhost:3000"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("token", [None, "root-token"])
def test_form__acts_only_when_a_page_of_this_server_sends_it(
    token: str | None, sent: dict[str, str], done: bool
) -> None:
    client, acts = acting(**({"token": token} if token else {}))
    if token:
        signed_in(client, token)
    form = {"form_token": client.get("/made").text, "how": "well"}
    response = client.post("/made/it/do", data=form, headers=sent)
    assert response.status_code == (303 if done else 403)
    assert acts == (["admin it well" if token else "anonymous it well"] if done else [])


@pytest.mark.parametrize("token", [None, "root-token"])
def test_form__needs_the_token_of_its_session(token: str | None) -> None:
    client, acts = acting(**({"token": token} if token else {}))
    other, _ = acting(**({"token": token} if token else {}))
    for each in (client, other):
        if token:
            signed_in(each, token)
    foreign = other.get("/made").text
    own = client.get("/made").text
    assert own
    assert own != foreign
    for wrong in ("", foreign, own[:-1], "é"):
        response = client.post("/made/it/do", data={"form_token": wrong, "how": "badly"}, headers=FROM_HERE)
        assert response.status_code == 403
    assert acts == []
    assert client.post("/made/it/do", data={"form_token": own, "how": "well"}, headers=FROM_HERE).status_code == 303
    assert len(acts) == 1


def test_form__needs_the_role() -> None:
    client, acts = acting(**TOKENS)
    signed_in(client, "read-token")
    form = {"form_token": client.get("/made").text, "how": "well"}
    response = client.post("/made/it/do", data=form, headers=FROM_HERE)
    assert response.status_code == 403
    assert "text/html" in response.content_type
    assert acts == []


def test_form__of_who_is_not_known_is_led_to_the_login() -> None:
    client, acts = acting(**TOKENS)
    response = client.post("/made/it/do", data={"how": "well"}, headers=FROM_HERE)
    assert (response.status_code, response.headers["Location"]) == (303, "/login")
    assert acts == []


def test_act__is_no_link() -> None:
    client, acts = acting()
    assert client.get("/made/it/do?how=well").status_code == 405
    assert acts == []


def test_tokens__are_found_by_all_that_are_known() -> None:
    assert [caller.name for _, caller in Tokens(Config(**TOKENS)).known] == ["reports", "ours", "admin"]


@pytest.mark.parametrize("fails", [["overview.html"], ["overview.html", "failure.html"]])
def test_page__that_fails_tells_no_log_what_it_holds(
    fails: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = html.render

    def broken(template: str, *args: Any, **values: Any) -> str:
        if template in fails:
            raise ValueError("a prompt")
        return real(template, *args, **values)

    monkeypatch.setattr(html, "render", broken)
    response = client_of().get("/")
    assert response.status_code == 500
    assert "the log has the place" in response.text
    told = capsys.readouterr()
    assert "a prompt" not in told.out + told.err + caplog.text + response.text


def test_static__is_nothing_for_other_sites() -> None:
    response = client_of().get("/static/style.css")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" not in response.headers["Cache-Control"]
