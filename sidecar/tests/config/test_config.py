"""Settings: file, environment, secrets, and one sentence for whatever cannot be meant."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from prompt_cache.config import ENVIRONMENT, SETTINGS, Config, ConfigError, load, rules, shown
from prompt_cache.config.schema import UpstreamSettings
from prompt_cache.core.rules import Lifetime, TtlRule
from prompt_cache.stores.base import Bounds

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompt-cache.yaml"


def of(file: Path, text: str, **environment: str) -> Config:
    file.write_text(text, encoding="utf-8")
    return load(str(file), {f"PROMPT_CACHE_{name.upper()}": value for name, value in environment.items()})


def of_environment(**environment: str) -> Config:
    return load(None, {f"PROMPT_CACHE_{name.upper()}": value for name, value in environment.items()})


def refusal(file: Path, text: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as raised:
        of(file, text, **environment)
    return str(raised.value)


# -- the example documents everything -----


def test_example__loads_to_exactly_the_defaults() -> None:
    example, defaults = load(str(EXAMPLE), {}), Config()
    assert rules(example)["any"] == rules(defaults)["any"]
    for name in SETTINGS:
        if name != "defaults":
            assert getattr(example, name) == getattr(defaults, name), name


def test_example__has_every_setting() -> None:
    settings = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert set(settings) == set(SETTINGS)
    assert set(settings["defaults"]) == set(type(Config().defaults).__struct_fields__)


def test_example__says_why_of_every_setting() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        if line and not line.lstrip().startswith("#"):
            assert lines[at - 1].lstrip().startswith("#"), line


def test_example__names_every_variable() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [variable for variable in ENVIRONMENT if variable not in text] == []


def test_example__shows_every_field_of_a_token_a_price_a_rule_and_an_upstream() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    names = ("name", "role", "namespaces", "token", "token_file", "model", "cached_input_per_million")
    for name in (*names, *UpstreamSettings.__struct_fields__):
        assert f"{name}:" in text


# -- where settings come from -----


def test_load__nothing_is_the_defaults() -> None:
    assert load(None, {}) == Config()


def test_load__an_empty_file_is_the_defaults(file: Path) -> None:
    assert of(file, "") == Config()


def test_load__a_file(file: Path) -> None:
    config = of(file, "listen: 127.0.0.1:9000\nstore: memory://\nworkers: 3\n")
    assert (config.listen, config.address, config.store, config.workers) == (
        "127.0.0.1:9000",
        ("127.0.0.1", 9000),
        "memory://",
        3,
    )


def test_load__the_file_that_the_environment_names(file: Path) -> None:
    file.write_text("workers: 3")
    assert load(None, {"PROMPT_CACHE_CONFIG": str(file)}).workers == 3


def test_load__the_file_named_by_the_caller_goes_before_it(file: Path) -> None:
    file.write_text("workers: 3")
    assert load(str(file), {"PROMPT_CACHE_CONFIG": "/nowhere"}).workers == 3


def test_the_environment_may_tell_clients_where_the_server_is() -> None:
    assert load(None, {"PROMPT_CACHE_URL": "http://cache:8787"}) == load(None, {})


def test_load__the_environment_goes_over_the_file(file: Path) -> None:
    config = of(file, "workers: 3\nthreads: 7", workers="5")
    assert (config.workers, config.threads) == (5, 7)


def test_load__an_empty_variable_is_none(file: Path) -> None:
    assert of(file, "workers: 3", workers="").workers == 3


def test_load__other_programs_variables_are_none_of_ours() -> None:
    assert load(None, {"PATH": "/bin", "PROMPTS": "x", "prompt_cache_listen": "y"}) == Config()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("listen", "127.0.0.1:1", "127.0.0.1:1"),
        ("store", "redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("store_timeout", "500ms", "500ms"),
        ("store_timeout", "3", 3),
        ("secret", "12345", "12345"),
        ("token", "yes", "yes"),
        ("token", "0x10", "0x10"),
        ("request_log", "false", False),
        ("store_prompts", "no", False),
        ("never_expires", "true", True),
        ("body_limit", "1MB", "1MB"),
        ("masks", "{date: '[0-9]+'}", {"date": "[0-9]+"}),
    ],
)
def test_load__variables_are_read_as_what_they_mean(name: str, value: str, expected: Any) -> None:
    assert getattr(of_environment(**{name: value}), name) == expected


def test_load__lists_and_mappings_in_variables_are_yaml() -> None:
    config = of_environment(
        tokens="[{name: a, role: reader, token: t-1}]",
        defaults="{ttl: 1h, models: [{model: 'gpt-4o*', ttl: 7d}]}",
        namespaces="{support: {ttl: 5m}}",
        prices="{my-model: {input_per_million: 1, output_per_million: 2}}",
    )
    assert (config.tokens[0].name, config.tokens[0].role) == ("a", "reader")
    assert rules(config)["x"].lifetime == Lifetime(ttl=3600, rules=(TtlRule("gpt-4o*", 604800),))
    assert rules(config)["support"].lifetime.ttl == 300
    assert config.prices["my-model"].output_per_million == 2


# -- secrets from files -----


@pytest.mark.parametrize("name", ["secret", "token"])
def test_secrets__from_a_file(file: Path, tmp_path: Path, name: str) -> None:
    held = tmp_path / "held"
    held.write_text("  s3cret\n")
    assert getattr(of(file, f"{name}_file: {held}"), name) == "s3cret"
    assert getattr(of_environment(**{f"{name}_file": str(held)}), name) == "s3cret"


def test_secrets__of_the_environment_go_over_the_files(file: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.write_text("from-file")
    assert of(file, "token: plain", token_file=str(held)).token == "from-file"
    assert of(file, f"token_file: {held}", token="plain").token == "plain"


@pytest.mark.parametrize("name", ["secret", "token"])
def test_secrets__given_twice_are_refused(file: Path, tmp_path: Path, name: str) -> None:
    held = tmp_path / "held"
    held.write_text("x")
    message = f"{name}: give `{name}` or `{name}_file`, not both"
    assert message in refusal(file, f"{name}: y\n{name}_file: {held}")
    assert message in refusal(file, "", **{name: "y", f"{name}_file": str(held)})
    assert message in refusal(file, "", **{f"{name}_file": str(held), name: "y"})


def test_secrets__tokens_from_files(file: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.write_text("t-1\n")
    assert of(file, f"tokens: [{{name: a, token_file: {held}}}]").tokens[0].token == "t-1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("token: ''", "token: is empty; remove it or give it a value"),
        ("secret_file: /nowhere/at/all", "secret_file: /nowhere/at/all cannot be read"),
        ("tokens: [{name: a}]", "tokens.0: give `token` or `token_file`"),
        ("tokens: [{name: a, token: x}, {name: b, token: x}]", "tokens.0: another token has the same value"),
        ("token: x\ntokens: [{name: a, token: x}]", "tokens.0: another token has the same value"),
    ],
)
def test_secrets__that_are_none(file: Path, text: str, said: str) -> None:
    assert said in refusal(file, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prices: {m: {}}", "prices.m: give `input_per_million` and `output_per_million`, `per_call` or `per_second`"),
        ("prices: {m: {input_per_million: 1}}", "prices.m: `input_per_million` needs `output_per_million` beside it"),
        ("prices: {m: {output_per_million: 1}}", "prices.m: `output_per_million` needs `input_per_million` beside it"),
        ("prices: {m: {per_call: 1, cached_input_per_million: 1}}", "prices.m: `cached_input_per_million` needs"),
        ("currency: {code: EUR}", "currency.rate: say how many EUR one US dollar is, such as 0.92"),
        ("currency: {code: eur, rate: 1}", "currency.code: eur is no ISO 4217 code, such as EUR"),
        ("currency: {code: XYZ, rate: 1}", "currency.code: XYZ is no ISO 4217 code"),
        ("currency: {rate: 0.92}", "currency.rate: a US dollar is 1 US dollar; name another `code`"),
    ],
)
def test_money__that_cannot_be_meant(file: Path, text: str, said: str) -> None:
    assert said in refusal(file, text)


SECRET = "swordfish"


@pytest.mark.parametrize(
    "environment",
    [
        {"secret": SECRET},
        {"token": SECRET},
        {"tokens": f"[{{name: a, token: {SECRET}}}]"},
        {"store": f"redis://:{SECRET}@localhost/0"},
        {"store": f"redis://user:{SECRET}@localhost/0"},
        {"store": f"postgresql://user:a@{SECRET}@localhost/db"},
        {"store": f"postgresql://user:a/b:{SECRET}@localhost/db"},
        {"store": f"postgresql://localhost:5432/db?user=a&password={SECRET}&sslmode=require"},
        {"store": f"postgresql://localhost:5432/db?password=a@{SECRET}"},
        {"store": f"redis+sentinel://one,two:26379/main?sentinel_password={SECRET}"},
    ],
)
def test_shown__never_has_a_secret(environment: dict[str, str]) -> None:
    dumped = yaml.safe_dump(shown(of_environment(**environment)))
    assert SECRET not in dumped
    assert "(set)" in dumped


def test_shown__has_everything_else(file: Path) -> None:
    settings = shown(of(file, "store: redis://user@localhost:6379/0\nworkers: 3"))
    assert set(settings) == set(SETTINGS)
    assert (settings["store"], settings["workers"], settings["secret"]) == ("redis://user@localhost:6379/0", 3, None)


# -- what is refused -----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listn: x", "listn: unknown field; did you mean `listen`?"),
        ("zzz: x", "zzz: unknown field; known are listen, store"),
        ("defaults: {tll: 1h}", "defaults.tll: unknown field; did you mean `ttl`?"),
        (
            "namespaces: {support: {normalise: none}}",
            "namespaces.support.normalise: unknown field; did you mean",
        ),
        ("tokens: [{name: a, token: x, roll: admin}]", "tokens.0.roll: unknown field; did you mean `role`?"),
        ("prices: {m: {input_per_million: 1, output_per_million: 1, x: 1}}", "prices.m.x: unknown field"),
        ("prices: {m: {per_second: -1}}", "prices.m.per_second: expected"),
        ("prices: {m: {per_call: .inf}}", "prices.m.per_call: expected"),
        ("8787: x", "8787: unknown field"),
        ("workers: two", "workers: expected `int`, got `str`"),
        ("workers: 0", "workers: expected `int` >= 1"),
        ("request_log: 'maybe'", "request_log: expected `bool`, got `str`"),
        ("store_timeout: soon", "store_timeout: not a duration: use seconds, or a number with ms, s, m, h, d or w"),
        ("store_timeout: -1", "store_timeout: expected"),
        ("sweep_every: 9999999w", "sweep_every: a duration must be between 0 and 100 years"),
        ("defaults: {ttl: 9999999w}", "defaults.ttl: a duration must be between 0 and 100 years"),
        ("defaults: {keep_stale: .nan}", "defaults.keep_stale: "),
        ("namespaces: {a: {max_ttl: 9999999w}}", "namespaces.a.max_ttl: a duration must be between"),
        ("defaults: {models: [{model: a, ttl: 9999999w}]}", "defaults.models.0.ttl: a duration must be between"),
        ("currency: {code: EUR, rate: 0}", "currency.rate: expected `float` > 0"),
        ("defaults: {jitter: 2}", "defaults.jitter: expected `float` <= 1"),
        ("body_limit: 10 apples", "body_limit: "),
        ("store_prefix: 'a b'", "store_prefix: "),
        ("tokens: [{name: a, token: x, role: boss}]", "tokens.0.role: use one of: reader, writer, admin"),
        ("masks: {date: '['}", "masks.date: not a regular expression"),
        ("masks: {date: '(?=x)'}", "masks.date: not a regular expression that can be used here: '(?=x)'"),
        ("masks: {'A b': x}", "masks: a name in it: "),
        ("defaults: {normalize: lose}", "defaults.normalize: unknown normalization preset 'lose'"),
        ("namespaces: {a: {normalize: [trim, 'mask:x']}}", "namespaces.a.normalize: no mask named 'x'"),
        ("defaults: {ignore: [seed]}", "defaults.ignore: 'seed' is not a path such as params.seed"),
        ("defaults: {ignore: [prompt.x]}", "defaults.ignore: 'prompt.x' is not a path such as params.seed"),
        (
            "{embedder: local, defaults: {match: semantic}, namespaces: {faq: {normalize: loose}}}",
            "namespaces.faq.match: `semantic` compares what was written",
        ),
        (
            "{embedder: local, secret: s, defaults: {match: semantic}}",
            "defaults.match: `semantic` compares what was asked, and with a `secret` prompts are not kept",
        ),
        ("defaults: {ttl: null}", "defaults.ttl: null is for ever; allow that by `never_expires: true`"),
        ("namespaces: {a: {ttl: null}}", "namespaces.a.ttl: null is for ever"),
        ("defaults: {models: [{model: a, ttl: null}]}", "defaults.models.0.ttl: null is for ever"),
        ("embedder: {url: 'http://127.0.0.1:1'}", "embedder.model: required, but missing"),
        ("embedder: {url: x, model: y, modle: z}", "embedder.modle: unknown field; did you mean `model`?"),
        ("embedder: {url: x, model: y, timeout: soon}", "embedder.timeout: not a duration"),
        ("embedder: locl", "embedder: 'locl' is none that is known: give `local`, `local:` and the folder"),
        ("defaults: {verify: maybe}", "defaults.verify: use one of: true, false, sync"),
        ("listen: nowhere", "listen: 'nowhere' is not host:port, such as 127.0.0.1:8787"),
        ("listen: 127.0.0.1:99999", "listen: '127.0.0.1:99999' is not host:port"),
        ("listen: '127.0.0.1:'", "listen: '127.0.0.1:' is not host:port"),
        ("listen: ':8787'", "listen: ':8787' is not host:port"),
        ("- a list", "must be a mapping of settings"),
        ("store: 'unclosed\nworkers: [1", "not valid YAML near line"),
        ("[a]: {b", "not valid YAML"),
    ],
)
def test_refused__names_the_file_the_key_and_the_fix(file: Path, text: str, said: str) -> None:
    message = refusal(file, text)
    assert message.startswith(f"{file}: {said}")
    assert "\n" not in message


def test_refused__names_all_that_is_wrong(file: Path) -> None:
    message = refusal(file, "workers: two\nlistn: x\ndefaults: {ttl: soon}")
    assert [line.removeprefix(f"{file}: ").split(":")[0] for line in message.splitlines()] == [
        "workers",
        "listn",
        "defaults.ttl",
    ]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"listn": "x"}, "PROMPT_CACHE_LISTN is not a setting; did you mean PROMPT_CACHE_LISTEN?"),
        ({"zzzzz": "x"}, "PROMPT_CACHE_ZZZZZ is not a setting; see config.example.yaml for all there are"),
        ({"workers": "two"}, "PROMPT_CACHE_WORKERS: workers: expected `int`, got `str`"),
        ({"tokens": "[{"}, "PROMPT_CACHE_TOKENS: not valid YAML"),
        ({"listen": "nowhere"}, "PROMPT_CACHE_LISTEN: listen: 'nowhere' is not host:port"),
        ({"token_file": "/nowhere"}, "PROMPT_CACHE_TOKEN_FILE: token_file: /nowhere cannot be read"),
        ({"listen": "0.0.0.0:80"}, "PROMPT_CACHE_LISTEN: listen: 0.0.0.0:80 is reachable from other machines"),
    ],
)
def test_refused__names_the_variable(file: Path, environment: dict[str, str], said: str) -> None:
    assert refusal(file, "threads: 4", **environment).startswith(said)
    with pytest.raises(ConfigError) as raised:
        of_environment(**environment)
    assert str(raised.value).startswith(said)


def test_refused__a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load(str(tmp_path / "nowhere.yaml"), {})


def test_refused__a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load(str(file), {})


@pytest.mark.parametrize("listen", ["0.0.0.0:8787", "192.168.1.2:8787", "[::]:8787", "sidecar:8787", "example.com:80"])
def test_listen__beyond_loopback_needs_a_token(file: Path, listen: str) -> None:
    message = refusal(file, f"listen: '{listen}'")
    assert "a token is needed: set PROMPT_CACHE_TOKEN (or token_file), or listen on 127.0.0.1" in message
    assert of(file, f"listen: '{listen}'", token="t").listen == listen
    assert of(file, f"listen: '{listen}'\ntokens: [{{name: a, token: x}}]").listen == listen


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"])
def test_listen__on_loopback_needs_none(file: Path, listen: str) -> None:
    assert of(file, f"listen: '{listen}'").listen == listen


# -- rules -----


def test_rules__namespaces_take_from_the_defaults_what_they_leave_out(file: Path) -> None:
    config = of(
        file,
        """
        never_expires: true
        defaults: {ttl: 1h, max_ttl: 7d, jitter: 0.1, normalize: loose, max_entries: 10, ignore: [params.seed]}
        namespaces:
          support: {ttl: null, normalize: [trim], max_bytes: 1.5KB, max_entries: null}
          "prod-*": {models: [{model: "gpt-4o*", ttl: 2d}], ignore: []}
        """,
    )
    assert rules(config)["other"].lifetime == Lifetime(ttl=3600, max_ttl=604800, jitter=0.1)
    assert rules(config)["other"].ignore == (("params", "seed"),)
    support, prod = rules(config)["support"], rules(config)["prod-eu"]
    assert (support.lifetime.ttl, support.lifetime.max_ttl, support.normalize) == (None, 604800, ("trim",))
    assert support.bounds == Bounds(None, 1536)
    assert (prod.lifetime.ttl, prod.lifetime.rules, prod.ignore) == (3600, (TtlRule("gpt-4o*", 172800),), ())
    assert prod.bounds == Bounds(10, None)
