"""What a reader does with the answers that the cache holds, in a real browser."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from prompt_cache.config import configured
from stack import Sidecar

from .browser import THEMES, WIDTHS, Visitor
from .conftest import ADMIN, READER, SETTINGS, WRITER, watched
from .holding import hold
from .test_pages import picture, violations

OURS = "ours-token"
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Held:
    """A cache server and the keys of what it holds, by name."""

    sidecar: Sidecar
    keys: dict[str, str]

    def stored(self, namespace: str) -> int:
        return len(self.sidecar.client().get(f"/v1/entries?namespace={namespace}&limit=100")["items"])


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    settings = folder / "config.yaml"
    settings.write_text(SETTINGS.replace("namespaces: [support]", "namespaces: [emptying]"))
    keys = hold(folder, configured(dict(yaml.safe_load(settings.read_text()))), time.time())
    with Sidecar(folder, env={"PROMPT_CACHE_CONFIG": str(settings)}, token=ADMIN) as sidecar:
        yield Held(sidecar, keys)


@pytest.fixture
def looking(browser: Browser, held: Held) -> Iterator[Visitor]:
    yield from watched(Visitor(browser, held.sidecar.url))


def questions(page: Page) -> list[str]:
    return page.locator("table.answers tbody th a").all_inner_texts()


# -- looking -----


@pytest.mark.parametrize("width", WIDTHS)
def test_list__leads_to_an_answer_by_a_click_anywhere_on_its_row(looking: Visitor, held: Held, width: int) -> None:
    with looking.page("/answers?namespace=support", token=ADMIN, width=width) as page:
        row = page.get_by_role("row").filter(has_text="How do I return an order")
        row.click()  # in its middle, which is no link's text
        expect(page).to_have_url(re.compile(f"/answers/{held.keys['plain']}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("How do I return an order")
        assert page.locator(".figures .value").all_inner_texts()[1] == "37 times"
        talk = page.get_by_role("list").filter(has_text="You answer customers")
        assert talk.get_by_role("heading").all_inner_texts() == ["System", "User"]
        expect(page.locator(".response .bubble")).to_contain_text("print the label from your account")


def test_list__is_gone_through_by_keyboard_alone(looking: Visitor) -> None:
    with looking.page("/answers?namespace=support", token=ADMIN) as page:
        page.get_by_label("Search in the prompts").focus()
        page.keyboard.type("parcel 4711")
        page.keyboard.press("Enter")
        expect(page.locator(".chip")).to_contain_text("parcel 4711")
        assert "q=parcel+4711" in page.url
        found = page.locator("table.answers tbody a").first
        for _ in range(40):
            page.keyboard.press("Tab")
            if found.evaluate("node => node === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("parcel 4711")


@pytest.mark.parametrize("script", [True, False])
def test_list__filters_live_in_the_address(looking: Visitor, script: bool) -> None:
    with looking.page("/answers?namespace=support", token=ADMIN, script=script) as page:
        page.get_by_text("More filters").click()
        page.get_by_label("Workflow").fill("Invoice triage")
        page.get_by_role("button", name="Search").click()
        assert questions(page) == ["Invoice of Velo Import for March"]
        assert "model=" not in page.url, "an empty field went into the address"
        assert "workflow=Invoice+triage" in page.url
        page.reload()
        assert questions(page) == ["Invoice of Velo Import for March"]
        page.get_by_title("Remove this filter").click()
        assert len(questions(page)) == 25


def test_list__goes_by_what_was_saved_and_by_what_never_was(looking: Visitor) -> None:
    with looking.page("/answers?namespace=support", token=ADMIN) as page:
        page.get_by_role("link", name="Saved most").click()
        assert questions(page)[:2] == [
            "How do I return an order that arrived broken, and who pays for the parcel?",
            "Where is parcel 4711?",
        ]
        page.get_by_role("link", name="Never served").click()
        served = page.locator('td[data-title="Served"]').all_inner_texts()
        assert set(served) == {"0"}
        page.get_by_role("link", name="Newest").click()
        first = questions(page)
        page.get_by_role("link", name="Next page").click()
        assert set(questions(page)).isdisjoint(first)
        page.get_by_role("link", name="First page").click()
        assert questions(page) == first


def test_answer__shows_tools_reasoning_settings_and_who_asked(looking: Visitor, held: Held) -> None:
    with looking.page(f"/answers/{held.keys['tools']}", token=ADMIN) as page:
        asked, answered = page.locator(".request"), page.locator(".response")
        expect(asked.get_by_text("Calls the tool track_parcel")).to_be_visible()
        expect(asked.get_by_text('"carrier": "post"')).to_be_visible()
        expect(asked.get_by_text('"hub": "Hamburg"')).to_be_visible()
        thought = answered.get_by_text("The tool says that it is in transit.")
        expect(thought).not_to_be_visible()
        answered.get_by_text("Reasoning").click()
        expect(thought).to_be_visible()
        about = page.get_by_role("complementary")
        for told in ("Support replies", "Answer the customer", "temperature", "language", "track_parcel"):
            expect(about.get_by_text(told).first).to_be_visible()


def test_answer__folds_what_is_long_and_shows_all_when_asked(looking: Visitor, held: Held) -> None:
    with looking.page(f"/answers/{held.keys['json']}", token=ADMIN) as page:
        last = page.get_by_text('"Wheel 11"').first
        expect(last).not_to_be_visible()
        page.get_by_text(re.compile("Show .* more lines")).click()
        expect(last).to_be_visible()
        expect(page.get_by_text("180 kB")).to_be_visible()
    with looking.page(f"/answers/{held.keys['long']}", token=ADMIN) as page:
        assert len(page.content()) < 400_000
        page.get_by_role("link", name="Show all").click()
        expect(page.get_by_role("link", name="Show all")).to_have_count(0)
        assert page.locator(".response").inner_text().count("Once upon") >= 20
        assert len(page.content()) > 1_800_000
        with page.expect_download() as started:
            page.get_by_role("link", name="Download as JSON").click()
        assert started.value.path().read_text().count("Once upon") == 100_000


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_hostile_neither_runs_nor_breaks_a_page(looking: Visitor, held: Held, width: int) -> None:
    key = held.keys["hostile"]
    for path in ("/answers?namespace=hostile", f"/answers/{key}", f"/answers/{key}/delete", f"/answers/{key}/reject"):
        with looking.page(path, token=ADMIN, width=width) as page:
            page.on("dialog", lambda _: pytest.fail("a script of an answer ran"))
            expect(page.get_by_text("<script>document.title='run'</script>").first).to_be_visible()
            assert "run" not in page.title().split()
            assert page.locator("main img, main script, main u").count() == 0
            assert page.evaluate(_WIDER) == 0, f"{path} scrolls sideways"
            assert violations(page) == []
    with looking.page(f"/answers/{key}?all=1", token=ADMIN, width=width) as page:
        assert page.evaluate(_WIDER) == 0


def test_answer__is_told_in_french(looking: Visitor, held: Held) -> None:
    with looking.page(f"/answers/{held.keys['plain']}", token=ADMIN, language="fr-FR") as page:
        expect(page.get_by_role("heading", name="Ce qui a été demandé")).to_be_visible()
        expect(page.get_by_text("37 fois")).to_be_visible()
        assert re.search(r"0,\d+\s\$", page.locator(".figures .value").first.inner_text())


# -- acting -----


def test_delete__of_one_is_confirmed_by_keyboard(looking: Visitor, held: Held) -> None:
    key = held.keys["deleting 2"]
    with looking.page(f"/answers/{key}", token=WRITER) as page:
        page.get_by_role("link", name="Delete …").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("It was served 2 times and saved $1.00 so far.")).to_be_visible()
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_text("Question 2?").first).to_be_visible()
        assert held.stored("deleting") == 6
        page.get_by_role("link", name="Delete …").click()
        page.get_by_role("button", name="Delete").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("The answer is deleted.")
        assert len(questions(page)) == 5
        assert page.goto(f"/answers/{key}").status == 404  # type: ignore[union-attr]
    assert held.stored("deleting") == 5


def test_delete__of_what_is_chosen_counts_first(looking: Visitor, held: Held) -> None:
    with looking.page("/answers?namespace=choosing&tag=odd", token=WRITER) as page:
        page.get_by_role("link", name="Delete what these filters choose").click()
        expect(page.get_by_text("This deletes 3 answers of the namespace choosing.")).to_be_visible()
        expect(page.get_by_text("So far that was served 3 times and saved $1.50.")).to_be_visible()
        assert held.stored("choosing") == 6
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status")).to_have_text("3 answers are deleted.")
        assert len(questions(page)) == 3
        page.reload()
        expect(page.get_by_role("status")).to_have_count(0)
    assert held.stored("choosing") == 3


def test_reject__says_what_it_does_first(looking: Visitor, held: Held) -> None:
    with looking.page(f"/answers/{held.keys['rejecting 1']}", token=WRITER) as page:
        page.get_by_role("link", name="Reject …").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Reject this answer?")
        page.get_by_role("button", name="Reject").click()
        expect(page.get_by_role("status")).to_have_text("The answer is rejected and gone.")
    assert held.stored("rejecting") == 5
    end = time.monotonic() + 10.0  # each worker hands its counts over once a second
    while held.sidecar.client().get("/v1/stats?namespace=rejecting")["semantic"]["rejected"] != 1:
        assert time.monotonic() < end, "the rejection was not counted"
        time.sleep(0.2)


def test_flush__is_the_admins_of_their_namespace(looking: Visitor, held: Held) -> None:
    with looking.page("/answers", token=OURS) as page:
        assert page.get_by_label("Namespace").locator("option").all_inner_texts() == ["default", "emptying"][1:]
        page.get_by_role("link", name="Empty this namespace").click()
        expect(page.get_by_text("This deletes 6 answers of the namespace emptying.")).to_be_visible()
        page.get_by_role("button", name="Empty the namespace").click()
        expect(page.get_by_role("status")).to_have_text("6 answers are deleted.")
        expect(page.get_by_text("This namespace holds no answers.")).to_be_visible()
        assert page.goto(f"/answers/{held.keys['theirs 1']}").status == 404  # type: ignore[union-attr]
        assert page.goto("/answers?namespace=theirs").status == 403  # type: ignore[union-attr]
    assert (held.stored("emptying"), held.stored("theirs")) == (0, 6)


def test_reader__sees_all_and_takes_nothing_out(looking: Visitor, held: Held) -> None:
    key = held.keys["theirs 1"]
    with looking.page("/answers?namespace=theirs&tag=odd", token=READER) as page:
        assert len(questions(page)) == 3
        assert page.locator("main a.danger, main button.danger").count() == 0
        page.goto(f"/answers/{key}")
        expect(page.get_by_text("Answer 1").first).to_be_visible()
        assert page.locator("main a.danger, main button.danger").count() == 0
        for path in (f"/answers/{key}/delete", f"/answers/{key}/reject", "/answers/flush?namespace=theirs"):
            assert page.goto(path).status == 403  # type: ignore[union-attr]


# -- looks -----


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "name", ["answers", "answers-chosen", "answer", "answer-tools", "answer-json", "delete", "reject"]
)
def test_page__is_read_by_everybody(looking: Visitor, held: Held, name: str, theme: str) -> None:
    path = {
        "answers": "/answers?namespace=support",
        "answers-chosen": "/answers?namespace=support&workflow=Support+replies&tag=returns&q=order&sort=saved",
        "answer": f"/answers/{held.keys['plain']}",
        "answer-tools": f"/answers/{held.keys['tools']}",
        "answer-json": f"/answers/{held.keys['json']}",
        "delete": "/answers/delete?namespace=support&workflow=Invoice+triage",
        "reject": f"/answers/{held.keys['plain']}/reject",
    }[name]
    for width in WIDTHS:
        with looking.page(path, token=ADMIN, theme=theme, width=width) as page:
            page.wait_for_load_state("networkidle")
            picture(page, f"{name}-{theme}-{width}")
            assert violations(page) == []
            assert page.evaluate(_WIDER) == 0, "the page itself scrolls sideways"
