"""What a reader does with the dashboard, in a real browser."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from stack import Sidecar

from .browser import Visitor
from .conftest import ADMIN, OURS, READER

# What is written beside the axis of money, which is set to the left of it.
_REMEMBER_LABELS = """
    window.labels = [];
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, ...others) {
        const left = this.textAlign === 'right' ? x - this.measureText(text).width : x;
        if (!window.labels.some(label => label.text === text)) window.labels.push({ text, left });
        return write.call(this, text, x, ...others);
    };
"""


def figures(page: Page) -> list[str]:
    return page.locator(".figures .value").all_inner_texts()


def names(page: Page, dimension: str) -> list[str]:
    return page.locator(f"#by-{dimension} tbody th").all_inner_texts()


def test_sign_in__with_a_token_and_out_again(visitor: Visitor) -> None:
    with visitor.page("/?period=30d") as page:
        expect(page).to_have_url(re.compile("/login"))
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This token is not known here.")
        page.get_by_label("Token").fill(ADMIN)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        assert page.url.endswith("/?period=30d")
        assert page.evaluate("document.cookie") == "", "a script could read the session"
        page.get_by_role("button", name="Sign out").click()
        page.goto("/")
        expect(page).to_have_url(re.compile("/login"))


def test_overview__says_what_the_report_of_the_api_says(visitor: Visitor, filled: Sidecar) -> None:
    with visitor.page("/?period=30d", token=ADMIN) as page:
        shown = figures(page)
        since = page.locator("[data-time]").first.get_attribute("data-time")
    moment = quote(_iso(int(since or 0)))
    told = filled.client().get(f"/v1/stats?since={moment}")
    assert shown[0] == f"${told['saved']['cost_usd']:,.2f}"
    assert shown[1] == f"${told['spent']['cost_usd']:,.2f}"
    assert shown[2] == f"{told['hit_rate']:.0%}"
    assert told["hits"] > 500


def test_row__filters_all_else_and_a_chip_takes_the_filter_away(visitor: Visitor) -> None:
    with visitor.page("/?period=30d", token=ADMIN) as page:
        whole = figures(page)
        page.locator("#by-workflow").get_by_role("link", name="Invoice triage").click()
        expect(page.locator(".chip")).to_contain_text("Invoice triage")
        assert "workflow=Invoice+triage" in page.url
        assert "period=30d" in page.url
        assert figures(page) != whole
        assert [name.strip() for name in names(page, "node")] == ["Read the invoice"]
        assert page.locator("#by-workflow").count() == 0
        page.locator(".chip").click()
        expect(page.locator(".chip")).to_have_count(0)
        assert figures(page) == whole


@pytest.mark.parametrize("script", [True, False])
def test_tables__are_sorted_by_any_column(visitor: Visitor, script: bool) -> None:
    with visitor.page("/?period=30d", token=ADMIN, script=script) as page:
        table = page.locator("#by-workflow")
        by_savings = names(page, "workflow")
        table.get_by_role("link", name="Name").click()
        expect(table.locator("[aria-sort]")).to_have_text("Name")
        expect(table.locator("[aria-sort]")).to_have_attribute("aria-sort", "ascending")
        by_name = names(page, "workflow")
        assert [name.split("\n")[0] for name in by_name] == sorted(name.split("\n")[0] for name in by_savings)
        table.get_by_role("link", name="Name").click()
        expect(table.locator("[aria-sort]")).to_have_attribute("aria-sort", "descending")
        assert names(page, "workflow") == by_name[::-1]
        table.get_by_role("link", name="Saved").click()
        expect(table.locator("[aria-sort]")).to_have_text("Saved")
        assert names(page, "workflow") == by_savings


@pytest.mark.parametrize("share", [1.0, 0.37, 2.5e-4, 2e-5])
def test_chart__has_the_numbers_of_its_lines_beside_it(visitor: Visitor, share: float) -> None:
    """Evenly spaced, and none cut off, however little money it is."""

    def with_less(route: Route) -> None:
        answer = route.fetch()
        less = re.sub(
            r'data-value="([\d.e-]+)"', lambda found: f'data-value="{float(found[1]) * share}"', answer.text()
        )
        route.fulfill(response=answer, body=less)

    with visitor.page("/?period=30d", token=ADMIN) as page:
        page.add_init_script(_REMEMBER_LABELS)
        page.route("**/?period=30d", with_less)
        page.reload()
        expect(page.locator("figure canvas").first).to_be_visible()
        labels = [label for label in page.evaluate("window.labels") if label["text"].startswith("$")]
    amounts = [float(label["text"].strip("$").replace(",", "")) for label in labels]
    assert len(amounts) > 2
    steps = {round(after - before, 9) for before, after in pairwise(amounts)}
    assert len(steps) == 1, amounts
    assert all(label["left"] >= 0 for label in labels), labels


def test_chart__is_drawn_from_the_table_and_tells_what_is_under_the_pointer(visitor: Visitor) -> None:
    with visitor.page("/?period=30d", token=ADMIN) as page:
        figure = page.locator("figure").first
        canvas = figure.locator("canvas")
        expect(canvas).to_be_visible()
        drawn = canvas.evaluate(
            """node => {
                const pixels = node.getContext('2d').getImageData(0, 0, node.width, node.height).data;
                const seen = new Set();
                for (let at = 0; at < pixels.length; at += 4)
                    if (pixels[at + 3] === 255) seen.add(`${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`);
                return [...seen];
            }"""
        )
        saved, spent = (
            figure.locator(f".key.{name}").evaluate("node => getComputedStyle(node).backgroundColor")
            for name in ("saved", "spent")
        )
        for colour in (saved, spent):
            assert ",".join(re.findall(r"\d+", colour)[:3]) in drawn
        expect(figure.locator("tbody")).to_be_hidden()
        box = figure.locator(".u-over").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        when, money = figure.locator(".when"), figure.locator("[data-told=saved]")
        expect(money).not_to_be_empty()
        row = figure.locator("tbody tr", has=page.locator("th", has_text=re.compile(f"^{when.inner_text()}$")))
        assert row.locator("td").first.text_content() == money.inner_text()
        figure.locator("summary").click()
        expect(figure.locator("tbody")).to_be_visible()


def test_page__is_whole_without_script(visitor: Visitor) -> None:
    with visitor.page("/?period=7d", token=ADMIN, script=False) as page:
        expect(page.locator("canvas")).to_have_count(0)
        assert page.locator("figure").first.locator("tbody tr").count() == 7
        expect(page.locator("figure tbody").first).to_be_visible()
        page.get_by_role("link", name="30 days").click()
        assert page.locator("figure").first.locator("tbody tr").count() == 30


def test_language__is_that_of_the_browser_until_another_is_chosen(visitor: Visitor) -> None:
    with visitor.page("/?period=30d", token=ADMIN, language="fr-FR") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Vue d'ensemble")
        assert page.locator("html").get_attribute("lang") == "fr"
        assert re.fullmatch(r"\d+,\d\d\s\$US", figures(page)[0]), "money as it is written in French"
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        assert page.url.endswith("/?period=30d")
        page.get_by_role("link", name="Health").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Health")


def test_theme__is_that_of_the_system_until_another_is_chosen(visitor: Visitor) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with visitor.page("/", token=ADMIN, theme="dark") as page:
        dark = page.evaluate(ground)
        page.get_by_role("button", name="Light").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        assert page.evaluate(ground) != dark
        page.goto("/status")
        assert page.evaluate(ground) != dark
        page.get_by_role("button", name="Auto", exact=True).click()
        expect(page.locator("html:not([data-theme])")).to_have_count(1)
        assert page.evaluate(ground) == dark


def test_keyboard__reaches_the_content_first_and_every_link_shows_where_it_is(visitor: Visitor) -> None:
    with visitor.page("/", token=ADMIN) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_reader__sees_his_namespaces_alone(visitor: Visitor) -> None:
    with visitor.page("/?period=30d", token=OURS) as page:
        assert [name.strip() for name in names(page, "namespace")] == ["support"]
        page.goto("/?period=30d&namespace=finance")
        assert figures(page)[0] == "$0.00"
        page.goto("/status")
        expect(page.get_by_role("main")).not_to_contain_text("finance")


def test_health__keeps_addresses_and_tokens_from_who_only_reads(visitor: Visitor) -> None:
    with visitor.page("/status", token=ADMIN) as page:
        expect(page.get_by_role("main")).to_contain_text("sqlite:///cache.db")
        expect(page.get_by_role("main")).to_contain_text("tokens.reading")
        expect(page.get_by_role("main")).to_contain_text("my-local-model")
    with visitor.page("/status", token=READER) as page:
        expect(page.get_by_role("main")).not_to_contain_text("sqlite:///cache.db")
        expect(page.get_by_role("main")).not_to_contain_text("tokens.reading")
        expect(page.get_by_role("main")).to_contain_text("reachable")


def test_first_visit__says_what_to_do_without_a_token(first_visitor: Visitor) -> None:
    with first_visitor.page("/") as page:
        expect(page.get_by_role("main")).to_contain_text("Nothing was asked yet")
        expect(page.get_by_role("main")).to_contain_text(f"{first_visitor.url}/openai/v1")
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_other_page__cannot_send_a_form(visitor: Visitor, first_visitor: Visitor) -> None:
    """Another port of this machine is the same site to a browser, so the cookie comes along; it is not this server."""
    with visitor.page("/", token=ADMIN) as page:
        page.evaluate(
            """url => {
                const form = document.createElement('form');
                form.method = 'post';
                form.action = url;
                document.body.append(form);
            }""",
            f"{first_visitor.url}/preferences",
        )
        page.evaluate("document.forms[document.forms.length - 1].submit()")
        page.wait_for_timeout(200)
        assert page.url == f"{visitor.url}/", "the policy of a page does not let its forms leave"
    assert any("form-action" in each for each in visitor.seen.told)
    visitor.seen.told.clear()
    sent = {"Origin": visitor.url, "Sec-Fetch-Site": "same-site"}
    response = requests.post(f"{first_visitor.url}/preferences", data={"theme": "dark"}, headers=sent, timeout=10)
    assert response.status_code == 403
    assert "text/html" in response.headers["Content-Type"]


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
