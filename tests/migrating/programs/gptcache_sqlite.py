"""Has GPTCache write its SQLite database, and prints what it answers from it."""

import hashlib
import json

import numpy
from gptcache import Cache
from gptcache.adapter.adapter import adapt
from gptcache.adapter.api import get, put
from gptcache.manager import manager_factory
from gptcache.manager.scalar_data.base import Answer, DataType, Question, QuestionDep
from gptcache.processor.pre import get_prompt, last_content
from gptcache.session import Session
from gptcache.similarity_evaluation import SearchDistanceEvaluation


def digest(text: str, **_: object) -> numpy.ndarray:
    """A vector that is near to none but its own."""
    bits = numpy.unpackbits(numpy.frombuffer(hashlib.sha512(text.encode()).digest(), dtype=numpy.uint8))
    return bits.astype("float32") - 0.5


data = manager_factory("sqlite,faiss", data_dir="gptcache", vector_params={"dimension": 512})
prompts, chats = Cache(), Cache()
for cache, of_request in ((prompts, get_prompt), (chats, last_content)):
    cache.init(
        pre_embedding_func=of_request,
        embedding_func=digest,
        data_manager=data,
        similarity_evaluation=SearchDistanceEvaluation(max_distance=1.0),
    )

PUT = {"What is a cache?": "A place to keep things.", "Wie heißt die Hauptstadt? 🎉": 'Zeile eins\n"Zeile zwei"'}
for question, answer in PUT.items():
    put(question, answer, cache_obj=prompts)

# As its wrapper of OpenAI's SDK does it.
said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who are you?"}]
adapt(
    lambda **_: "the model's",
    lambda found: found,
    lambda answer, keep, *_, **__: keep(Answer(answer, DataType.STR)),
    cache_obj=chats,
    model="gpt-4o-mini",
    messages=said,
)

put("And then?", "Nothing more.", cache_obj=prompts, session=Session("anna", data_manager=data))
looked_at = Question("What is in the picture?", [QuestionDep("image", "cat.png", DataType.STR)])
data.import_data([looked_at], [Answer("A cat.", DataType.STR)], [digest("cat")], [None])
put("Evicted?", "Yes.", cache_obj=prompts)
data.s.mark_deleted([data.s.count(is_all=True)])
prompts.flush()

asked = [*PUT, "Who are you?"]
print(json.dumps({question: get(question, cache_obj=prompts) for question in asked}))
