"""Every page, as it looks and as assistive technology reads it: both themes, a desk and a phone."""

import os
import shutil

import pytest
from playwright.sync_api import Page

from stack.paths import DASHBOARD, REPOSITORY

from .browser import THEMES, WIDTHS, Visitor
from .conftest import ADMIN

PICTURES = REPOSITORY / ".prompt-cache/dashboard-pictures"
KEEP_PICTURES = bool(os.environ.get("KEEP_PICTURES"))
DOCUMENTED = ("overview-light-1280", "overview-dark-1280")
"""The pictures of the documentation: taken anew by KEEP_PICTURES=1."""
AXE = DASHBOARD / "node_modules/axe-core/axe.min.js"

PAGES = {
    "overview": "/?period=30d",
    "overview-filtered": "/?period=30d&workflow=Support+replies",
    "health": "/status",
}
"""What is looked at, by the name of its picture; a page that is added is named here."""
_RUN = "() => axe.run(document, { resultTypes: ['violations'] })"
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Page) -> list[str]:
    """What axe finds, with where that is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # not as a script of the page, which its policy forbids
    found = page.evaluate(_RUN)["violations"]
    return [f"{each['id']}: {each['help']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    if KEEP_PICTURES and name in DOCUMENTED:
        shutil.copy(PICTURES / f"{name}.png", REPOSITORY / "docs" / f"dashboard-{name}.png")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_page__is_read_by_everybody(visitor: Visitor, name: str, theme: str) -> None:
    for width in WIDTHS:
        with visitor.page(PAGES[name], token=ADMIN, theme=theme, width=width) as page:
            page.wait_for_load_state("networkidle")
            picture(page, f"{name}-{theme}-{width}")
            assert violations(page) == []
            assert page.evaluate(_WIDER) == 0, "the page itself scrolls sideways"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["login", "welcome", "failure"])
def test_page_of_who_is_new__is_read_by_everybody(
    visitor: Visitor, first_visitor: Visitor, name: str, theme: str
) -> None:
    shown = {"login": (visitor, "/login"), "welcome": (first_visitor, "/"), "failure": (visitor, "/status/nowhere")}
    looking, path = shown[name]
    for width in WIDTHS:
        with looking.page(path, theme=theme, width=width) as page:
            picture(page, f"{name}-{theme}-{width}")
            assert violations(page) == []
            assert page.evaluate(_WIDER) == 0, "the page itself scrolls sideways"
