"""What was missed and what would pay, as a reader sees and uses it."""

import re
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from prompt_cache.config import Config, configured, rules
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.semantic.embedders.base import Embedded, Embedder
from prompt_cache.stores.sqlite.store import SqliteStore
from stack import Sidecar

from .browser import THEMES, WIDTHS, Visitor
from .seeding import Clock
from .test_pages import _WIDER, picture, violations

TOKEN = "token-of-the-tests"
SETTINGS = f"""
store: sqlite:///cache.db
token: {TOKEN}
embedder: {{url: "http://127.0.0.1:9", model: words, threshold: 0.8}}
defaults: {{ttl: 7d}}
namespaces:
  reports: {{ttl: 1h}}
  help: {{match: semantic}}
"""
HOUR = 3600.0
DAY = 24 * HOUR


class Words(Embedder):
    """Texts of the same words are one vector. No page needs it: what is shown was seen before."""

    name, threshold = "words", 0.8

    def embed(self, texts: Sequence[str]) -> Embedded:
        return Embedded([_vector(text) for text in texts])


def _vector(text: str) -> bytes:
    vector = np.zeros(256, np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[blake2b(word.encode(), digest_size=1).digest()[0]] += 1
    return bytes((vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def fill(folder: Path, config: Config, now: float) -> None:
    """A week in which four things were missed that need not have been."""
    clock = Clock(now - 6 * DAY)
    cache = PromptCache(
        SqliteStore(folder / "cache.db", clock=clock), rules=rules(config), embedder=Words(), clock=clock
    )

    def ask(question: str, namespace: str, source: Source, cost: float | None, **fields: object) -> None:
        body = {"prompt": question, "namespace": namespace, "model": "gpt-4o", **fields}
        outcome = cache.lookup(Lookup(request=msgspec.convert(body, Request), source=source))
        if outcome.status == "miss" and cost is not None:
            said = msgspec.json.encode(f"An answer to what was asked in {namespace}.")
            cache.store(
                NewEntry(response=said, key=outcome.key, ticket=str(outcome.ticket), cost_usd=cost, latency=2.0)
            )
        cache.missed.flush()

    mails = Source("Inbox", "Sort the mail")
    for _ in range(9):
        clock.now += 11 * 60
        date = time.strftime("%A, %d %B %Y, %H:%M", time.gmtime(clock.now))
        system = f"You sort the mails of a bicycle shop. Current time: {date}. Answer with one word."
        ask("The mail says: my parcel is late again.", "mails", mails, 0.021, system=system)
    for order in (4711, 815, 99120, 1234):
        clock.now += 7 * 60
        ask(f"Where is order {order} right now?", "mails", mails, 0.004)
    report = Source("Weekly report", "Write the summary")
    for _ in range(12):
        clock.now += 5 * HOUR
        ask("Summarise the numbers of this quarter for the management.", "reports", report, 0.26)
    for _ in range(6):
        clock.now += 20 * 60
        ask("Translate the whole handbook into Latin.", "reports", report, None)
    helping = Source("Help desk", "Answer")
    for question in (
        "How do I reset the password of my account?",
        "Please tell me how I can reset the password of my account.",
        "I would like to know how to reset the password of my account, please",
        "How do I change the password of my old account?",
        "Where do I find order 17 of my account?",
        "Where do I find order 71 of my account?",
    ):
        clock.now += 60
        ask(question, "help", helping, 0.03)
    clock.now = now - 120
    ask("What does the fox say?", "mails", mails, None)
    clock.now = now
    cache.close()


@pytest.fixture(scope="module")
def missing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    folder = tmp_path_factory.mktemp("missing")
    settings = folder / "config.yaml"
    settings.write_text(SETTINGS)
    fill(folder, configured(dict(yaml.safe_load(SETTINGS))), time.time())
    with Sidecar(folder, env={"PROMPT_CACHE_CONFIG": str(settings)}, token=TOKEN) as sidecar:
        yield sidecar


@pytest.fixture
def looking(browser: Browser, missing: Sidecar) -> Iterator[Visitor]:
    visitor = Visitor(browser, missing.url)
    yield visitor
    assert visitor.seen.abroad == [], "a page asked another server"
    assert visitor.seen.told == [], "the console told of an error"


def late(page: Page) -> None:
    """Open the latest of the mails that are late."""
    page.get_by_role("link", name="my parcel is late again").first.click()


@pytest.mark.parametrize("theme", THEMES)
def test_pages__are_read_by_everybody(looking: Visitor, theme: str) -> None:
    for width in WIDTHS:
        with looking.page("/misses", token=TOKEN, theme=theme, width=width) as page:
            for name in ("misses", "missed", "opportunities"):
                if name == "missed":
                    late(page)
                elif name == "opportunities":
                    page.goto("/opportunities")
                page.wait_for_load_state("networkidle")
                picture(page, f"{name}-{theme}-{width}")
                assert violations(page) == []
                assert page.evaluate(_WIDER) == 0, "the page itself scrolls sideways"


def test_misses__say_why_and_mark_what_changes(looking: Visitor) -> None:
    with looking.page("/misses", token=TOKEN) as page:
        expect(page.locator(".missed-row").first).to_contain_text("What does the fox say?")
        expect(page.locator(".missed-row").first).to_contain_text("Only the question is new")
        page.get_by_role("navigation", name="Namespace").get_by_role("link", name="reports").click()
        expect(page.locator(".missed-row")).to_have_count(2)
        expect(page.locator(".missed-row").filter(has_text="quarter")).to_contain_text("12 times")
        expect(page.locator(".missed-row").filter(has_text="quarter")).to_contain_text("had expired")
        page.goto("/misses")
        late(page)
        assert re.fullmatch(r"\w+day, \d\d \w+ 20\d\d, \d\d:\d\d", page.locator("mark").inner_text())
        expect(page.locator(".message.system")).to_contain_text("You sort the mails of a bicycle shop.")


def test_masks__are_copied_with_one_click_and_loaded_as_they_are(looking: Visitor) -> None:
    with looking.page("/opportunities", token=TOKEN) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        card = page.locator(".proposal").first
        expect(card).to_contain_text("9 questions differ only in a date or time")
        expect(card.locator("mark")).to_contain_text("20")
        expect(card).to_contain_text("$0.17")
        expect(card).to_contain_text("the answers were the same")
        button = card.get_by_role("button", name="Copy")
        button.focus()
        page.keyboard.press("Enter")
        expect(card.get_by_role("button")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        settings = yaml.safe_load(SETTINGS)
        settings["namespaces"] |= yaml.safe_load(copied)["namespaces"]
        settings["masks"] = yaml.safe_load(copied).get("masks", {})
        config = configured(settings)
        assert config.namespaces["mails"].mask_system is True
        orders = page.locator(".proposal").filter(has_text="4 questions differ only in a number")
        expect(orders).to_contain_text("Only if the answer does not depend on it")


def test_lives__say_what_longer_ones_would_have_saved(looking: Visitor) -> None:
    with looking.page("/opportunities?namespace=reports", token=TOKEN) as page:
        card = page.locator(".proposal")
        expect(card).to_contain_text("Answers live for 1 hr and are asked for again after that")
        expect(card.locator("tr", has_text="7 days")).to_contain_text("$2.86")
        expect(card.locator("pre")).to_contain_text(re.compile(r"ttl: \dd"))
        expect(page.locator("#unanswered").locator("..").locator("..")).to_contain_text("no answer was ever stored")


@pytest.mark.parametrize("script", [True, False])
def test_threshold__shows_what_another_would_change(looking: Visitor, script: bool) -> None:
    with looking.page("/opportunities?namespace=help", token=TOKEN, script=script) as page:
        told = page.locator(".figures .value")
        expect(told.first).to_have_text("0")
        if script:
            slider = page.get_by_role("slider", name="Threshold")
            slider.focus()
            for _ in range(40):
                page.keyboard.press("ArrowLeft")
        else:
            expect(page.get_by_role("slider")).to_have_count(0)
            page.get_by_role("spinbutton", name="Threshold").fill("0.6")
            page.get_by_role("button", name="Try").click()
            assert "threshold=0.6" in page.url
        expect(told.first).not_to_have_text("0")
        expect(told.nth(1)).not_to_have_text("0")
        expect(told.nth(2)).to_contain_text("$0.0")
        expect(page.locator("[data-thresholds] pre")).to_contain_text("threshold: 0.6")


def test_pages__in_french(looking: Visitor) -> None:
    with looking.page("/opportunities", token=TOKEN, language="fr-FR") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce qui rapporterait")
        expect(page.locator(".proposal").first).to_contain_text("0,17 $US")
