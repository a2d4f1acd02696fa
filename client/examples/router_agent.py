"""A router that sends each question to the agent that knows, and pays for none of them twice.

    pip install './client[embedded,langchain]' ./sidecar langchain-openai    # in a clone
    prompt-cache demo-model &    # a model that needs no key
    python client/examples/router_agent.py
    python client/examples/router_agent.py    # the second time nobody is asked

PROMPT_CACHE_URL is where answers are kept, such as http://127.0.0.1:8787; left out, it is a file in the current folder.
"""

import os
from typing import Literal

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from prompt_cache_client import PromptCache
from prompt_cache_client.langchain import PromptCacheMiddleware

cache = PromptCache(os.environ.get("PROMPT_CACHE_URL", "sqlite:///router-cache.db"), namespace="desk")
model_url = os.environ.get("MODEL_URL", "http://127.0.0.1:8788/v1")
model = ChatOpenAI(model="gpt-4o-mini", base_url=model_url, api_key="demo")


class Route(BaseModel):
    """Which desk a question goes to."""

    desk: Literal["orders", "weather"]


@tool
def order_status(number: str) -> str:
    """Where an order is."""
    return f"Order {number} left the house on Monday."


@tool
def forecast(city: str) -> str:
    """The weather in a city."""
    return f"Sunny in {city}."


# The tools still run on a second run: only what the model says is cached, and other results are another question.
cached = PromptCacheMiddleware(cache, cache_tool_calls=True, depends_on=["desk"])

router = create_agent(model, response_format=Route, middleware=[cached], name="router")
desks = {
    "orders": create_agent(model, [order_status], middleware=[cached], name="orders"),
    "weather": create_agent(model, [forecast], middleware=[cached], name="weather"),
}


def ask(question: str) -> str:
    asked = {"messages": [{"role": "user", "content": question}]}
    desk = router.invoke(asked)["structured_response"].desk
    answer = desks[desk].invoke(asked)["messages"][-1]
    return f"{desk}: {answer.text}"


if __name__ == "__main__":
    print(ask("Use the tool: number 1024"))
    print(ask("Please use the tool: number 7"))
    stats = cache.stats()
    print(f"{stats['hits']} of {stats['lookups']} answers came from the cache")
