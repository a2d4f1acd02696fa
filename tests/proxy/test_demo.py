"""What `make up` starts: the proxy before the demo model, for callers that have the token alone."""

from pathlib import Path

import pytest

from stack import DemoModel, Sidecar
from stack.demo import sidecar_settings

from .calls import Caller, fate, question

TOKEN = "the-token-of-make-up"
SERVICES = {"MODEL_URL": "http://127.0.0.1:1/v1", "MODEL_KEY": "demo"}
URL, KEY = (f"PROMPT_CACHE_UPSTREAM_OPENAI_{name}" for name in ("URL", "KEY"))
EMBEDDER, CONFIG = "PROMPT_CACHE_EMBEDDER", "PROMPT_CACHE_CONFIG"


def test_an_openai_client_with_the_token_as_its_key_is_cached_at_once(tmp_path: Path) -> None:
    with DemoModel(tmp_path) as model:
        settings = sidecar_settings({}, {**SERVICES, "MODEL_URL": f"{model.url}/v1"})
        with Sidecar(tmp_path, token=TOKEN, env={"PROMPT_CACHE_STORE": "memory://", **settings}) as sidecar:
            caller, asked = Caller(sidecar.url), question()
            answers = [caller.ask(asked, key=TOKEN) for _ in range(2)]
            assert [fate(answer) for answer in answers] == ["fwd=uri-miss", "hit"]
            assert answers[0].json() == answers[1].json()
            assert caller.ask(asked, key="another").status_code == 401
            assert model.calls() == 1
            caller.close()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"PATH": "/bin", "PROMPT_CACHE_LISTEN": "x", "PROMPT_CACHE_TOKEN": "x", "PROMPT_CACHE_TOKEN_FILE": "x"}, {}),
        ({"PROMPT_CACHE_WORKERS": "1"}, {"PROMPT_CACHE_WORKERS": "1"}),
    ],
)
def test_the_proxy_asks_the_same_model_as_n8n(environment: dict[str, str], expected: dict[str, str]) -> None:
    ours = {URL: SERVICES["MODEL_URL"], KEY: SERVICES["MODEL_KEY"], EMBEDDER: "local"}
    assert sidecar_settings(environment, SERVICES) == {**expected, **ours}


@pytest.mark.parametrize("name", [URL, KEY, f"{KEY}_FILE", "PROMPT_CACHE_UPSTREAMS"])
def test_or_as_the_user_says(name: str) -> None:
    assert sidecar_settings({name: "theirs"}, SERVICES) == {name: "theirs", EMBEDDER: "local"}


def test_a_file_of_settings_that_is_named_says_it_all_from_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sidecar_settings({CONFIG: "theirs.yaml"}, SERVICES) == {CONFIG: str(tmp_path / "theirs.yaml")}


def test_the_file_that_make_up_looks_for_adds_to_what_make_up_sets(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    ours = {URL: SERVICES["MODEL_URL"], KEY: SERVICES["MODEL_KEY"], EMBEDDER: "local"}
    assert CONFIG not in sidecar_settings({}, SERVICES, file)
    file.write_text("budgets: []\n")
    assert sidecar_settings({}, SERVICES, file) == {CONFIG: str(file), **ours}
    file.write_text("embedder: null\nupstreams: {}\n")
    assert sidecar_settings({}, SERVICES, file) == {CONFIG: str(file)}


def test_texts_are_embedded_by_what_the_user_says() -> None:
    assert sidecar_settings({EMBEDDER: "local:theirs"}, SERVICES)[EMBEDDER] == "local:theirs"
