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
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----",
    r"-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA7abc",
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
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
        ("redis://:hunter22@db:6379/0", "redis://:[secret]@db:6379/0"),
        ("postgresql://user:p@ss@db/0", "postgresql://user:[secret]@db/0"),
        ("https://x.example/a?api_key=abcd1234&b=2", "https://x.example/a?api_key=[secret]&b=2"),
        ("https://x.example/#access_token=abcd1234&b=2", "https://x.example/#access_token=[secret]&b=2"),
        ("Authorization: Token abcdef123456", "Authorization: Token [secret]"),
        ("Server=a;Uid=b;Pwd=hunter22;", "Server=a;Uid=b;Pwd=[secret];"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [secret]"),
        ("AccountName=a;AccountKey=abcdefgh1234==;End=b", "AccountName=a;AccountKey=[secret];End=b"),
        ("export DB_PASSWORD=hunter", "export DB_PASSWORD=[secret]"),
        ("password: hunter22, please", "password: [secret], please"),
        ('Call it with {"api_key": "it\'s", "q": 1}.', 'Call it with {"api_key": "[secret]", "q": 1}.'),
        (r"{\"api_key\": \"abc\", \"q\": 1", r"{\"api_key\": \"[secret]\", \"q\": 1"),
        ('{"q": {"client_secret": "x"}}', '{"q":{"client_secret":"[secret]"}}'),
    ],
)
def test_what_stands_around_a_secret_stays(text: str, scrubbed: str) -> None:
    assert scrubber()(text) == scrubbed


@pytest.mark.parametrize(
    "name", ["api_key", "apiKey", "X-API-Key", "password", "client_secret", "access_token", "Cookie", "openaiApiKey"]
)
def test_the_text_of_a_field_named_after_a_secret_is_one(name: str) -> None:
    assert scrubber()({name: "anything"}) == {name: SCRUBBED}


@pytest.mark.parametrize(
    "harmless",
    [
        "What is an API key? Is sk-1 one?",
        {"max_tokens": 5, "password": {"type": "string", "description": "of the user"}},
        "see https://docs.example/a:b@c and user@example.org",
        ["the basic idea", "a bearer of news", "task-force-of-the-whole-year"],
        ["a basic introduction", "bearer authentication explained", "npm_config_user_agent_string"],
        ["ALTER TABLE a DROP CONSTRAINT pk_customer_address_history", "x?page_token=abcd&monkey=banana"],
        ["PWD=/home/user1", "what a token gpt-4o-mini-2024-07-18 costs"],
        ["password: required", "secret = os.environ['X1']", "api_key = read_key1(5)", "What is the secret: tea?"],
        "What does -----BEGIN PRIVATE KEY----- mean?",
        '{"max_tokens": 5,  "q": "keep the blanks"}',
    ],
)
def test_what_only_speaks_of_secrets_stays(harmless: object) -> None:
    assert scrubber()(harmless) == harmless


def test_headers_in_a_list_are_named_too() -> None:
    headers = [{"name": "Authorization", "value": "abc"}, {"name": "Accept", "value": "text/html"}]
    assert scrubber()(headers) == [{"name": "Authorization", "value": SCRUBBED}, headers[1]]


def test_two_names_stay_two() -> None:
    assert scrubber()({"sk-" + letter * 20: letter for letter in "ab"}) == {SCRUBBED: "a", SCRUBBED * 2: "b"}


@pytest.mark.parametrize("pattern", ["secret", r"\w+", "x*", r"[a-z]+|\d"])
def test_to_scrub_once_more_changes_nothing(pattern: str) -> None:
    """Lines are scrubbed when they are written, and when they are read."""
    scrub = scrubber([pattern])
    once = scrub({"a": "my secret xx is 5, password=hunter22", "password": ["a", 1, True]})
    assert scrub(once) == once


def test_what_is_nested_without_end_is_left_as_it_is() -> None:
    assert scrubber()("[" * 5000 + "]" * 5000) == "[" * 5000 + "]" * 5000


def test_patterns_of_ones_own() -> None:
    assert scrubber([r"CUST-\d+"])("for CUST-4711") == f"for {SCRUBBED}"


def test_a_pattern_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"not a regular expression"):
        scrubber(["("])
