"""An evaluation, for a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from .rates import Rate
from .report import At, Counts, Group, Report

_LINES = 20
"""Lines of the file that are named at most."""


def table(found: Report) -> str:
    """Plain text, with 95% intervals in parentheses."""
    return "\n".join(_lines(found)) + "\n"


def percent(share: float) -> str:
    """Three digits where it is small: 0.4%, 12.5%, 100%."""
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def of_all(found: Rate) -> str:
    """`3 of 40    7.5% (2.6-20)`."""
    if not found.of:
        return ""
    return (
        f"{found.served:>5,} of {found.of:<5,} {percent(found.share):>6} ({_digits(found.low)}-{_digits(found.high)})"
    )


def _digits(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") if share < 0.1 else f"{100 * share:.0f}"


def _lines(found: Report) -> Iterator[str]:
    every = found.guarded
    yield (
        f"{every.positives:,} pairs that one answer serves, {every.negatives:,} that need different answers; "
        f"embedder {found.embedder}, threshold {found.threshold:g}"
    )
    if found.never_compared:
        yield f"{found.never_compared:,} are never compared: what was said before differs, or they are too long"
    yield ""
    yield from _rows(("", "served rightly", "served wrongly"), _summary(found))
    for title, groups, of in (
        ("one answer serves", [each for each in found.kinds if each.guarded.positives], "hit_rate"),
        ("different answers", [each for each in found.kinds if each.guarded.negatives], "wrong_rate"),
    ):
        if groups:
            yield ""
            yield from _rows((title, "served", "by cosine alone"), _groups(groups, of))
    if found.languages:
        yield ""
        yield from _rows(("language", "served rightly", "served wrongly"), map(_group, found.languages))
    yield ""
    yield from _rows(
        ("threshold", "served rightly", "served wrongly", "by cosine alone", "wrongly"), _by_threshold(found.thresholds)
    )
    if found.refusals:
        yield ""
        refused = [(each.guard, f"{each.positives:>8,}", f"{each.negatives:>8,}") for each in found.refusals]
        yield from _rows(("refused first by", "rightly alike", "different"), refused)
    if found.wrong:
        named = ", ".join(str(each.pair.line) for each in found.wrong[:_LINES])
        yield ""
        yield f"served wrongly: line {named}{', ...' if len(found.wrong) > _LINES else ''}"


def _summary(found: Report) -> Iterator[Sequence[str]]:
    if found.guards:
        yield "with guards", *_counts(found.guarded)
    yield "cosine alone", *_counts(found.cosine)
    if found.guards:
        yield f"cosine alone from {found.as_rare.threshold:.3f} on", *_counts(found.as_rare.cosine)


def _counts(counts: Counts) -> tuple[str, str]:
    return of_all(counts.hit_rate), of_all(counts.wrong_rate)


def _groups(groups: Iterable[Group], of: str) -> Iterator[Sequence[str]]:
    for each in groups:
        yield f"  {each.name}", of_all(getattr(each.guarded, of)), of_all(getattr(each.cosine, of))


def _group(each: Group) -> Sequence[str]:
    return f"  {each.name}", *_counts(each.guarded)


def _by_threshold(all_of_them: Iterable[At]) -> Iterator[Sequence[str]]:
    for each in all_of_them:
        if round(100 * each.threshold) % 5 == 0:
            yield f"  {each.threshold:.2f}", *_counts(each.guarded), *_counts(each.cosine)


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    all_rows = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*all_rows, strict=True)]
    for row in all_rows:
        yield "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
