"""OpenAI's older completions of a text."""

from collections.abc import Sequence

from .openai_chat import DONE, ends, wants_usage, without_counts
from .protocol import Body, Call, Json, Streamed, Wire, joined, pieces, request_of, with_zero

_FIELDS = {"model": "model", "prompt": "prompt"}


class Completions(Streamed):
    name = "openai_completions"
    converses = False

    def is_at(self, path: str) -> bool:
        return path.endswith("completions") and not path.endswith("chat/completions")

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = DONE if body.get("stream") else None
        several = [body.get("n"), body.get("best_of")]
        if any(isinstance(count, int) and count > 1 for count in several):
            return Call(bypass="several-answers", framing=framing)
        if isinstance(body.get("prompt"), list):
            return Call(bypass="several-prompts", framing=framing)
        return Call(request=request_of(body, _FIELDS), framing=framing, with_usage=wants_usage(body))

    def is_last(self, event: Json) -> bool:
        return ends(event)

    def collected(self, events: Sequence[Json]) -> Json:
        body: Body = {}
        choice: Body = {}
        text: list[str] = []
        for event in events:
            body.update({name: value for name, value in event.items() if value is not None or name not in body})
            for chunk in event.get("choices") or ():
                text.append(chunk.get("text") or "")
                logprobs = joined(choice.get("logprobs"), chunk.get("logprobs"))
                choice.update({name: value for name, value in chunk.items() if value is not None or name not in choice})
                if logprobs is not None:
                    choice["logprobs"] = logprobs
        return {**body, "choices": [{**choice, "text": "".join(text)}] if choice else []}

    def events(self, body: Json) -> list[Json]:
        about = {name: value for name, value in body.items() if name not in ("choices", "usage")}
        chunks: list[Json] = []
        for choice in body.get("choices", ()):
            parts = pieces(choice.get("text") or "")
            chunks += [
                {**about, "choices": [{"index": choice.get("index", 0), "text": part, "finish_reason": None}]}
                for part in parts[:-1]
            ]
            chunks.append({**about, "choices": [{**choice, "text": parts[-1] if parts else ""}]})
        if body.get("usage"):
            chunks.append({**about, "choices": [], "usage": body["usage"]})
        return chunks

    def untold(self, events: list[Json]) -> list[Json]:
        return without_counts(events)

    def without_usage(self, answer: Json) -> Json:
        return with_zero(answer, "usage")
