"""Prints the names and values that LangChain's caches for Redis keep of a question, those of two packages."""

import json
import sys
from unittest.mock import MagicMock

from langchain_community.cache import RedisCache
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration
from langchain_redis import RedisCache as RedisJSONCache
from redis import Redis

QUESTION, MODEL = "the question itself", "[('model', 'the model itself')]"
ANSWER = [ChatGeneration(message=AIMessage("the answer"))]

redis = Redis.from_url(sys.argv[1])
RedisCache(redis).update(QUESTION, MODEL, ANSWER)
kept = {key.decode(): repr(redis.hgetall(key)) for key in redis.scan_iter()}

json_redis = MagicMock(spec=Redis)  # the server of the tests has no JSON module
RedisJSONCache(redis_client=json_redis).update(QUESTION, MODEL, ANSWER)
(call,) = json_redis.json.return_value.set.call_args_list
kept[call.args[0]] = repr(call.args[2])
print(json.dumps(kept))
