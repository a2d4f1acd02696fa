"""docs/langcache.md tells the routes, errors and bounds that the code has."""

import re

import msgspec
import pytest

from prompt_cache.config import Config
from prompt_cache.core.alike import MOST
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.failures import Failure
from prompt_cache.http.langcache import langcache_api
from prompt_cache.http.langcache.bodies import Attributes, ConversationBody
from prompt_cache.http.langcache.errors import error_response
from prompt_cache.stores.null import NullStore

from .pages import code, page, section, tables

LANGCACHE = page("docs/langcache.md")
OPERATIONS = langcache_api(PromptCache(NullStore()), Config()).operations
CODES = ("invalid-request", "store-unavailable", "store-full", "no-embedder", "unknown-cache", "unknown-entry", "x")
EARLIER = "speakeasy-sdk/python 0.11.1 2.755.9 langcache"


def test_page__names_every_route_with_its_role_and_no_other() -> None:
    told = {route: row[2] for row in tables(section(LANGCACHE, "What is where"))[1:] for route in code(row[0])}
    camel = {"cache_id": "cacheId", "entry_id": "entryId"}
    made = {
        f"{each.method} {re.sub('{(.*?)}', lambda name: f'{{{camel[name[1]]}}}', each.path)}": each.role or "none"
        for each in OPERATIONS
    }
    assert told == made


@pytest.mark.parametrize(("column", "agent"), [(1, ""), (2, EARLIER)], ids=["now", "before"])
def test_page__names_every_type_of_error_and_no_other(column: int, agent: str) -> None:
    rows = tables(section(LANGCACHE, "Errors"))[1:]
    told = {(int(row[0]), type_) for row in rows for type_ in code(row[1 if row[column] == "the same" else column])}
    statuses = {int(row[0]) for row in rows}
    answers = [
        msgspec.json.decode(error_response(Failure(status, name, ""), {"User-Agent": agent}).get_data())
        for status in statuses
        for name in CODES
    ]
    made = {(each["status"], each["type"]) for each in answers if each["type"].startswith("/errors/")}
    assert told <= made
    assert {type_ for _, type_ in made} == {type_ for _, type_ in told}


def test_page__tells_the_bounds() -> None:
    (row,) = (row for row in tables(section(LANGCACHE, "What differs")) if row[0] == "attributes")
    schema = msgspec.json.schema(Attributes)
    name, value = schema["propertyNames"], schema["additionalProperties"]
    for number in (schema["maxProperties"], name["maxLength"], value["maxLength"]):
        assert f"{number:,}" in row[2]
    assert f"at most {MOST})" in section(LANGCACHE, "What a search finds")


def test_page__shows_a_conversation_as_it_is_asked() -> None:
    body = ConversationBody(prompt="Cancel it.", context=["Where is my order?"])
    assert f"```\n{body.asked}\n```" in LANGCACHE
