"""From a query to the statements that find a page of records."""

from collections.abc import Sequence
from math import isfinite
from sqlite3 import Connection
from typing import Any

from ..base import RecordQuery

_RARE = 1000
_FEW = 10_000
"""Records up to which all that carry a label are sorted by what they gained; of more, many are among what gained most.
"""

Place = tuple[float, int]
"""Where a listing stands: (created, id), or of what gained (worth, id)."""


def listing(query: RecordQuery, lead: str | None, after: Place | None, now: float) -> tuple[str, list[Any]]:
    """The query of one page (and its values but the limit): by a label in its own order of age, by age or by gain."""
    where: list[str] = ["(r.expires IS NULL OR r.expires > ?)"]
    values: list[Any] = [now]
    if query.order == "gained":
        rank, id_ = "g.worth", "g.record"
        if lead is None:
            source = "gains g CROSS JOIN records r ON r.id = g.record"
            where.append("g.namespace = ?")
            values.append(query.namespace)
        else:
            source = "labels l CROSS JOIN gains g ON g.record = l.record CROSS JOIN records r ON r.id = l.record"
            where.append("l.namespace = ? AND l.label = ?")
            values += [query.namespace, lead]
    elif lead is None:
        source, rank, id_ = "records r", "r.created", "r.id"
        where.append("r.namespace = ?")
        values.append(query.namespace)
    else:
        source, rank, id_ = "labels l CROSS JOIN records r ON r.id = l.record", "l.created", "l.record"
        where.append("l.namespace = ? AND l.label = ?")
        values += [query.namespace, lead]
    carries = "EXISTS (SELECT 1 FROM labels WHERE namespace = ? AND created = r.created AND record = r.id AND label"
    for label in query.labels:
        if label != lead:
            where.append(f"{carries} = ?)")
            values += [query.namespace, label]
    if query.any_label and lead not in query.any_label:
        where.append(f"{carries} IN ({marks(query.any_label)}))")
        values += [query.namespace, *query.any_label]
    if query.created_before is not None:
        where.append(f"{'r.created' if query.order == 'gained' else rank} < ?")
        values.append(query.created_before)
    if query.unserved:
        where.append(f"NOT EXISTS (SELECT 1 FROM gains WHERE record = {id_})")
    if query.text:
        where.append("contains(r.text, ?)")
        values.append(query.text.casefold())
    beyond, way = (">", "ASC") if query.order == "oldest" else ("<", "DESC")
    if after is not None:
        where.append(f"({rank}, {id_}) {beyond} (?, ?)")
        values += after
    order = f"{rank} {way}, {id_} {way}"
    return f"SELECT r.key, {rank}, r.id FROM {source} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?", values


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
