"""What a pattern lets through: in Python, and as the contract's readers understand it."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.stores.null import NullStore


def _patterns(schema: Any) -> Iterator[str]:
    """Every pattern in a JSON schema, whatever it is of."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from _patterns(each)


CONTRACT = create_app(PromptCache(NullStore()), Config(request_log=False)).test_client().get("/openapi.json").get_json()
PATTERNS = sorted({*_patterns(CONTRACT), *_patterns(msgspec.json.schema(Config))})


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_patterns__let_no_line_break_through_at_the_end(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern))
    assert not re.search(pattern, text + "\n")
