"""Prints what LiteLLM keeps of a question, and which parameters its cache has."""

import inspect
import json

import litellm
from litellm.caching.caching import Cache
from litellm.types.caching import DynamicCacheControl

litellm.cache = Cache()
litellm.completion(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "the question itself"}],
    mock_response="the answer",
    caching=True,
)
parameters = inspect.signature(Cache.__init__).parameters.values()
print(
    json.dumps(
        {
            "kept": litellm.cache.cache.cache_dict,
            "of a call": [*DynamicCacheControl.__annotations__, "use-cache"],
            "of the cache": [
                each.name
                for each in parameters
                if each.kind is not each.VAR_KEYWORD and not each.name.startswith("_") and each.name != "self"
            ],
        }
    )
)
