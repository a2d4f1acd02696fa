"""What tokens cost."""

import subprocess
import sys

import msgspec
import pytest
from genai_prices import Usage as Priced
from genai_prices import calc_price
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache.responses.usage import Usage
from prompt_cache.savings.prices import PriceOverride, model_id, price

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MILLION = Usage(1_000_000, 1_000_000)


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("GPT-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("openai/gpt-4o", "gpt-4o"),
        ("models/gemini-2.0-flash", "gemini-2.0-flash"),
        ("google/gemini-2.5-pro", "gemini-2.5-pro"),
        ("claude-3-haiku-20240307", "claude-3-haiku"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
    ],
)
def test_known_by_the_names_that_providers_and_gateways_use(name: str, known_as: str) -> None:
    listed = float(calc_price(Priced(input_tokens=1_000_000, output_tokens=1_000_000), known_as).total_price)
    assert listed > 0
    assert price(name, MILLION) == pytest.approx(listed)
    assert model_id(name) == model_id(known_as) is not None


@pytest.mark.parametrize("name", ["text-embedding-3-small", "text-embedding-3-large", "embed-v4.0"])
def test_embedders_that_are_known_by_their_maker(name: str) -> None:
    assert price(name, Usage(1_000_000, 0)) == pytest.approx(0.1, abs=0.09)


def test_bedrocks_names_cost_what_bedrock_asks() -> None:
    listed = calc_price(
        Priced(input_tokens=1_000_000, output_tokens=1_000_000), "amazon.nova-lite-v1:0", provider_id="aws"
    )
    assert price("amazon.nova-lite-v1:0", MILLION) == pytest.approx(float(listed.total_price))


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "demo-model",
        "my-deployment",
        "gpt-4o-my-deployment",
        "gpt-99",
        "llama3.2",
        "deepseek-r1:8b",
        "mistral:7b",
        "somewhere/gpt-4o",
        "x" * 100_000,
        "\ud800\x00/",
    ],
)
def test_no_price_rather_than_a_guess(name: str | None) -> None:
    assert price(name, MILLION) is None


@pytest.mark.parametrize("usage", [Usage(), Usage(input_tokens=5), Usage(output_tokens=5), Usage(-1, 5)])
def test_no_price_without_both_counts(usage: Usage) -> None:
    assert price("gpt-4o", usage) is None


def test_the_providers_prefix_cache_makes_input_cheaper() -> None:
    plain, cached = price("gpt-4o", Usage(10_000, 100)), price("gpt-4o", Usage(10_000, 100, 8_000))
    assert plain is not None
    assert cached is not None
    assert 0 < cached < plain


def test_writing_anthropics_prefix_cache_costs_more() -> None:
    plain = price("claude-sonnet-4-5", Usage(10_000, 100))
    written = price("claude-sonnet-4-5", Usage(10_000, 100, 0, 8_000))
    assert plain is not None
    assert written is not None
    assert written > plain


OVERRIDES = {
    "my-*": PriceOverride(input_per_million=2, output_per_million=10, cached_input_per_million=0.5),
    "GPT-4o": PriceOverride(input_per_million=1, output_per_million=1),
    "llama*": PriceOverride(input_per_million=0, output_per_million=0),
}


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("my-deployment", MILLION, 12),
        ("My-Deployment", Usage(1_000_000, 0, 400_000), 1.4),
        ("gpt-4o", MILLION, 2),
        ("gpt-4o", Usage(1_000_000, 0, 1_000_000), 1),
        ("llama3.2", MILLION, 0),
    ],
)
def test_an_override_goes_before_the_list(model: str, usage: Usage, dollars: float) -> None:
    assert price(model, usage, OVERRIDES) == pytest.approx(dollars)


LOCAL = {
    "picture": PriceOverride(per_call=0.04),
    "llama": PriceOverride(per_second=0.002),
    "both": PriceOverride(input_per_million=1, output_per_million=1, per_call=0.5, per_second=0.25),
}


@pytest.mark.parametrize(
    ("model", "usage", "seconds", "dollars"),
    [
        ("picture", Usage(), None, 0.04),
        ("llama", Usage(), 30.0, 0.06),
        ("llama", MILLION, None, None),
        ("both", MILLION, 2.0, 3.0),
        ("both", Usage(), 2.0, None),
    ],
)
def test_by_the_call_and_by_the_second_of_a_machine(
    model: str, usage: Usage, seconds: float | None, dollars: float | None
) -> None:
    found = price(model, usage, LOCAL, seconds=seconds)
    assert found == (None if dollars is None else pytest.approx(dollars))


def test_several_calls_are_as_many_times_the_price_of_one() -> None:
    assert price("picture", Usage(), LOCAL, calls=3) == pytest.approx(0.12)


def test_the_first_matching_override_wins() -> None:
    overrides = {"my-gpt": PriceOverride(1, 1), "my-*": PriceOverride(5, 5)}
    assert price("my-gpt", MILLION, overrides) == 2
    assert price("my-other", MILLION, overrides) == 10


@pytest.mark.parametrize(
    "given",
    [
        {"input_per_million": -1, "output_per_million": 1},
        {"input_per_million": 1, "output_per_million": 1, "per_image": 3},
    ],
)
def test_a_wrong_override_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, PriceOverride)


@unhurried
@given(
    st.text() | st.sampled_from(["gpt-4o", "gemini-2.5-pro", "claude-sonnet-4-5", "my-x"]),
    st.builds(Usage, *[st.none() | st.integers()] * 5),
)
def test_never_raises_and_never_negative(model: str, usage: Usage) -> None:
    for overrides in (None, OVERRIDES):
        dollars = price(model, usage, overrides)
        assert dollars is None or dollars >= 0


def test_prices_without_a_network() -> None:
    program = """
import socket
def refuse(*_): raise AssertionError("went to the network")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import threading
from prompt_cache.savings.prices import price
from prompt_cache.responses.usage import Usage
assert price("gpt-4o", Usage(10, 10)) > 0
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", program], check=True)
