"""Whether the chat model that verifies answers as it has to, and how fast."""

import time
from collections.abc import Iterator

from ...config import ConfigError
from ...semantic.verifier import VerifierUnavailable
from ...service.verifier import open_verifier
from .finding import Finding, Situation, advice, mend, ok, unusable
from .upstreams import is_readable_on_its_way

_SAME = "How can I pay?", "How do I pay?"


def verifier(situation: Situation) -> Iterator[Finding]:
    settings = situation.config.verifier
    if settings is None:
        return
    told = f"{settings.model} at {settings.url}"
    try:
        opened = open_verifier(situation.config)
    except ConfigError as error:
        yield unusable("verifier", error, "no pair is verified")
        return
    if opened is None:
        return
    try:
        began = time.perf_counter()
        said = opened.questions(*_SAME)
        took = time.perf_counter() - began
    except VerifierUnavailable as error:
        yield mend(f"{told}: {error}", "mend that; until then no pair is verified")
        return
    finally:
        opened.close()
    if said.same:
        yield ok(f"{told} finds two wordings the same; that took {took * 1000:.0f} ms")
    else:
        says = f"{told} does not say, in the form that is wanted, that {' and '.join(map(repr, _SAME))} are the same"
        yield mend(says, "use a model that follows instructions: of this one, every pair is different")
    if settings.key and is_readable_on_its_way(settings.url):
        do = "use https:// in `verifier.url`, or a private network"
        yield advice(f"the key of {told}, and questions, go there unencrypted", do)
