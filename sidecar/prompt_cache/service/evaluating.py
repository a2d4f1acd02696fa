"""Pairs of questions, judged as the configured cache would."""

from collections.abc import Collection, Sequence
from functools import partial

from msgspec import Struct

from ..config import Config, ConfigError, rules
from ..core.questions import Questions
from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..keying.request import Request
from ..semantic.embedders.base import Embedder, EmbedderUnavailable
from ..semantic.evaluation.judging import Judged, Read, Watch, judge
from ..semantic.evaluation.pairs import Pair, Side
from ..semantic.partition import place_of
from .embedder import open_embedder

_PATIENCE = 120.0
"""Seconds in which a local model has to be loaded."""


class Evaluated(Struct, frozen=True):
    """Pairs, and what they were judged by."""

    judged: list[Judged]
    embedder: str
    threshold: float | None
    """The namespace's, or the one measured for the embedder."""
    guards: tuple[str, ...]


def evaluate(
    config: Config,
    pairs: Sequence[Pair],
    *,
    namespace: str,
    without: Collection[str] = (),
    watch: Watch,
) -> Evaluated:
    """All of them, in their order, by the rules of a namespace without some of its guards.

    Raises ValueError where a question cannot be asked, ConfigError where it cannot be embedded.
    """
    keyer, all_rules = Keyer(), rules(config)
    questions = Questions(all_rules, keyer, Normalizers(config.masks))
    semantic = all_rules[namespace].semantic
    guards = tuple(name for name in semantic.guards if name not in without)

    def read(side: Side) -> Read:
        request = Request(prompt=side) if isinstance(side, str) else Request(messages=side)
        request.namespace = namespace
        question = questions.of(request)
        return Read(question.key, place_of(question.parts, keyer))

    embedder = _embedder(config)
    from ..semantic.guards.comparing import compare  # what it needs is installed where there is an embedder

    try:
        judged = judge(pairs, read, embedder, partial(compare, guards=guards), watch=watch)
    except EmbedderUnavailable as error:
        raise ConfigError(f"embedder: {embedder.name}: {error}") from None
    finally:
        embedder.close()
    threshold = embedder.threshold if semantic.threshold is None else semantic.threshold
    return Evaluated(judged, embedder.name, threshold, guards)


def _embedder(config: Config) -> Embedder:
    embedder = open_embedder(config, lambda _event, _cause: None, patience=_PATIENCE)
    if embedder is None:
        raise ConfigError("embedder: none is set; set `embedder: local`, or the `url` and `model` of a server")
    return embedder
