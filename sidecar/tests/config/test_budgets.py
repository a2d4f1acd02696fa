"""Budgets as they are written: what they are called, and what cannot be meant."""

from pathlib import Path
from typing import Any

import pytest

from prompt_cache.config import ConfigError, budgets, configured, shown
from prompt_cache.savings.budgets import Budget

DAY = {"usd": 20, "per": "day"}
HOOK = {"url": "https://u:p@hooks.example.com:8443/secret-path?k=v", "secret": "s3cret"}


def test_what_is_left_out_is_all_and_warns() -> None:
    [found] = budgets(configured({"budgets": [DAY]}))
    assert found == Budget(name="everything per day", usd=20.0, per="day", then="warn", warn_at=0.8)


def test_a_name_comes_of_what_is_selected_and_not_of_the_limit() -> None:
    selected = {"namespace": "support-*", "model": "gpt-*"}
    names = [budgets(configured({"budgets": [{**selected, "usd": usd, "per": "month"}]}))[0].name for usd in (1, 2)]
    assert names == ["namespace support-*, model gpt-* per month"] * 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([{"usd": 20}], "budgets.0.per"),
        ([{"per": "day"}], "budgets.0.usd"),
        ([{"usd": -1, "per": "day"}], "budgets.0.usd"),
        ([{"usd": float("inf"), "per": "day"}], "budgets.0.usd: give a number of US dollars"),
        ([{"usd": float("nan"), "per": "day"}], "budgets.0.usd"),
        ([{"usd": 1, "per": "week"}], "budgets.0.per"),
        ([{**DAY, "then": "stop"}], "budgets.0.then"),
        ([{**DAY, "warn_at": 80}], "budgets.0.warn_at"),
        ([{**DAY, "limit": 1}], "budgets.0"),
        ([{**DAY, "name": " "}], "budgets.0.name: give 1 to 100 characters"),
        ([{**DAY, "name": "a\nb"}], "budgets.0.name"),
        ([{**DAY, "model": ""}], "budgets.0.model: is empty"),
        ([DAY, {**DAY, "usd": 5}], "budgets.1: another budget is called 'everything per day'; give each a `name`"),
        ([{**DAY, "token": "ci"}], "budgets.0.token: no token is called 'ci'; there are admin, anonymous"),
        ([{**DAY, "webhook": {"url": "https://x.example", "secret": ""}}], "budgets.0.webhook.secret"),
        ([{**DAY, "webhook": {"url": "https://x.example"}}], "budgets.0.webhook: give the `secret`"),
        ([{**DAY, "webhook": {**HOOK, "url": "ftp://x"}}], "budgets.0.webhook.url: must be http:// or https://"),
        ([{**DAY, "webhook": {**HOOK, "url": "https://x:99999999"}}], "budgets.0.webhook.url"),
        ([{**DAY, "webhook": {**HOOK, "secret_file": "f"}}], "budgets.0.webhook.secret: give"),
    ],
)
def test_what_cannot_be_meant_names_the_field(given: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured({"budgets": given})
    assert told in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_they_need_a_store_that_keeps_counts() -> None:
    with pytest.raises(ConfigError, match="budgets: need a store that keeps"):
        configured({"store": "null://", "budgets": [DAY]})


def test_a_token_is_known_by_its_name() -> None:
    tokens = [{"name": "ci-1", "token": "t"}]
    assert budgets(configured({"tokens": tokens, "budgets": [{**DAY, "token": "ci-*"}]}))[0].token == "ci-*"


def test_they_are_shown_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-file\n")
    config = configured(
        {
            "budgets": [
                {**DAY, "webhook": HOOK},
                {**DAY, "name": "b", "webhook": {"url": HOOK["url"], "secret_file": str(file)}},
            ]
        }
    )
    assert config.budgets[1].webhook
    assert config.budgets[1].webhook.secret == "from-file"
    told = shown(config)["budgets"]
    assert (told[0]["name"], told[0]["usd"]) == ("everything per day", 20.0)
    assert told[0]["webhook"]["url"] == "https://hooks.example.com:8443/(set)"
    assert not any(secret in str(told) for secret in ("s3cret", "from-file", "secret-path", "u:p"))
