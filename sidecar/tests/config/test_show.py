"""Store URLs as they are shown: never with any part of a password, whatever it holds."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prompt_cache.config import without_secrets
from prompt_cache.stores import StoreUnavailable, open_store

PARTS = [f"S3cret{n}" for n in range(4)]
"""Pieces of a password, between characters that mean something in a URL."""
BETWEEN = st.text(alphabet="@:/?#&=%[]+,;. \\'\"äß🙂\n\t0", max_size=3)
NO_HOST = "{scheme}://user:{password}"
FORMS = [
    "{scheme}://user:{password}@host:6379/0",
    "{scheme}://:{password}@host",
    "{scheme}://user:{password}@one:26379,two:26379/mymaster/0",
    "{scheme}://user:12{password}@host/db",
    NO_HOST,
    "{scheme}://user:{password}@",
    "{scheme}://user@host/db?password={password}&sslmode=require",
    "{scheme}://user@host/db?sslmode=require&sslpassword={password}",
    "{scheme}://user@host/db?pass%77ord={password}",
    "{scheme}://host:1/0?ssl_password={password}",
    "{scheme}://host/mymaster?sentinel_username=u&sentinel_password={password}",
    "{scheme}://host?unheard_of={password}",
    "{scheme}://user:{password}@host?schema=pg_x&pool_size=none",
    "{scheme}://[{password}@host",
    "{scheme}:{password}@host",
    "{password}",
]
SCHEMES = ["redis", "rediss", "redis+cluster", "redis+sentinel", "unix", "postgresql", "postgres", "mine", "", "memory"]


@st.composite
def urls(draw: st.DrawFn) -> str:
    between = [draw(BETWEEN) for _ in PARTS]
    password = "".join(part + sign for part, sign in zip(PARTS, between, strict=True))
    form = draw(st.sampled_from(FORMS))
    if draw(st.booleans()):
        password = quote(password, safe="")
    elif form == NO_HOST:
        # `redis://user:a@S3cret3` without a host is `redis://user:a@host` as well: nobody can tell S3cret3 from a host.
        password = password.replace("@", "")
    return form.format(scheme=draw(st.sampled_from(SCHEMES)), password=password)


@given(urls())
@example("redis://:S3cret0/12@host")
@example("postgresql://user:12/S3cret0@host/db")
@example("postgresql://user:12?schema=S3cret0@host/db")
@example("postgresql://user@host/db?password=a@S3cret1")
@example("redis+sentinel://:12/S3cret0@host/0")
def test_no_part_of_a_password_is_shown(url: str) -> None:
    assert "S3cret" not in without_secrets(url)


@given(urls())
@example("postgresql://user:12?schema=S3cret0@host/db")
@example("postgresql://user:12/S3cret0@127.0.0.1:1/db")
@example("redis+sentinel://127.0.0.1:1,:12/S3cret0@host/0")
def test_no_part_of_a_password_is_in_what_an_engine_says_of_its_url(url: str) -> None:
    try:
        open_store(url, timeout=0.01).close()
        said = ""
    except (ValueError, StoreUnavailable) as error:
        said = str(error)
    assert "S3cret" not in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///prompt-cache.db", "sqlite:///prompt-cache.db"),
        ("sqlite:////data/my cache@home.db?durability=full", "sqlite:////data/my cache@home.db?durability=full"),
        ("file:///var/lib/prompt-cache", "file:///var/lib/prompt-cache"),
        ("memory://?max_bytes=1GB", "memory://?max_bytes=1GB"),
        ("null://", "null://"),
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:pw@[::1]:6379/0", "redis://:(set)@[::1]:6379/0"),
        ("unix:///run/redis/redis.sock?db=3", "unix:///run/redis/redis.sock?db=3"),
        ("redis+sentinel://u:pw@a:1,b:2/mymaster?sentinel_password=x", "redis+sentinel://u:(set)@a:1,b:2/mymaster?sentinel_password=(set)"),
        ("postgresql://user:p@ss/w#rd@host:5432/db?sslmode=require", "postgresql://user:(set)@host:5432/db?sslmode=require"),
        ("postgresql://user@host/db?password=p&sslcert=x", "postgresql://user@host/db?password=(set)&=(set)"),
        ("postgresql://host/db?password=p@ss", "postgresql://(set)"),
        ("no-url", "(set)"),
    ],
)  # fmt: skip
def test_where_a_store_is_is_shown(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
