"""Search: for a prompt, alone or after others."""

from ...core.cache import PromptCache
from ..api import Api, note_outcome
from ..auth import Caller
from .bodies import CacheEntry, ConversationBody, Found, FoundInConversation, SearchBody, is_text
from .caches import namespace_of


def routes(api: Api, cache: PromptCache) -> None:
    def found(caller: Caller, body: SearchBody, cache_id: str) -> list[CacheEntry]:
        answers = cache.answers(
            body.request(namespace_of(caller, cache_id)), body.most, is_text, body.beyond(cache.matches)
        )
        note_outcome("hit" if answers else "miss")
        return [CacheEntry.of(body.asked, each) for each in answers]

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
