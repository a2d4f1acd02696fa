"""The statement that finds one page of what a query selects."""

import math
from hashlib import blake2b
from uuid import UUID

from ..base import RecordQuery
from .texts import storable

_WEIGHED = 10_000
"""Labels of more records than this are all common: counting on would cost more than it saves."""

_LOOKED_AT = 50_000
"""Records of which one page looks at the text, or whether they were served: where few fit, it ends early rather than
late."""


def label_id(namespace: str, label: str) -> UUID:
    """What stands for a label of a namespace: of one size however long it is, so that any can be indexed."""
    text = f"{len(namespace)}:{namespace}{label}"
    return UUID(bytes=blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())


def page_statement(query: RecordQuery, now: float, limit: int, cursor: str | None) -> tuple[str, list[object]]:
    """(SQL, values) for up to `limit` rows of key, created and id, in the order of the query.

    A row without a key says up to where was looked, and is there for each way that goes on beyond.

    Raises ValueError when the cursor is not one of ours. Every way in is an index in the order of age: the namespace's,
    or that of the labels that the fewest records carry. What gained is few, and looked through by what it gained.
    """
    labels, some = (
        [label_id(query.namespace, label) for label in dict.fromkeys(chosen)]
        for chosen in (query.labels, query.any_label)
    )
    if query.order == "gained":
        return _by_gain(query, now, limit, cursor, labels, some)
    way = "DESC" if query.order == "newest" else "ASC"
    ends_early = query.text or query.unserved  # no index knows which records fit, and few may
    where, values = _conditions(query, now)
    if not labels and not some:
        place, places = _from_place(query, cursor, "r.created, r.id")
        last = f"ORDER BY r.created {way}, r.id {way} LIMIT"
        walk = f"FROM records r WHERE r.namespace = %s AND {place} {last}"
        walked: list[object] = [query.namespace, *places]
        if not ends_early:
            sql = f"SELECT r.key, r.created, r.id {walk.removesuffix(last)} AND {where} {last} %s"
            return sql, [*walked, *values, limit]
        page = f"SELECT r.key, r.created, r.id FROM (SELECT r.* {walk} {_LOOKED_AT}) AS r WHERE {where} {last} %s"
        end = f"(SELECT NULL, r.created, r.id {walk.replace(last, f'AND {_SHORT} {last}')} 1 OFFSET {_LOOKED_AT - 1})"
        return _up_to(page, end), [*walked, *values, limit, *walked, limit]
    place, places = _from_place(query, cursor, "l.created, l.record")
    if some:
        where += " AND r.labels && %s::uuid[]"
        values.append(some)
    leaders, led = _leaders([*([label] for label in labels), *([some] if some else [])])
    last = f"ORDER BY l.created {way}, l.record {way} LIMIT"
    walk = f"FROM labels l WHERE l.label = leader.label AND {place} {last}"
    source = f"(SELECT l.created, l.record {walk} {_LOOKED_AT}) AS l" if ends_early else "labels l"
    placed = "true" if ends_early else f"l.label = leader.label AND {place}"
    page = f"""
        SELECT DISTINCT key, created, id FROM {leaders} AS leader CROSS JOIN LATERAL (
            SELECT r.key, l.created, r.id FROM {source} JOIN records r ON r.id = l.record
            WHERE {placed} AND r.labels @> %s::uuid[] AND {where} {last} %s
        ) AS found
        ORDER BY created {way}, id {way} LIMIT %s
    """
    given = [*led, *places, labels, *values, limit, limit]
    if not ends_early:
        return page, given
    end = f"""
        SELECT NULL, ends.created, ends.record FROM {leaders} AS leader
        CROSS JOIN LATERAL (SELECT l.created, l.record {walk} 1 OFFSET {_LOOKED_AT - 1}) AS ends WHERE {_SHORT}
    """
    return _up_to(page, end), [*given, *led, *places, limit]


_SHORT = "(SELECT count(*) FROM page) < %s"


def _up_to(page: str, end: str) -> str:
    """A page of what fits, and where it is short, up to where was looked."""
    return f"WITH page AS MATERIALIZED ({page}) SELECT * FROM page UNION ALL {end}"


def _by_gain(
    query: RecordQuery, now: float, limit: int, cursor: str | None, labels: list[UUID], some: list[UUID]
) -> tuple[str, list[object]]:
    """Where few carry the labels, all of those are sorted; of more, many are among what gained most.

    OFFSET 0 keeps the planner from going along what gained in search of the few.
    """
    where, values = _conditions(query, now)
    place, places = _from_place(query, cursor, "r.gained, r.id")
    gained, given = f"r.namespace = %s AND r.hits > 0 AND {place}", [query.namespace, *places]
    where, values = f"r.labels @> %s::uuid[] AND {where}", [labels, *values]
    if some:
        where += " AND r.labels && %s::uuid[]"
        values.append(some)
    page, last = "SELECT r.key, r.gained, r.id FROM", "ORDER BY r.gained DESC, r.id DESC LIMIT"
    walk = f"FROM records r WHERE {gained} {last}"
    many = f"{page} (SELECT r.* {walk} {_LOOKED_AT}) AS r WHERE {where} {last} %s"
    end = f"(SELECT NULL, r.gained, r.id {walk.replace(last, f'AND {_SHORT} {last}')} 1 OFFSET {_LOOKED_AT - 1})"
    if not labels and not some:
        return _up_to(many, end), [*given, *values, limit, *given, limit]
    leaders, led = _leaders([*([label] for label in labels), *([some] if some else [])])
    are_few = f"(SELECT count(*) FROM few) < {_WEIGHED}"
    sql = f"""
        WITH few AS MATERIALIZED (
            SELECT DISTINCT l.record FROM {leaders} AS leader CROSS JOIN LATERAL (
                SELECT record FROM labels WHERE label = leader.label LIMIT {_WEIGHED}
            ) AS l
        ), page AS MATERIALIZED (
            SELECT key, gained, id FROM (
                ({page} few CROSS JOIN LATERAL (SELECT * FROM records WHERE id = few.record OFFSET 0) AS r
                WHERE {are_few} AND {gained} AND {where} {last} %s)
                UNION ALL
                ({many.replace("AS r WHERE", f"AS r WHERE NOT {are_few} AND")})
            ) AS r {last} %s
        )
        SELECT * FROM page UNION ALL {end.replace(_SHORT, f"{_SHORT} AND NOT {are_few}")}
    """
    return sql, [*led, *given, *values, limit, *given, *values, limit, limit, *given, limit]


def _leaders(choices: list[list[UUID]]) -> tuple[str, list[object]]:
    """(SQL, values) of the one choice of labels that leads to the fewest records."""
    labels = [label for choice in choices for label in choice]
    if len(choices) == 1:
        return "(SELECT unnest(%s::uuid[]) AS label)", [labels]
    sql = """(
        SELECT unnest(fewest) AS label FROM (SELECT array_agg(label) AS fewest FROM (
            SELECT label, choice, (
                SELECT count(*) FROM (SELECT FROM labels l WHERE l.label = given.label LIMIT %s) AS carriers
            ) AS records
            FROM unnest(%s::uuid[], %s::int[]) AS given (label, choice)
        ) AS weighed
        GROUP BY choice ORDER BY sum(records) LIMIT 1) AS chosen
    )"""
    return sql, [_WEIGHED, labels, [number for number, choice in enumerate(choices) for _ in choice]]


def cursor_after(created: float, id_: int) -> str:
    """Where a page that ends with this record is continued."""
    return f"{created!r}/{id_}"


def _conditions(query: RecordQuery, now: float) -> tuple[str, list[object]]:
    where, values = ["(r.expires IS NULL OR r.expires > %s)"], list[object]([now])
    if query.created_before is not None and query.order == "gained":
        where.append("r.created < %s")
        values.append(query.created_before)
    if query.unserved:
        where.append("r.hits = 0")
    if query.text:
        where.append("strpos(r.text, %s) > 0")
        values.append(storable(query.text.casefold()))
    return " AND ".join(where), values


def _from_place(query: RecordQuery, cursor: str | None, place: str) -> tuple[str, list[object]]:
    """Where along an order, whose columns are these, a page begins."""
    where, values = ["true"], list[object]()
    if query.created_before is not None and query.order != "gained":
        where.append(f"{place.split(',')[0]} < %s")
        values.append(query.created_before)
    if cursor is not None:
        where.append(f"({place}) {'>' if query.order == 'oldest' else '<'} (%s, %s)")
        values += _place(cursor)
    return " AND ".join(where), values


def _place(cursor: str) -> tuple[float, int]:
    created, _, id_ = cursor.partition("/")
    try:
        place = float(created), int(id_)
    except ValueError:
        place = math.nan, 0
    if not math.isfinite(place[0]) or abs(place[1]) >= 2**63:
        raise ValueError("the cursor is not one that a listing returned")
    return place
