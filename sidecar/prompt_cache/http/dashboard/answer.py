"""One answer: what was asked, what was answered, who asked, what it saved; and taking it out."""

import time

from flask import Response
from msgspec import Struct

from ...core.entry import Entry
from ...core.errors import InvalidRequest, UnknownKey
from ...core.policy import Freshness, MissReason
from ..api import JSON, note_outcome
from ..failures import HttpError
from .found import PATH, Row, question_of, row
from .pages import Site, Visit
from .readable import Readable, folded, read_request, read_response
from .readable.messages import PART, WHOLE, Parts
from .readable.texts import pretty_bytes
from .reader import N_
from .selection import Selection

_ALIASES = 20
_RAW = 100_000
"""Bytes of JSON that are shown as they are."""


class Answer(Struct, frozen=True, kw_only=True):
    """What the page shows of an entry."""

    row: Row
    request: Parts | None
    """None where prompts are not kept."""
    response: Readable
    raw: str | None
    """The answer's JSON in lines; None where it is long, and to be downloaded."""
    aliases: list[Row]
    more_aliases: bool
    standing: str
    """Whether it is served, as a sentence."""
    served: bool
    whole: bool
    """Whether all of it is shown, however long."""


_WHY_NOT = {
    MissReason.EXPIRED: N_("Expired: it is asked anew, and stays for callers who accept a stale answer."),
    MissReason.VERSION_CHANGED: N_("Outdated: something that it depends on was bumped since."),
}
_NOT_SERVED = N_("Not served any more: its namespace was flushed since.")


def routes(site: Site) -> None:
    cache = site.cache

    def look(visit: Visit, key: str) -> tuple[Entry, Freshness]:
        try:
            return cache.look(key, visit.caller.may_touch)
        except UnknownKey:
            raise _nothing(visit) from None

    @site.page(f"{PATH}/<key>")
    def answer(visit: Visit, key: str) -> str:
        entry, freshness = look(visit, key)
        whole = visit.arguments.get("all") == "1"
        most = WHOLE if whole else PART
        hits, aliases, more = _served_and_aliases(site, key, entry)
        why = (
            _WHY_NOT.get(freshness.reason, _NOT_SERVED) if freshness.reason else N_("Served to whoever asks the same.")
        )
        return visit.render(
            "answer.html",
            answer=Answer(
                row=row(key, entry, hits),
                request=None if entry.request is None else read_request(entry.request, most),
                response=read_response(entry.response, most),
                raw=pretty_bytes(entry.response) if len(entry.response) <= _RAW else None,
                aliases=aliases,
                more_aliases=more,
                standing=visit.text(why),
                served=freshness.fresh,
                whole=whole,
            ),
            back=Selection(visit.selection.period, entry.namespace),
            folded=folded,
            now=time.time(),
        )

    @site.page(f"{PATH}/<key>/response.json")
    def answer_as_json(visit: Visit, key: str) -> Response:
        entry, _ = look(visit, key)
        name = f'attachment; filename="answer-{key[:12]}.json"'
        return Response(entry.response, content_type=JSON, headers={"Content-Disposition": name})

    @site.page(f"{PATH}/<key>/delete", role="writer")
    def ask_to_delete_one(visit: Visit, key: str) -> str:
        entry, _ = look(visit, key)
        hits, aliases, more = _served_and_aliases(site, key, entry)
        return visit.render("answer_delete.html", row=row(key, entry, hits), aliases=len(aliases), more=more)

    @site.act(f"{PATH}/<key>/delete", role="writer")
    def delete_one(visit: Visit, key: str) -> Response:
        entry, _ = look(visit, key)
        try:
            deleted = cache.delete(key, visit.caller.may_touch)
        except UnknownKey:
            raise _nothing(visit) from None
        note_outcome(f"{deleted} deleted")
        return visit.redirect(_list_of(visit, entry), said=visit.text("The answer is deleted."))

    @site.page(f"{PATH}/<key>/reject", role="writer")
    def ask_to_reject(visit: Visit, key: str) -> str:
        entry, _ = look(visit, key)
        return _rejecting(visit, key, entry)

    @site.act(f"{PATH}/<key>/reject", role="writer")
    def reject_one(visit: Visit, key: str) -> str | Response:
        entry, _ = look(visit, key)
        wording = visit.form.get("wording", "").strip()
        try:
            if wording:
                cache.reject_wording(key, wording, visit.caller.may_touch)
                said = visit.text("Noted: this answer is never served to that question again.")
            else:
                cache.reject(key, scope=visit.caller.may_touch)
                said = visit.text("The answer is rejected and gone.")
        except UnknownKey:
            raise _nothing(visit) from None
        except InvalidRequest as error:
            return _rejecting(visit, key, entry, wrong=error.msg, wording=wording)
        note_outcome("rejected")
        return visit.redirect(visit.selection.link(f"{PATH}/{key}") if wording else _list_of(visit, entry), said=said)

    def _rejecting(visit: Visit, key: str, entry: Entry, wrong: str = "", wording: str = "") -> str:
        (hits,) = cache.hits([key])
        return visit.render(
            "answer_reject.html",
            row=row(key, entry, hits),
            original=_original(site, visit, entry),
            reworded="semantic" in cache.matches and entry.request is not None,
            wrong=wrong,
            wording=wording,
        )


def _served_and_aliases(site: Site, key: str, entry: Entry) -> tuple[int, list[Row], bool]:
    found, more = ([], False) if entry.alias_of else site.cache.aliases(key, entry.namespace, _ALIASES)
    hits, *others = site.cache.hits([key, *(alias for alias, _ in found)])
    return hits, [row(alias, each, n) for (alias, each), n in zip(found, others, strict=True)], more


def _original(site: Site, visit: Visit, entry: Entry) -> str:
    """What the entry was asked whose answer an alias has; empty where that is not known."""
    if not entry.alias_of:
        return ""
    try:
        return question_of(site.cache.entry(entry.alias_of, visit.caller.may_touch)) or ""
    except UnknownKey:
        return ""


def _list_of(visit: Visit, entry: Entry) -> str:
    return Selection(visit.selection.period, entry.namespace).link(PATH)


def _nothing(visit: Visit) -> HttpError:
    return HttpError(
        404, "unknown-key", visit.text("There is no such answer: it was deleted, has expired, or never was.")
    )
