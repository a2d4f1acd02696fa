"""Why a question was missed, in plain words."""

from collections.abc import Iterable

from ...core.missed.questions import Explained
from .pages import Visit
from .reader import N_

_REASONS = {
    "not_found": N_("It was not asked before."),
    "expired": N_("Its answer had expired."),
    "too_old": N_("Its answer was older than the caller accepts."),
    "version_changed": N_("Something that its answer depends on has changed."),
    "corrupt": N_("Its stored answer was damaged."),
    "not_recorded": N_("It is not on the cassette."),
    "embedder_unavailable": N_("The embedder did not answer, so only the very same question was looked for."),
    "rejected": N_("A similar question has an answer, but somebody said that it does not fit."),
    "shadow": N_("A similar question has an answer, which is only compared: shadow is on."),
    "not_proven": N_(
        "A similar question has an answer, but it is not proven that such answers are right often enough."
    ),
}
_GUARDS = {
    "language": N_("the language"),
    "quotes": N_("what is quoted"),
    "links": N_("an address"),
    "identifiers": N_("an identifier or code"),
    "numbers": N_("a number"),
    "dates": N_("a date"),
    "negation": N_("a negation"),
    "antonyms": N_("words of opposite meaning"),
    "entities": N_("a name"),
    "question": N_("the kind of question"),
    "form": N_("the form that is asked for"),
    "operators": N_("a word such as only or except"),
    "order": N_("the order of what is named"),
    "remainder": N_("what is left when the common words are taken away"),
    "rejected": N_("what somebody said of the two"),
}
_REFUSALS = {
    "no_answer": N_("no answer was ever stored"),
    "ttl_zero": N_("answers are not kept here: their life is 0"),
    "empty_response": N_("the answer was empty"),
    "error_response": N_("the answer was an error"),
    "finish_reason_length": N_("the answer was cut at its longest length"),
    "finish_reason_content_filter": N_("a content filter stopped the answer"),
    "unfinished": N_("the answer did not come to its end"),
    "other_model": N_("another model answered than was asked"),
    "unusable_output": N_("the answer was not in the form that was asked for"),
    "version_changed": N_("something that the answer depends on had changed"),
    "flushed": N_("the namespace was flushed in between"),
    "foreign_ticket": N_("the ticket was that of another request"),
    "replayed": N_("it is answered from a cassette alone"),
    "caching_off": N_("caching is off"),
    "unknown_key": N_("nobody had looked it up within the hour"),
    "tool_calls": N_("the answer calls a tool"),
    "too_old": N_("callers want a younger answer each time"),
}
_ATTRIBUTES = {
    "prompt-cache.upstream": N_("the provider"),
    "n8n.runs": N_("whether it ran in the editor"),
    "n8n.aiNodes": N_("the AI nodes that were asked"),
    "n8n.files": N_("the files"),
}
_FIELDS = {
    "question": N_("the question"),
    "system": N_("the system prompt"),
    "history": N_("the messages before"),
    "model": N_("the model"),
    "tools": N_("the tools"),
    "response_format": N_("the format of the answer"),
    "normalize": N_("the normalization"),
    "mask_system": N_("whether system prompts are masked"),
}
KINDS = {
    "date_or_time": N_("a date or time"),
    "timestamp": N_("a timestamp"),
    "uuid": N_("a UUID"),
    "token": N_("a random token"),
    "counter": N_("a counter"),
    "number": N_("a number"),
    "id": N_("an id"),
    "address": N_("a mail address"),
    "name": N_("a name"),
}


def reason_of(visit: Visit, reason: str) -> str:
    """Why there was nothing to serve, as a sentence."""
    if reason.startswith("guard:"):
        return visit.text(
            N_("A similar question has an answer, but the two differ in %(what)s."), what=guard_of(visit, reason[6:])
        )
    return visit.text(_REASONS.get(reason, reason))


def guard_of(visit: Visit, guard: str) -> str:
    """In what two questions differ."""
    return visit.text(_GUARDS.get(guard, guard))


def refusal_of(visit: Visit, reason: str) -> str:
    """Why an answer was not stored."""
    return visit.text(_REFUSALS.get(reason, reason))


def kind_of(visit: Visit, kinds: Iterable[str]) -> str:
    """What changes between look-alikes."""
    return ", ".join(visit.text(KINDS[kind]) for kind in dict.fromkeys(kinds))


def differing(visit: Visit, fields: Iterable[str]) -> str:
    """Names of fields, as people call them."""
    return ", ".join(_field(visit, name) for name in fields)


def _field(visit: Visit, name: str) -> str:
    kind, _, inner = name.partition(".")
    if kind == "attributes" and inner in _ATTRIBUTES:
        return visit.text(_ATTRIBUTES[inner])
    if kind == "attributes":
        return visit.text(N_("the attribute %(name)s"), name=inner)
    return visit.text(_FIELDS[name]) if name in _FIELDS else inner or name


def why(visit: Visit, explained: Explained) -> str:
    """Why a question was missed most often, and what is nearest to it."""
    missed, nearest = explained.missed, explained.nearest
    if missed.reason != "not_found":
        return reason_of(visit, missed.reason)
    if nearest is None:
        return visit.text(N_("Nothing like it was asked before."))
    if nearest.fields == ["question"]:
        return visit.text(N_("Only the question is new: all else is as in the nearest one."))
    if "question" not in nearest.fields:
        return visit.text(
            N_("The same question was asked before, but with another value of: %(fields)s."),
            fields=differing(visit, nearest.fields),
        )
    return visit.text(N_("The nearest one differs in: %(fields)s."), fields=differing(visit, nearest.fields))
