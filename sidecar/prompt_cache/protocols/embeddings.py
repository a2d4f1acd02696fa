"""Vectors of many texts in one call, each of which is a question of its own: OpenAI's and Ollama's."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..keying.request import Request
from .protocol import Batch, Body, Call, Json, Wire, with_zero


class _Embeddings(Batch):
    """`input` is one text or a list; of a text in tokens, the tokens are the question."""

    path: str

    def is_at(self, path: str) -> bool:
        return path == self.path or path.endswith(f"/{self.path}")

    def read(self, wire: Wire) -> Call:
        body = wire.body
        inputs = _inputs(body)
        if inputs is None:
            return Call()
        return Call(request=_request(body, inputs[0]))

    def questions(self, body: Body) -> list[Request]:
        return [_request(body, text) for text in _inputs(body) or ()]

    def asking(self, body: Body, positions: Sequence[int]) -> Body:
        inputs = _inputs(body) or []
        return {**body, "input": [inputs[at] for at in positions]}


class OpenAIEmbeddings(_Embeddings):
    name = "openai_embeddings"
    path = "embeddings"

    def answers(self, body: Body) -> list[Json]:
        data = body["data"]
        usage = body.get("usage") or {}
        about = {name: value for name, value in body.items() if name not in ("data", "usage")}
        ordered = sorted(data, key=lambda vector: vector["index"])
        if [vector["index"] for vector in ordered] != list(range(len(data))):
            raise ValueError("the vectors are not numbered")
        return [
            {**about, "data": [{**vector, "index": 0}], "usage": counts}
            for vector, counts in zip(ordered, _shares(usage, len(data)), strict=True)
        ]

    def joined(self, answers: Sequence[Json]) -> Body:
        data = [{**answer["data"][0], "index": at} for at, answer in enumerate(answers)]
        return {**answers[0], "data": data, "usage": _sum([answer.get("usage") or {} for answer in answers])}

    def without_usage(self, answer: Json) -> Json:
        return with_zero(answer, "usage")


class OllamaEmbed(_Embeddings):
    name = "ollama_embed"
    path = "embed"

    def answers(self, body: Body) -> list[Json]:
        vectors = body["embeddings"]
        about = {name: value for name, value in body.items() if name not in ("embeddings", *_OLLAMA_COUNTS)}
        counts = {name: body[name] for name in _OLLAMA_COUNTS if name in body}
        return [
            {**about, "embeddings": [vector], **share}
            for vector, share in zip(vectors, _shares(counts, len(vectors)), strict=True)
        ]

    def joined(self, answers: Sequence[Json]) -> Body:
        counts = _sum([{name: answer[name] for name in _OLLAMA_COUNTS if name in answer} for answer in answers])
        return {**answers[0], "embeddings": [answer["embeddings"][0] for answer in answers], **counts}

    def without_usage(self, answer: Json) -> Json:
        return with_zero(answer, *_OLLAMA_COUNTS)


_OLLAMA_COUNTS = ("prompt_eval_count", "total_duration", "load_duration")


def _inputs(body: Body) -> list[Any] | None:
    """Each text, or its tokens; None where there is nothing to ask."""
    given = body.get("input")
    if isinstance(given, str):
        return [given] if given else None
    if not isinstance(given, list) or not given:
        return None
    if all(isinstance(token, int) for token in given):
        return [given]
    if all(isinstance(text, str) and text for text in given):
        return given
    return given if all(isinstance(text, list) and text for text in given) else None


def _request(body: Body, text: Any) -> Request:
    model = body.get("model")
    params = {name: value for name, value in body.items() if name not in ("input", "model") and value is not None}
    if isinstance(text, list):
        params["prompt-cache.tokens"] = text
        text = "tokens"
    # A blank more is another vector.
    return Request(prompt=text, model=model if isinstance(model, str) else None, params=params, normalize="none")


def _shares(usage: Mapping[str, Any], count: int) -> list[Body]:
    """Counts of a whole, shared among its parts so that they add up."""
    shares: list[Body] = [{} for _ in range(count)]
    for name, value in usage.items():
        for at, share in enumerate(shares):
            whole = isinstance(value, int) and not isinstance(value, bool)
            share[name] = value * (at + 1) // count - value * at // count if whole else value
    return shares


def _sum(usages: Sequence[Mapping[str, Any]]) -> Body:
    total: Body = {}
    for usage in usages:
        for name, value in usage.items():
            known = total.get(name, 0)
            numbers = isinstance(value, int) and isinstance(known, int)
            total[name] = known + value if numbers else value
    return total
