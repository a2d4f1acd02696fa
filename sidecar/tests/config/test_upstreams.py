"""The providers behind the proxy: the known ones, what the settings say over them, and whose keys are never shown."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from prompt_cache.cli.main import main
from prompt_cache.config import Config, ConfigError, Upstream, load, shown, upstreams

SECRET = "sk-swordfish"


def of(environment: dict[str, str], file: Path | None = None, text: str = "") -> Config:
    """Settings of a file, and of PROMPT_CACHE_UPSTREAM variables by the rest of their names."""
    if file:
        file.write_text(text, encoding="utf-8")
    given = {f"PROMPT_CACHE_UPSTREAM{name}": value for name, value in environment.items()}
    return load(str(file) if file else None, given)


def refusal(environment: dict[str, str], file: Path | None = None, text: str = "") -> str:
    with pytest.raises(ConfigError) as raised:
        of(environment, file, text)
    return str(raised.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "c.yaml"


# -- what there is -----


def test_upstreams__that_everybody_knows_are_there_without_settings() -> None:
    found = upstreams(Config())
    assert {name: each.protocol for name, each in found.items()} == {
        **dict.fromkeys(("openai", "mistral", "groq", "openrouter", "deepseek", "xai"), "openai"),
        **{name: name for name in ("anthropic", "gemini", "ollama")},
    }
    assert all(each.key is None and each.timeout == 600 and each.namespace == "default" for each in found.values())
    assert found["openai"].url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("environment", "name", "expected"),
    [
        ({"_OPENAI_URL": "http://localhost:1/v1/"}, "openai", {"url": "http://localhost:1/v1"}),
        ({"_OPENAI_KEY": SECRET}, "openai", {"key": SECRET, "url": "https://api.openai.com/v1"}),
        ({"_OPENAI_NAMESPACE": "eu"}, "openai", {"namespace": "eu"}),
        ({"_OPENAI_PROTOCOL": "ollama"}, "openai", {"protocol": "ollama"}),
        ({"_AZURE_EU_URL": "https://a/v1", "_AZURE_EU_PROTOCOL": "openai"}, "azure-eu", {"url": "https://a/v1"}),
        ({"S": "{openai: {timeout: 5s, key: a}}", "_OPENAI_KEY": "b"}, "openai", {"timeout": 5.0, "key": "b"}),
        ({"_OPENAI_KEY": "b", "S": "{openai: {timeout: 5s, key: a}}"}, "openai", {"timeout": 5.0, "key": "b"}),
        ({"S": "{openai: }", "_OPENAI_KEY": "b"}, "openai", {"key": "b"}),
        ({"_OPENAI_KEY": ""}, "openai", {"key": None}),
    ],
)  # fmt: skip
def test_upstreams__of_variables(environment: dict[str, str], name: str, expected: dict[str, Any]) -> None:
    found = upstreams(of(environment))[name]
    assert {field: getattr(found, field) for field in expected} == expected


def test_upstreams__of_a_file_with_a_variable_over_it(file: Path) -> None:
    text = "upstreams: {here: {protocol: openai, url: 'http://h/v1', key: a, namespace: x, timeout: 2m}}"
    found = upstreams(of({"_HERE_URL": "http://other/v1"}, file, text))["here"]
    assert found == Upstream("here", "openai", "http://other/v1", "a", 120.0, "x")


@pytest.mark.parametrize("by", ["file", "variable"])
def test_upstreams__with_a_key_in_a_file(file: Path, tmp_path: Path, by: str) -> None:
    (tmp_path / "key").write_text(f" {SECRET}\n")
    if by == "file":
        config = of({}, file, f"upstreams: {{openai: {{key_file: {tmp_path / 'key'}}}}}")
    else:
        config = of({"_OPENAI_KEY_FILE": str(tmp_path / "key")}, file, "upstreams: {openai: {key: other}}")
    assert upstreams(config)["openai"].key == SECRET


# -- what is refused, by its name -----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{a: {url: 'http://h'}}", "upstreams.a: say which `protocol` it speaks: openai, anthropic, gemini, ollama"),
        ("{a: {protocol: openai}}", "upstreams.a: give its `url`, such as"),
        ("{a: {protocol: soap, url: 'http://h'}}", "upstreams.a.protocol: use one of: openai, anthropic"),
        ("{openai: {url: 'ftp://h'}}", "upstreams.openai.url: must be http:// or https:// with a host"),
        ("{openai: {url: 'http:///v1'}}", "upstreams.openai.url: must be http:// or https:// with a host"),
        ("{openai: {url: 'http://h?x=1'}}", "upstreams.openai.url: must be http://"),
        ("{openai: {url: 'https://u:p@h/v1'}}", "upstreams.openai.url: no login belongs into it"),
        ("{openai: {timeout: 9999999w}}", "upstreams.openai.timeout: a duration must be between"),
        ("{openai: {namespace: a/b}}", "upstreams.openai.namespace: "),
        ("{openai: {kye: x}}", "upstreams.openai.kye: unknown field; did you mean `key`?"),
        ("{openai: {key: x, key_file: y}}", "upstreams.openai.key: give `upstreams.openai.key` or"),
        ("{openai: {key_file: /nowhere}}", "upstreams.openai.key_file: /nowhere cannot be read"),
        ("{openai: {key: ''}}", "upstreams.openai.key: is empty"),
        ("{'Open AI': {url: 'http://h'}}", "upstreams: a name in it: "),
        ("[a]", "upstreams: expected `object`"),
    ],
)
def test_upstreams__that_cannot_be_meant(file: Path, text: str, said: str) -> None:
    assert refusal({}, file, f"upstreams: {text}").startswith(f"{file}: {said}")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"_OPENAI_URL": "h/v1"}, "PROMPT_CACHE_UPSTREAM_OPENAI_URL: upstreams.openai.url: must be http://"),
        ({"_A_PROTOCOL": "soap"}, "PROMPT_CACHE_UPSTREAM_A_PROTOCOL: upstreams.a.protocol: use one of"),
        ({"_A_URL": "http://h"}, "PROMPT_CACHE_UPSTREAM_A_URL: upstreams.a: say which `protocol`"),
        ({"_OPENAI_KEY_FILE": "/nowhere"}, "PROMPT_CACHE_UPSTREAM_OPENAI_KEY_FILE: upstreams.openai.key_file: "),
        ({"_OPENAI_KEY": "a", "_OPENAI_KEY_FILE": "b"}, "PROMPT_CACHE_UPSTREAM_OPENAI_KEY_FILE: give the key or"),
        ({"S": "{openai: {url: 1}}"}, "PROMPT_CACHE_UPSTREAMS: upstreams.openai.url: expected `str"),
        ({"_OPENAI_PASSWORD": "x"}, "PROMPT_CACHE_UPSTREAM_OPENAI_PASSWORD is not a setting"),
    ],
)  # fmt: skip
def test_upstreams__of_variables_that_cannot_be_meant(environment: dict[str, str], said: str) -> None:
    assert refusal(environment).startswith(said)


def test_upstreams__no_refusal_has_a_key(file: Path) -> None:
    for text in (
        f"{{openai: {{key: {SECRET}, key_file: x}}}}",
        f"{{a: {{key: {SECRET}}}}}",
        f"{{openai: {{url: 'https://u:{SECRET}@h'}}}}",
        f"{{openai: {{key: [{SECRET}]}}}}",
    ):
        assert SECRET not in refusal({}, file, f"upstreams: {text}")


# -- what is shown -----


def test_shown__has_every_upstream_and_no_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    config = of({"_OPENAI_KEY": SECRET, "_XAI_KEY_FILE": str(tmp_path / "key")})
    dumped = yaml.safe_dump(shown(config))
    assert SECRET not in dumped
    told = yaml.safe_load(dumped)["upstreams"]
    assert set(told) == set(upstreams(config))
    assert (told["openai"]["key"], told["xai"]["key"], told["groq"]["key"]) == ("(set)", "(set)", None)
    assert told["openai"] | {"key": None} == {
        "protocol": "openai",
        "url": "https://api.openai.com/v1",
        "key": None,
        "timeout": 600.0,
        "namespace": "default",
    }


def test_check_config__shows_them(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(f"upstreams: {{here: {{protocol: anthropic, url: 'http://h', key: {SECRET}}}}}")
    main(["check-config", "--config", str(file)])
    out = capsys.readouterr().out
    assert SECRET not in out
    assert yaml.safe_load(out)["upstreams"]["here"]["url"] == "http://h"
