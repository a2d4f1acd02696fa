"""Has GPTCache write the file of its plain map, and prints what it answers from it."""

import json

from gptcache import Cache
from gptcache.adapter.adapter import adapt
from gptcache.adapter.api import get, put
from gptcache.manager import manager_factory
from gptcache.manager.scalar_data.base import Answer, DataType
from gptcache.processor.pre import get_prompt

cache = Cache()
cache.init(pre_embedding_func=get_prompt, data_manager=manager_factory("map", data_dir="."))
put("What is a cache? 🎉", 'A place\nto keep "things".', cache_obj=cache)
adapt(
    lambda **_: "the model's",
    lambda found: found,
    lambda answer, keep, *_, **__: keep(Answer(answer, DataType.STR)),
    cache_obj=cache,
    prompt="Who are you?",
)
cache.flush()
found = {question: get(question, cache_obj=cache) for question in ("What is a cache? 🎉", "Who are you?")}
print(json.dumps({question: getattr(answer, "answer", answer) for question, answer in found.items()}))
