"""Whether texts can be embedded, and how fast."""

import time
from collections.abc import Iterator

from ...config import ConfigError
from ...config.schema import EmbedderSettings
from ...semantic.embedders.base import EmbedderUnavailable
from ...service.embedder import check_embedder, open_embedder
from .finding import Finding, Situation, advice, mend, ok, unusable
from .upstreams import is_readable_on_its_way

_PATIENCE = 60.0
"""Seconds for a model on this machine to be loaded."""
_SLOW = 0.5
"""Seconds."""


def embedder(situation: Situation) -> Iterator[Finding]:
    try:
        told = check_embedder(situation.config)
        opened = open_embedder(situation.config, lambda _event, _cause: None, patience=_PATIENCE)
    except ConfigError as error:
        yield unusable("embedder", error, "nothing is found by its meaning")
        return
    if opened is None:
        yield ok("none is set up: only the very same question is found")
        return
    try:
        opened.embed(["hello"])
        began = time.perf_counter()
        (vector,) = opened.embed(["goodbye"]).vectors
        took = time.perf_counter() - began
    except EmbedderUnavailable as error:
        yield mend(f"{told}: {error}", "mend that; until then only the very same question is found")
        return
    finally:
        opened.close()
    says = f"{told} makes vectors of {len(vector) // 4} numbers; a text takes {took * 1000:.0f} ms"
    if took > _SLOW:
        yield advice(says, "use a nearer or smaller model: each semantic lookup of a new text waits for it")
    else:
        yield ok(says)
    settings = situation.config.embedder
    if isinstance(settings, EmbedderSettings) and settings.key and is_readable_on_its_way(settings.url):
        do = "use https:// in `embedder.url`, or a private network"
        yield advice(f"the key of {told}, and questions, go there unencrypted", do)
    if opened.threshold is None:
        yield advice(f"{opened.name} was not measured", "find its threshold with `prompt-cache calibrate`")
