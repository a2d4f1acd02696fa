"""An embedder that knows what it was asked lately."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import blake2b

from .base import Embedded, Embedder, EmbedderUnavailable

ROOM = 16 * 1024 * 1024
"""Bytes of vectors that are kept: some 9,000 of 384 numbers."""
_BESIDE = 200
"""Bytes that an entry of the table takes beside its vector."""


class CachedEmbedder(Embedder):
    """Embeds a text once, however many ask for it at the same time, and as long as it is remembered."""

    def __init__(self, embedder: Embedder, *, room: int = ROOM) -> None:
        self.name, self.model, self.threshold = embedder.name, embedder.model, embedder.threshold
        self._embedder = embedder
        self._room = room
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._asked: dict[bytes, Future[bytes]] = {}
        """What somebody is having embedded at this moment."""

    def embed(self, texts: Sequence[str]) -> Embedded:
        texts = [text.encode(errors="replace").decode() for text in texts]  # halves of characters have no encoding
        digests = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
        found: dict[bytes, bytes] = {}
        others: dict[bytes, Future[bytes]] = {}
        mine: dict[bytes, str] = {}
        with self._lock:
            for digest, text in zip(digests, texts, strict=True):
                if digest in self._known:
                    self._known.move_to_end(digest)
                    found[digest] = self._known[digest]
                elif digest not in mine:
                    if digest in self._asked:
                        others[digest] = self._asked[digest]
                    else:
                        self._asked[digest] = Future()
                        mine[digest] = text
        asked = self._ask(mine, found) if mine else Embedded([])
        for digest, other in others.items():
            found[digest] = other.result()
        return Embedded([found[digest] for digest in digests], asked.tokens, asked.calls)

    def close(self) -> None:
        self._embedder.close()

    def _ask(self, mine: dict[bytes, str], found: dict[bytes, bytes]) -> Embedded:
        """Those that nobody else has asked for; who waits for them hears what becomes of them, whatever it is."""
        failure: BaseException = EmbedderUnavailable("whoever asked for this text gave up")
        try:
            embedded = self._embedder.embed(list(mine.values()))
            found.update(zip(mine, embedded.vectors, strict=True))
        except EmbedderUnavailable as error:
            failure = error
            raise
        finally:
            with self._lock:
                for digest in mine:
                    asked = self._asked.pop(digest)
                    if digest in found:
                        self._keep(digest, found[digest])
                        asked.set_result(found[digest])
                    else:
                        asked.set_exception(failure)
        return embedded

    def _keep(self, digest: bytes, vector: bytes) -> None:
        self._known[digest] = vector
        self._bytes += len(vector) + _BESIDE
        while self._bytes > self._room:
            _, gone = self._known.popitem(last=False)
            self._bytes -= len(gone) + _BESIDE
