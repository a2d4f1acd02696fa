"""No secret is written into a file that is committed."""

import pytest

from prompt_cache.cassettes.scrub import SCRUBBED, scrubber

SECRETS = [
    "sk-proj-abcDEF0123456789_abcDEF0123456789",
    "sk-ant-api03-abcdefghijklmnop-qrstuvwx",
    "gsk_abcdefghijklmnopqrstuvwxyz0123",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijklmnop",
    "xoxb-123456789012-abcdefghijkl",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\nAQEA7\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_known_forms_of_keys_are_scrubbed_wherever_they_stand(secret: str) -> None:
    asked = {"messages": [{"content": f"my key is {secret}, keep it"}], secret: 1}
    told = str(scrubber()(asked))
    assert secret not in told
    assert "my key is" in told
    assert "keep it" in told


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("Authorization: Bearer abcdef123456.ghi", "Authorization: Bearer [secret]"),
        ("redis://user:hunter22@db:6379/0", "redis://user:[secret]@db:6379/0"),
        ("https://x.example/a?api_key=abcd1234&b=2", "https://x.example/a?api_key=[secret]&b=2"),
    ],
)
def test_what_stands_around_a_secret_stays(text: str, scrubbed: str) -> None:
    assert scrubber()(text) == scrubbed


@pytest.mark.parametrize("name", ["api_key", "apiKey", "X-API-Key", "password", "client_secret", "access_token"])
def test_the_text_of_a_field_named_after_a_secret_is_one(name: str) -> None:
    assert scrubber()({name: "anything"}) == {name: SCRUBBED}


@pytest.mark.parametrize(
    "harmless",
    [
        "What is an API key? Is sk-1 one?",
        {"max_tokens": 5, "password": {"type": "string", "description": "of the user"}},
        "see https://docs.example/a:b@c and user@example.org",
        ["the basic idea", "a bearer of news", "task-force-of-the-whole-year"],
    ],
)
def test_what_only_speaks_of_secrets_stays(harmless: object) -> None:
    assert scrubber()(harmless) == harmless


def test_patterns_of_ones_own() -> None:
    assert scrubber([r"CUST-\d+"])("for CUST-4711") == f"for {SCRUBBED}"


def test_a_pattern_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"not a regular expression"):
        scrubber(["("])
