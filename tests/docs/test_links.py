"""Every page leads somewhere: files, headings, and this project's own addresses."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from .pages import ROOT, anchors, links

_OURS = re.compile(
    r"https://github\.com/prompt-cache/prompt-cache(?:/(?:blob|tree)/main/(?P<path>[^#]*))?(?:#(?P<anchor>.*))?$"
)
_LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    check=True,
    capture_output=True,
    text=True,
)
PAGES = sorted({line for line in _LISTED.stdout.splitlines() if (ROOT / line).exists()})


def _target(source: str, link: str) -> tuple[Path, str] | None:
    """(file or folder, anchor) of a link within the project; None where it leads out."""
    if ours := _OURS.match(link):
        anchor = ours["anchor"] or ""
        return ROOT / (ours["path"] or "README.md"), "" if anchor == "readme" else anchor
    if re.match(r"[a-z][a-z0-9+.-]*:", link):
        return None
    path, _, anchor = unquote(link).partition("#")
    return ((ROOT / source).parent / path if path else ROOT / source), anchor


@pytest.mark.parametrize("source", PAGES)
def test_page__its_links_lead_somewhere(source: str) -> None:
    broken = []
    for link in links((ROOT / source).read_text(encoding="utf-8")):
        target = _target(source, link)
        if target is None:
            continue
        path, anchor = target
        if not path.exists():
            broken.append(f"{link}: no such file")
        elif anchor and (path.suffix != ".md" or anchor not in anchors(path.read_text(encoding="utf-8"))):
            broken.append(f"{link}: no such heading")
    assert broken == []


def test_pages__are_found() -> None:
    assert {"README.md", "docs/api.md", "n8n-node/README.md"} <= set(PAGES)


def test_readme__is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


@pytest.mark.parametrize("source", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_docs__can_be_reached_from_the_readme(source: str) -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop().resolve()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        targets = (_target(str(path.relative_to(ROOT)), link) for link in links(path.read_text(encoding="utf-8")))
        waiting += [target[0] for target in targets if target and target[0].is_file()]
    assert (ROOT / "docs" / source).resolve() in seen


def test_slugs__are_as_githubs() -> None:
    fenced = "```\n# not a heading\n```"
    text = f"# What a hit saves\n## `GET /v1/stats`, told\n## Twice\n## Twice\n{fenced}\n## One [link](x.md)!"
    assert anchors(text) == {"what-a-hit-saves", "get-v1stats-told", "twice", "twice-1", "one-link"}
