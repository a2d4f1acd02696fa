"""Markdown, as far as the tests of the documentation read it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(```+|~~~+).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.*?)[ #]*$", re.MULTILINE)


def page(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def code(text: str) -> set[str]:
    """What stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def files(text: str) -> dict[str, str]:
    """Blocks that are whole files: those after a line that begins with the name of the file."""
    return dict(re.findall(r"^`([^`\n]+)`[^`\n]*:\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    text = prose(text)
    start = next(match for match in _HEADING.finditer(text) if match[2] == heading)
    ends = (match.start() for match in _HEADING.finditer(text, start.end()) if len(match[1]) <= len(start[1]))
    return text[start.end() : next(ends, len(text))]


def tables(text: str) -> list[list[str]]:
    """The rows of all tables, without the lines that separate their heads."""
    rows = [line.strip().strip("|").split("|") for line in prose(text).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("-: ")]


def anchors(text: str) -> set[str]:
    """The fragments that GitHub gives to a page's headings, and those that the page names itself."""
    found: dict[str, int] = {}
    slugs: set[str] = set(re.findall(r'<a (?:name|id)="([^"]+)"', text))
    for match in _HEADING.finditer(prose(text)):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", match[2])
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        again = found.get(slug, 0)
        found[slug] = again + 1
        slugs.add(f"{slug}-{again}" if again else slug)
    return slugs


def links(text: str) -> list[str]:
    """Where links and pictures lead to, in Markdown and in HTML."""
    text = re.sub(r"`[^`\n]+`", "", prose(text))
    return re.findall(r"\]\(([^)\s]+)[^)]*\)", text) + re.findall(r'<(?:a|img)\b[^>]*?(?:href|src)="([^"]+)"', text)
