"""From a query to the statements that find a page of records."""

from collections.abc import Sequence
from math import isfinite
from sqlite3 import Connection
from typing import Any, NamedTuple

from ..base import RecordQuery

_RARE = 1000
_FEW = 10_000
"""Records up to which all that carry a label are sorted by what they gained; of more, many are among what gained most.
"""

_LOOKED_AT = 50_000
"""Records of which one page looks at the text, or whether they were served: where few fit, it ends early rather than
late."""

Place = tuple[float, int]
"""Where a listing stands: (created, id), or of what gained (worth, id)."""


class _Walk(NamedTuple):
    """What a listing goes along, in its order: an index of records, of those with a label, or of what gained."""

    source: str
    to_records: str
    rank: str
    id: str
    where: list[str]
    values: list[Any]


def _walk(query: RecordQuery, lead: str | None, after: Place | None) -> _Walk:
    where = ["l.namespace = ? AND l.label = ?"]
    values: list[Any] = [query.namespace, lead]
    if query.order == "gained":
        rank, id_ = "g.worth", "g.record"
        source, to_records = "gains g", "CROSS JOIN records r ON r.id = g.record"
        if lead is None:
            where, values = ["g.namespace = ?"], [query.namespace]
        else:
            source = "labels l CROSS JOIN gains g ON g.record = l.record"
    elif lead is None:
        source, to_records, rank, id_ = "records r", "", "r.created", "r.id"
        where, values = ["r.namespace = ?"], [query.namespace]
    else:
        source, to_records = "labels l", "CROSS JOIN records r ON r.id = l.record"
        rank, id_ = "l.created", "l.record"
    if query.created_before is not None and query.order != "gained":
        where.append(f"{rank} < ?")
        values.append(query.created_before)
    if after is not None:
        where.append(f"({rank}, {id_}) {'>' if query.order == 'oldest' else '<'} (?, ?)")
        values += after
    return _Walk(source, to_records, rank, id_, where, values)


def listing(
    query: RecordQuery, lead: str | None, after: Place | None, now: float, end: Place | None = None
) -> tuple[str, list[Any]]:
    """The query of one page (and its values but the limit): by a label in its own order of age, by age or by gain.

    Up to an `end` and with it, where there is one.
    """
    walk = _walk(query, lead, after)
    where, values = ["(r.expires IS NULL OR r.expires > ?)", *walk.where], [now, *walk.values]
    if end is not None:
        where.append(f"({walk.rank}, {walk.id}) {'<=' if query.order == 'oldest' else '>='} (?, ?)")
        values += end
    carries = "EXISTS (SELECT 1 FROM labels WHERE namespace = ? AND created = r.created AND record = r.id AND label"
    for label in query.labels:
        if label != lead:
            where.append(f"{carries} = ?)")
            values += [query.namespace, label]
    if query.any_label and lead not in query.any_label:
        where.append(f"{carries} IN ({marks(query.any_label)}))")
        values += [query.namespace, *query.any_label]
    if query.created_before is not None and query.order == "gained":
        where.append("r.created < ?")
        values.append(query.created_before)
    if query.unserved:
        where.append(f"NOT EXISTS (SELECT 1 FROM gains WHERE record = {walk.id})")
    if query.text:
        where.append("contains(r.text, ?)")
        values.append(query.text.casefold())
    source = f"{walk.source} {walk.to_records}"
    conditions = " AND ".join(where)
    return f"SELECT r.key, {walk.rank}, r.id FROM {source} WHERE {conditions} {_in_order(query, walk)} LIMIT ?", values


def has_horizon(query: RecordQuery) -> bool:
    """Whether few may fit of many that are looked at, as no index knows which."""
    return bool(query.text) or query.unserved


def horizon(query: RecordQuery, lead: str | None, after: Place | None) -> tuple[str, list[Any]]:
    """The query of the place up to which one page looks; none is found where that is the end."""
    walk = _walk(query, lead, after)
    conditions = " AND ".join(walk.where)
    sql = f"SELECT {walk.rank}, {walk.id} FROM {walk.source} WHERE {conditions} {_in_order(query, walk)}"
    return f"{sql} LIMIT 1 OFFSET {_LOOKED_AT - 1}", walk.values


def _in_order(query: RecordQuery, walk: _Walk) -> str:
    way = "ASC" if query.order == "oldest" else "DESC"
    return f"ORDER BY {walk.rank} {way}, {walk.id} {way}"


def leads(connection: Connection, query: RecordQuery) -> Sequence[str | None]:
    """The labels to go by, so that little is looked at in vain: the rarest there is, or each of the alternatives."""
    ways: list[Sequence[str]] = [(label,) for label in query.labels]
    if query.any_label:
        ways.append(tuple(set(query.any_label)))
    by_gain = query.order == "gained"
    if not ways or (len(ways) == 1 and not by_gain):
        return ways[0] if ways else (None,)
    sql = "SELECT count(*) FROM (SELECT 1 FROM labels WHERE namespace = ? AND label = ? LIMIT ?)"

    def cost(labels: Sequence[str], most: int = _RARE) -> int:
        return sum(connection.execute(sql, (query.namespace, label, most)).fetchone()[0] for label in labels)

    fewest = min(ways, key=cost)
    return (None,) if by_gain and cost(fewest, _FEW) >= _FEW else fewest


def place_of(cursor: str) -> Place:
    """Raises ValueError when the cursor is none of ours."""
    created, _, id_ = cursor.partition("/")
    try:
        place = float(created), int(id_)
    except ValueError:
        pass
    else:
        if isfinite(place[0]) and abs(place[1]) < 2**63:
            return place
    raise ValueError("the cursor is not one that a listing returned")


def marks(values: Sequence[object]) -> str:
    """Placeholders for values."""
    return ",".join("?" * len(values))
