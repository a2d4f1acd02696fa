"""Runs a block of the guide twice, with what it takes for granted, and prints its `answer` each time."""

import sys
from typing import Any

import openai
from langchain_openai import ChatOpenAI

question = "What is a cache?"
messages = [{"role": "user", "content": question}]
model = ChatOpenAI(model="gpt-4o-mini")


def ask(text: str) -> str | None:
    asked: Any = [{"role": "user", "content": text}]
    return openai.OpenAI().chat.completions.create(model="gpt-4o-mini", messages=asked).choices[0].message.content


for _ in range(2):
    names: dict[str, Any] = {"question": question, "messages": messages, "model": model, "ask": ask}
    exec(sys.argv[1], names)  # noqa: S102
    answer = names["answer"]
    text = answer if isinstance(answer, str) else getattr(answer, "content", None)
    print(text or answer.choices[0].message.content)
