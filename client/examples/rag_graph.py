"""A RAG graph that asks its model once, and again when the knowledge base has changed.

    pip install './client[embedded,langgraph]' ./sidecar langchain-openai    # in a clone
    prompt-cache demo-model &    # a model that needs no key
    python client/examples/rag_graph.py

PROMPT_CACHE_URL is where answers are kept, such as http://127.0.0.1:8787; left out, it is this program's memory.
"""

import os
from typing import TypedDict

from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy

from prompt_cache_client import PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache

cache = PromptCache(os.environ.get("PROMPT_CACHE_URL", "memory://"), namespace="rag")
model_url = os.environ.get("MODEL_URL", "http://127.0.0.1:8788/v1")
model = ChatOpenAI(model="gpt-4o-mini", base_url=model_url, api_key="demo")
knowledge = {"refunds": "Refunds take 14 days.", "shipping": "We ship on Mondays."}


class State(TypedDict, total=False):
    question: str
    passages: list[str]
    answer: str


def retrieve(state: State) -> State:
    return {"passages": [passage for word, passage in knowledge.items() if word in state["question"]]}


def answer(state: State) -> State:
    prompt = f"Answer from these passages: {state['passages']}\n\n{state['question']}"
    return {"answer": model.invoke(prompt).text}


graph = StateGraph(State)
graph.add_node("retrieve", retrieve, cache_policy=CachePolicy(ttl=3600))
graph.add_node("answer", answer, cache_policy=CachePolicy(ttl=3600))
graph.add_edge(START, "retrieve")
graph.add_edge("retrieve", "answer")

app = graph.compile(
    checkpointer=InMemorySaver(),
    cache=PromptCacheNodeCache(cache, depends_on={"retrieve": ["kb"], "answer": ["kb"]}),
)


def ask(question: str, conversation: str) -> None:
    thread = {"configurable": {"thread_id": conversation}}
    for update in app.stream({"question": question}, thread, stream_mode="updates"):
        node = next(iter(update))
        print(f"{conversation}: {node}", "came from the cache" if "__metadata__" in update else "ran")
    print(app.get_state(thread).values["answer"])


if __name__ == "__main__":
    ask("How long do refunds take?", "monday")
    ask("How long do refunds take?", "tuesday")  # asks nobody
    knowledge["refunds"] = "Refunds take 30 days."
    cache.bump("kb")
    ask("How long do refunds take?", "wednesday")
