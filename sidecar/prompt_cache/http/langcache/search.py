"""Search: for a prompt, alone or after others."""

from ...core.cache import PromptCache
from ..api import Api, note_outcome
from ..auth import Caller
from .bodies import CacheEntry, ConversationBody, Found, FoundInConversation, SearchBody
from .caches import namespace_of


def routes(api: Api, cache: PromptCache) -> None:
    def found(caller: Caller, body: SearchBody, cache_id: str) -> list[CacheEntry]:
        answers = cache.answers(body.request(namespace_of(caller, cache_id)), body.max_results or 1)
        entries = [entry for each in answers if (entry := CacheEntry.of(body.asked, each))]
        note_outcome("hit" if entries else "miss")
        return entries

    @api.route("POST", "/v1/caches/{cache_id}/entries/search", role="reader", body=SearchBody, returns=Found)
    def search(caller: Caller, body: SearchBody, cache_id: str) -> Found:
        """Which answers are there to this prompt?"""
        return Found(found(caller, body, cache_id))

    @api.route(
        "POST",
        "/v1/caches/{cache_id}/conversations/search",
        role="reader",
        body=ConversationBody,
        returns=FoundInConversation,
    )
    def search_conversation(caller: Caller, body: ConversationBody, cache_id: str) -> FoundInConversation:
        """Which answers are there to this prompt, after these?"""
        return FoundInConversation(body.asked, found(caller, body, cache_id))
