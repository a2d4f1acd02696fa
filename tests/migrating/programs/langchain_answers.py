"""Asks models through LangChain, with the cache that is named, and prints what they answer."""

import json
import sys
from collections.abc import Callable
from typing import Any

from langchain_community.cache import SQLiteCache
from langchain_core.globals import set_llm_cache
from langchain_core.messages import message_to_dict
from langchain_openai import ChatOpenAI, OpenAI
from pydantic import BaseModel

from prompt_cache_client.langchain import PromptCacheLLMCache


class Weather(BaseModel):
    """Tells the weather."""

    city: str


kind, where = sys.argv[1:]
set_llm_cache(SQLiteCache(where) if kind == "sqlite" else PromptCacheLLMCache(where, namespace="my-app"))

chat = ChatOpenAI(model="gpt-4o-mini", temperature=0)
asks: dict[str, Callable[[], Any]] = {
    "a text": lambda: chat.invoke("What is a cache? 🎉"),
    "a conversation": lambda: chat.invoke(
        [("system", "Be brief."), ("human", "Hello"), ("ai", "Hi"), ("human", "And?")]
    ),
    "tools": lambda: chat.bind_tools([Weather]).invoke("What is the weather in Paris?"),
    "stop": lambda: chat.invoke("What is a cache? 🎉", stop=["\n"]),
    "another temperature": lambda: ChatOpenAI(model="gpt-4o-mini", temperature=1).invoke("What is a cache? 🎉"),
    "a completion": lambda: OpenAI(model="gpt-3.5-turbo-instruct").invoke("Once upon a time"),
}
if kind == "other":
    asks = {"asked by nobody": lambda: chat.invoke("What was never asked?")}


def plain(answer: Any) -> Any:
    if isinstance(answer, str):
        return answer
    fields = message_to_dict(answer)["data"]
    return {name: value for name, value in fields.items() if name != "id"}


print(json.dumps({name: plain(ask()) for name, ask in asks.items()}))
