"""The front of what is learned; a lookup, a store and the routes speak to this class alone."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic

import msgspec
from msgspec import Struct

from ...keying.keys import Keyer, canonical_json
from ...keying.request import last_user_text
from ...savings.statistics import Dimensions, Statistics
from ...semantic.embedders.base import Embedder, EmbedderUnavailable, cosine
from ...semantic.guards.names import FINAL, Verdict
from ...semantic.verifier import Verifier, VerifierUnavailable
from ...stores.base import Store, StoreUnavailable
from ..entries import Entries
from ..entry import Entry
from ..errors import InvalidRequest
from ..policy import freshness_of
from ..questions import Question
from ..rules import Rules, SemanticRules
from ..spending import Spending
from .aliases import Aliases
from .comparing import alike, close, text_of
from .doubts import Doubt, Doubts, Waiting
from .evidence import UNPLACED, Evidence, band_of
from .pairs import WEIGHT, By, Pairs, Said
from .shadow import Shadowed
from .verification import Verification, parts_of, readable

IDLE = 1.0
"""Seconds after which it is worth looking again whether something waits."""
_ASKED_EVERY = 0.25
"""Seconds between two questions to the model that verifies, of all processes on this store together."""
_RATE = "!verifier"
_SYNC_SECONDS = 60.0
_SIDE_BY_SIDE = 4
"""Questions of one batch of lookups that are put to the model at once."""


class Grey(Struct, frozen=True):
    """Two questions of one partition that are close, and whose one answer is not served to both yet."""

    asked: Question
    key: str
    """Of the stored entry."""
    entry: Entry
    similarity: float
    verdicts: Sequence[Verdict]
    """Of all guards that are on in the namespace."""


class Learning:
    """Keeps and asks what is known of pairs. Safe to share between threads; raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        keyer: Keyer,
        statistics: Statistics,
        rules: Rules,
        *,
        store_prompts: bool,
        embedder: Embedder | None,
        verifier: Verifier | None,
        spending: Spending,
        clock: Callable[[], float],
        token: Callable[[], str],
        report: Callable[[str, str], None],
    ) -> None:
        self._store = store
        self._entries = entries
        self._keyer = keyer
        self._statistics = statistics
        self._rules = rules
        self._store_prompts = store_prompts
        self._embedder = embedder
        self._spending = spending
        self._clock = clock
        self._token = token
        self._report = report
        self._pairs = Pairs(store, keyer, report)
        self._evidence = Evidence(store, embedder.name if embedder else "", clock)
        self._doubts = Doubts(store, clock, token)
        self._aliases = Aliases(store, entries, keyer, rules, store_prompts=store_prompts)
        self._verification = Verification(verifier, statistics, spending, clock, report)

    # -- a lookup asks -----

    def known(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Said]]:
        """What was said of the pairs of each question's key with each of its entries' keys, by the latter, in one trip.

        Pairs of which nothing was said are not in it. `same` goes before any guard, and so does the contrary.
        """
        return self._pairs.known_each(pairs)

    def may_serve(self, rules: SemanticRules, namespace: str, similarity: float) -> str | None:
        """None where the rules' `max_error` is met among pairs that are so similar, or not asked for.

        Otherwise a sentence that says how much evidence is missing: the miss is `not_proven`, and is to be shadowed.
        """
        if rules.max_error is None:
            return None
        return self._evidence.missing(namespace, similarity, rules.max_error)

    def consider(self, rules: SemanticRules, grey: Grey) -> bool:
        """Have the model that verifies asked about a pair of which nothing was said, as the rules' `verify` says.

        True when it was asked now, and one answer serves both: the question has become an alias, and the entry may be
        served. What it is never asked about (guards of FINAL disagree, texts are not kept or too long, all is to be
        compared with fresh answers) is passed over. The caller has seen to `verify_from`.
        """
        if rules.verify is None or rules.shadow or not self._verification.exists:
            return False
        if grey.entry.request is None or not self._store_prompts:
            return False
        if any(not verdict.agrees and verdict.guard in FINAL for verdict in grey.verdicts):
            return False
        if not readable(last_user_text(grey.asked.parts), last_user_text(parts_of(grey.entry.request))):
            return False
        doubt = Doubt(
            kind="questions",
            namespace=grey.asked.namespace,
            asked=grey.asked.key,
            key=grey.key,
            created=grey.entry.created,
            similarity=grey.similarity,
            band=band_of(grey.similarity) if all(verdict.agrees for verdict in grey.verdicts) else None,
            request=canonical_json(grey.asked.parts),
            digests=self._keyer.digests(grey.asked.parts),
        )
        digest = self._pairs.digest(doubt.asked, doubt.key)
        try:
            if rules.verify == "sync" and not self._verification.rest:
                with self._doubts.holding(digest, _SYNC_SECONDS) as ours:
                    return ours and self._verified(doubt, grey.entry)
            self._doubts.add(digest, doubt)
        except VerifierUnavailable:
            return self._later(digest, doubt)
        except StoreUnavailable as error:  # it takes no more: a miss is still a miss
            self._report("doubt_not_kept", type(error).__name__)
        return False

    def consider_all(self, greys: Sequence[tuple[SemanticRules, Grey, Callable[[], None]]]) -> None:
        """The same for many, whose answers wait for one another: each with what to do where one answer serves both.

        Those that are to be asked now are asked side by side, and those that have not begun when one call may have
        ended are asked later instead.
        """
        end = monotonic() + self._verification.timeout

        def consider(each: tuple[SemanticRules, Grey, Callable[[], None]]) -> None:
            rules, grey, served = each
            if rules.verify == "sync" and monotonic() > end:
                rules = msgspec.structs.replace(rules, verify="later")
            if self.consider(rules, grey):
                served()

        if sum(rules.verify == "sync" for rules, _, _ in greys) > 1:
            with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
                list(pool.map(consider, greys))
        else:
            for each in greys:
                consider(each)

    def _later(self, digest: str, doubt: Doubt) -> bool:
        try:
            self._doubts.add(digest, doubt)
        except StoreUnavailable as error:
            self._report("doubt_not_kept", type(error).__name__)
        return False

    # -- a store asks -----

    def compared(self, shadowed: Shadowed, key: str, fresh: Entry) -> None:
        """Have the answer that was just stored under a key compared with the one that would have been served."""
        doubt = Doubt(
            kind="answers",
            namespace=fresh.namespace,
            asked=key,
            key=shadowed.key,
            created=shadowed.created,
            similarity=shadowed.similarity,
            band=band_of(shadowed.similarity),
        )
        self._later(self._pairs.digest(key, shadowed.key), doubt)

    # -- people say -----

    def reject(self, key: str, entry: Entry, asked: Question | None = None) -> int:
        """The entry does not answer the question, or its own: never again. Returns how many entries are gone.

        Raises InvalidRequest about a question that could never be served from it.
        """
        if asked is None or asked.key == key:
            self._count(entry, "rejected")
            if entry.alias_of:
                self._people_say(entry, key, entry.alias_of, same=False)
            return self._entries.delete(key, lambda _: True)
        self._check(entry, asked)
        others = {key, entry.alias_of or key}
        if self._embedder is None and not self._aliases.is_one(asked.key, others):
            msg = "this entry does not answer that request: their keys differ, and here only the very same is served"
            raise InvalidRequest(("request",), msg)
        self._count(entry, "rejected")
        for other in others:
            self._people_say(entry, asked.key, other, same=False, asked=asked)
        return self._aliases.remove(asked.key, others)

    def accept(self, key: str, entry: Entry, asked: Question) -> str:
        """The entry answers the question as well: from now on it is an alias. Returns the key that it is an alias of.

        Raises InvalidRequest, UnknownKey.
        """
        self._check(entry, asked)
        if entry.alias_of:
            key, entry = entry.alias_of, self._entries.one(entry.alias_of, lambda _: True)
        if asked.key != key:
            self._count(entry, "accepted")
            self._people_say(entry, asked.key, key, same=True, asked=asked)
            self._aliases.accepted(asked, key, entry)
        return key

    def _check(self, entry: Entry, asked: Question) -> None:
        if asked.namespace != entry.namespace:
            msg = f"this entry is in the namespace {entry.namespace!r}, the request in {asked.namespace!r}"
            raise InvalidRequest(("request",), msg)
        theirs, ours = entry.digests, self._keyer.digests(asked.parts)
        differing = {name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)} - {"question"}
        if theirs and differing:
            msg = (
                "this entry is never served to that request: they differ in more than the last user text, in "
                + ", ".join(sorted(differing))
            )
            raise InvalidRequest(("request",), msg)

    def _people_say(self, entry: Entry, one: str, other: str, *, same: bool, asked: Question | None = None) -> None:
        band = self._measured(entry, one, other, asked)
        self._say(entry.namespace, one, other, Said(same=same, by="people", at=self._clock(), band=band))

    def _measured(self, entry: Entry, one: str, other: str, asked: Question | None) -> str | None:
        """The band of a pair, None where it is not served unless people say so, UNPLACED where nobody can tell now."""
        known = self._entries.load([one, other])
        requests = {key: loaded.entry.request for key, loaded in known.items() if loaded.entry and loaded.entry.request}
        texts = {key: last_user_text(parts_of(request)) for key, request in requests.items()}
        if asked:
            texts[asked.key] = last_user_text(asked.parts)
        if self._embedder is None or len(texts) < 2 or not readable(*texts.values()):
            return None
        from ...semantic.guards.comparing import compare  # what it needs is installed where there is an embedder

        guards = self._rules[entry.namespace].semantic.guards
        if not all(verdict.agrees for verdict in compare(texts[one], texts[other], guards)):
            return None
        try:
            first, second = self._embedded(entry.namespace, self._embedder, [texts[one], texts[other]])
        except EmbedderUnavailable:
            return UNPLACED
        return band_of(round(cosine(first, second), 4))  # as a lookup has it

    # -- beside the requests -----

    @property
    def has_work(self) -> bool:
        """Whether something may ever wait for `work`, as the rules are."""
        semantic = [rules.semantic for rules in self._rules.all]
        return any(rules.verify or rules.shadow or rules.max_error is not None for rules in semantic)

    def work(self) -> float:
        """Judge one pair that waits, by the model that verifies or by its answers.

        Returns the seconds after which there may be more to do. Called by a thread of its own.
        """
        with self._doubts.next() as waiting:
            if waiting is None:
                return IDLE
            if self._verification.exists and (wait := self._verification.rest or self._turn()):
                return wait
            try:
                self._judge(waiting.doubt)
            except (VerifierUnavailable, EmbedderUnavailable):
                self._try_again(waiting)
            except StoreUnavailable:
                raise
            except Exception:
                self._try_again(waiting)  # it must not stand in the way of all others
                raise
            else:
                self._doubts.done(waiting)
            return 0.0

    def _turn(self) -> float:
        """0.0 where the model may be asked now; else in how many seconds."""
        return self._store.acquire(_RATE, self._token(), _ASKED_EVERY)

    def _try_again(self, waiting: Waiting) -> None:
        if not self._doubts.again(waiting):
            self._report("doubt_given_up", waiting.key)

    def _judge(self, doubt: Doubt) -> None:
        loaded = self._entries.load([doubt.key])[doubt.key]
        entry = loaded.entry
        if entry is None or entry.created != doubt.created:
            return  # there is nothing left to be served
        if not freshness_of(entry, self._clock(), loaded.versions).fresh:
            return
        if doubt.kind == "answers":
            self._compare(doubt, entry)
        elif self._verification.exists and not self._pairs.known(doubt.asked, [doubt.key]):
            self._verified(doubt, entry)

    def _verified(self, doubt: Doubt, entry: Entry) -> bool:
        """Ask about the questions, and remember what is said. Raises VerifierUnavailable."""
        if entry.request is None:
            return False
        same = self._verification.questions(doubt.namespace, parts_of(doubt.request), parts_of(entry.request))
        self._say(
            doubt.namespace,
            doubt.asked,
            doubt.key,
            Said(same=same, by="verifier", at=self._clock(), with_=self._verification.name, band=doubt.band),
        )
        if not same:
            return False
        self._aliases.add(doubt.asked, doubt.request, doubt.digests, doubt.key, entry)
        # What people said meanwhile counts: either they see the alias and take it out, or it is seen here.
        said = self._pairs.known(doubt.asked, [doubt.key]).get(doubt.key)
        if said and not said.same:
            self._aliases.remove(doubt.asked, {doubt.key})
            return False
        return True

    def _compare(self, doubt: Doubt, stored: Entry) -> None:
        """Compare the answers, and count. Raises VerifierUnavailable, EmbedderUnavailable."""
        fresh = self._entries.load([doubt.asked])[doubt.asked].entry
        if fresh is None or fresh.alias_of:
            return
        same = self._says_the_same(fresh, stored)
        if same is None:
            return
        usage, source = stored.usage, fresh.source
        self._statistics.count(
            Dimensions(fresh.namespace, fresh.model or "", source.workflow, source.node),
            shadow_compared=1,
            shadow_wrong=not same,
            shadow_cost_usd=stored.cost_usd or 0.0,
            shadow_unpriced=stored.cost_usd is None,
            shadow_input_tokens=(usage and usage.input_tokens) or 0,
            shadow_output_tokens=(usage and usage.output_tokens) or 0,
            shadow_seconds=stored.latency or 0.0,
        )
        said = Said(same=same, by="shadow", at=self._clock(), with_=self._verification.name, band=doubt.band)
        self._say(doubt.namespace, doubt.asked, doubt.key, said)

    def _says_the_same(self, fresh: Entry, stored: Entry) -> bool | None:
        """Whether two answers say the same; None where nobody can tell."""
        answers = text_of(fresh.response), text_of(stored.response)
        if alike(*answers):
            return True
        question = last_user_text(parts_of(fresh.request)) if fresh.request else ""
        if self._verification.exists and readable(question, *answers):
            return self._verification.answers(fresh.namespace, question, *answers)
        if self._embedder is None:
            return None
        return close(*answers, partial(self._embedded, fresh.namespace, self._embedder))

    def _embedded(self, namespace: str, embedder: Embedder, texts: Sequence[str]) -> list[bytes]:
        return self._spending.embed(embedder, [(namespace, text) for text in texts]).vectors

    # -----

    def _say(self, namespace: str, one: str, other: str, said: Said) -> None:
        """Remember it, and count the pair once as evidence, by whose word counts most."""
        before = self._pairs.all(one, other)
        self._pairs.say(namespace, one, other, said)
        self._evidence.move(namespace, _evidence(before), _evidence({**before, said.by: said}))

    def _count(self, entry: Entry, what: str) -> None:
        model = entry.model or entry.answered_by or ""
        self._statistics.count(Dimensions(entry.namespace, model, "", ""), **{what: 1})


def _evidence(said: Mapping[By, Said]) -> tuple[str, bool] | None:
    """(band, whether one answer serves both) of a pair, as it counts; None where it does not."""
    words = [said[by] for by in WEIGHT if by in said]
    bands = sorted((each.band for each in words if each.band), key=UNPLACED.__eq__)
    return (bands[0], words[0].same) if bands else None
