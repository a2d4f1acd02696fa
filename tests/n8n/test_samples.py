"""Every edition of every sample workflow does in a real n8n what its README promises."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from playwright.sync_api import expect

from stack import DemoModel, N8n, N8nClient, Owner, Sidecar, node_package, output_items
from stack.demo import sidecar_settings
from stack.paths import WORKFLOWS
from stack.processes import POLL_SECONDS
from stack.samples import import_samples, publish, put_into_folders, sample_workflows
from stack.web import HttpError

from .editor import KEEP_PICTURES, editor, page
from .matching import wait_until_it_compares
from .sample_driver import EDITIONS, MANUAL, Sample, Samples

TOKEN = "samples-token"

either_edition = pytest.mark.parametrize("edition", EDITIONS)


OWNER = Owner.generate()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[N8nClient, Sidecar, DemoModel]]:
    """An n8n that got the samples as `make up` gives them to it."""
    folder = tmp_path_factory.mktemp("samples")
    with ExitStack() as stack:
        model = stack.enter_context(DemoModel(folder))
        services = {"SIDECAR_TOKEN": TOKEN, "MODEL_URL": f"{model.url}/v1", "MODEL_KEY": "demo"}
        env = {"PROMPT_CACHE_STORE": "memory://", **sidecar_settings({}, services)}
        sidecar = stack.enter_context(Sidecar(folder, env=env, token=TOKEN))
        n8n = N8n(folder / "n8n", packages=[node_package()])
        new = import_samples(n8n, {**services, "SIDECAR_URL": sidecar.url})
        with n8n:
            client = n8n.client()
            client.set_up_owner(OWNER)
            publish(client, new)
            yield client, sidecar, model


@pytest.fixture
def samples(running: tuple[N8nClient, Sidecar, DemoModel]) -> Samples:
    """All samples, with an empty cache and a model that works and was asked nothing."""
    samples = Samples(*running)
    samples.start_afresh()
    return samples


@pytest.mark.smoke
def test_import__every_sample_arrives_whole_and_knows_its_credentials(samples: Samples) -> None:
    known = {(one["id"], one["name"]) for one in samples.client.http.get("/rest/credentials")["data"]}
    for exported in sample_workflows():
        kept = samples.client.workflow(exported["id"])
        assert kept["name"] == exported["name"]
        assert [node["name"] for node in kept["nodes"]] == [node["name"] for node in exported["nodes"]]
        for node in kept["nodes"]:
            for credential in node.get("credentials", {}).values():
                assert (credential["id"], credential["name"]) in known


def test_home__shows_the_first_sample_first_and_the_http_editions_apart(samples: Samples) -> None:
    listed = samples.client.http.get("/rest/workflows?sortBy=updatedAt:desc&includeScopes=false")["data"]
    ours = [one for one in listed if one["id"].startswith("promptCacheSample")]
    apart = [one for one in ours if "HTTP Request edition" in {tag["name"] for tag in one["tags"]}]
    assert {one["id"] for one in apart} == {one["id"] for one in ours if one["id"].endswith("Http")}
    assert all("Prompt Cache sample" in {tag["name"] for tag in one["tags"]} for one in ours)


def test_folders__are_left_alone_without_a_licence_for_them(samples: Samples) -> None:
    put_into_folders(samples.client, ["promptCacheSample01"])
    assert samples.client.workflow("promptCacheSample01")["parentFolder"] is None


def test_folders__keep_the_http_editions_apart() -> None:
    client = Mock()
    client.http.get.return_value = {"data": {"id": "personal"}}
    client.http.post.side_effect = lambda _path, folder: {"data": {"id": folder["name"]}}
    put_into_folders(client, ["promptCacheSample01", "promptCacheSample01Http"])
    assert client.http.post.call_args.args[1]["parentFolderId"] == "Prompt Cache samples"
    assert [call.args for call in client.update_workflow.call_args_list] == [
        ("promptCacheSample01", {"parentFolderId": "Prompt Cache samples"}),
        ("promptCacheSample01Http", {"parentFolderId": "HTTP Request editions"}),
    ]


@pytest.mark.timeout(1200)  # the editor is loaded once for each edition
def test_editor__shows_every_node_without_a_warning(samples: Samples, tmp_path: Path) -> None:
    files = sorted(WORKFLOWS.glob("*/workflow*.json"))
    with editor(samples.client.http.base_url, OWNER) as window:
        for file in files:
            exported = json.loads(file.read_text("utf-8"))
            window.open(exported["id"])
            for node in exported["nodes"]:
                if node["type"] != "n8n-nodes-base.stickyNote":
                    expect(window.node(node["name"])).to_be_visible()
            expect(window.page.locator("[data-test-id=node-issues]")).to_have_count(0)
            assert window.notes() == []
            picture = file.with_suffix(".png")
            # The first sample's picture shows it after it has run; its own test takes it.
            kept = KEEP_PICTURES and file.name == "workflow.json" and exported["id"] != "promptCacheSample01"
            window.picture(picture if kept else tmp_path / "workflow.png")
    assert len(files) >= 2 * 9 + 2, "08 and 11 have one edition: they need no community node"


@either_edition
@pytest.mark.parametrize(
    ("number", "trigger", "first", "second"),
    [
        ("01", "Webhook", {"answeredBy": "the model"}, {"answeredBy": "the cache"}),
        ("05", "Ask", {"from": "model"}, {"from": "cache"}),
        ("09", "Ask", {"from": "model"}, {"from": "cache"}),
        ("10", "Ask", {"from": "model"}, {"from": "stale"}),
    ],
    ids=["01", "05", "09", "10"],
)
def test_button__works_at_once_and_twice_shows_the_point(
    samples: Samples, edition: str, number: str, trigger: str, first: dict[str, str], second: dict[str, str]
) -> None:
    sample = samples.sample(number, edition)
    (new,) = sample.answers(trigger)
    assert new.items() >= first.items()
    assert samples.calls() == 1

    if number == "10":
        _wait_until_expired(samples, "rehearsal" if edition == "workflow.json" else "rehearsal-http")
    (again,) = sample.answers(trigger)
    assert again.items() >= second.items()
    assert again["answer"] == new["answer"]
    assert number == "10" or samples.calls() == 0


def test_button__of_the_editor_starts_what_is_tested_here(samples: Samples) -> None:
    with editor(samples.client.http.base_url, OWNER) as window:
        for number, trigger in [("01", "Webhook"), ("05", "Ask"), ("06", "Every Monday"), ("09", "Ask")]:
            window.open(f"promptCacheSample{number}")
            expect(window.execute_button).to_contain_text(f"from {trigger}")

        # Two questions that were typed, in one conversation.
        window.open("promptCacheSample02")
        for times in (1, 2):
            said = window.chat("How do I descale my machine?")
            expect(said.get_by_text('You asked: "How do I descale my machine?"')).to_have_count(times)
    assert samples.calls() == 1


@either_edition
def test_02_support_chatbot__what_was_asked_once_is_answered_without_the_model(samples: Samples, edition: str) -> None:
    sample = samples.sample("02", edition)
    session = str(time.time())

    first = sample.chat("How do I descale my machine?", f"{session}-a")
    assert 'You asked: "How do I descale my machine?"' in "".join(first)
    assert samples.calls() == 1
    for customer in ("a", "b"):
        assert "".join(sample.chat("How do I descale my machine?", f"{session}-{customer}")) == "".join(first)
    assert samples.calls() == 0

    assert 'You asked: "And how often?"' in "".join(sample.chat("And how often?", f"{session}-a"))
    assert samples.calls() == 1


def test_02_support_chatbot__a_fresh_answer_streams(samples: Samples) -> None:
    pieces = samples.sample("02", "workflow.json").chat("Do you stream?", str(time.time()))
    assert len(pieces) > 1


@either_edition
def test_01_cache_an_llm_call__mixed_items_keep_their_order_and_their_answers(samples: Samples, edition: str) -> None:
    sample = samples.sample("01", edition)
    sample.pin("Webhook", [{"body": {"question": f"question {number}"}} for number in (2, 4)])
    sample.answers("Webhook")
    samples.calls()

    sample.pin("Webhook", [{"body": {"question": f"question {number}"}} for number in range(1, 6)])
    answers = sample.answers("Webhook")
    assert samples.calls() == 3
    assert [answer["question"] for answer in answers] == [f"question {number}" for number in range(1, 6)]
    assert all(f'You asked: "{answer["question"]}"' in answer["answer"] for answer in answers)
    assert [answer["answeredBy"] for answer in answers] == ["the model", "the cache"] * 2 + ["the model"]


@pytest.mark.smoke
@either_edition
def test_03_enrich_a_table__each_text_is_asked_once_and_never_again(samples: Samples, edition: str) -> None:
    sample = samples.sample("03", edition)

    execution = sample.run()
    assert samples.calls() == 25
    assert _rows_fit_their_answers(execution) == 1000
    (saved,) = output_items(execution, "What It Saved")
    assert (saved["rows"], saved["modelCalls"], saved["repeats"]) == (1000, 25, 975)

    execution = sample.run()
    assert samples.calls() == 0
    assert _rows_fit_their_answers(execution) == 1000
    (saved,) = output_items(execution, "What It Saved")
    assert (saved["modelCalls"], saved["fromCache"]) == (0, 1000)
    assert "$" in saved["message"]
    statistics = samples.api.get("/v1/stats?namespace=feedback&group_by=workflow")
    assert _saved_by(statistics, sample) >= saved["savedUsd"] > 0


@either_edition
def test_03_enrich_a_table__mixed_rows_keep_their_order_and_their_answers(samples: Samples, edition: str) -> None:
    sample = samples.sample("03", edition)
    sample.run()
    kept = samples.api.get("/v1/entries?namespace=feedback&limit=100")["items"]
    for entry in kept[:10]:
        samples.api.post("/v1/invalidate", {"key": entry["key"]})
    samples.calls()

    execution = sample.run()
    assert samples.calls() == 10
    assert _rows_fit_their_answers(execution) == 1000
    rows = output_items(execution, "Enriched Rows")
    assert [row["row"] for row in rows] == list(range(1, 1001))
    assert {row["answeredBy"] for row in rows} == {"model", "repeat", "cache"}


def _rows_fit_their_answers(execution: dict[str, Any]) -> int:
    rows = output_items(execution, "Enriched Rows")
    # The demonstration model repeats the beginning of what it is asked, and ends with a reference to all of it.
    assert len({(row["feedback"], row["category"]) for row in rows}) == 25
    assert all(row["feedback"][:15] in row["category"] for row in rows)
    return len({row["row"] for row in rows})


def _saved_by(statistics: dict[str, Any], sample: Sample) -> float:
    (group,) = [one for one in statistics["groups"] if one["group"] == sample.workflow["name"]]
    return float(group["saved"]["cost_usd"])


@either_edition
def test_04_semantic_faq__other_words_get_the_answer__and_another_question_its_own(
    samples: Samples, edition: str
) -> None:
    sample = samples.sample("04", edition)

    def ask(question: str, right: str = "Yes") -> tuple[str, str]:
        """The page with the answer, and the one that comes when it was rated."""
        form = sample.form("Ask", "", "")
        return unescape(form.submit(question)), unescape(form.submit(right))

    reset, enable = "How do I reset my password?", "How do I enable two-factor authentication?"
    wait_until_it_compares(samples.api)
    page, _ = ask(reset)
    assert "From the model" in page
    page, rated = ask("How can I reset my password?")
    assert "From the cache" in page
    assert f'You asked: "{reset}"' in page
    assert f"% like: {reset}" in page
    assert "gets this answer at once" in rated
    page, _ = ask("How can I reset my password?")
    assert "The very same question was asked before." in page
    assert samples.calls() == 1

    ask(enable)
    page, _ = ask("How do I disable two-factor authentication?")
    assert "From the model" in page
    assert f"% like, and still another question: {enable}" in page
    assert samples.calls() == 2

    page, rated = ask("How do I go about resetting my password?", right="No")
    assert f"% like: {reset}" in page
    assert "Sorry about that" in rated
    page, _ = ask("How do I go about resetting my password?")
    assert "From the model" in page
    assert "From the cache" in ask(reset)[0]
    assert samples.calls() == 1


@pytest.mark.smoke
@either_edition
def test_05_invalidate__only_the_answers_of_the_changed_document_are_asked_again(
    samples: Samples, edition: str
) -> None:
    sample = samples.sample("05", edition)

    def sources() -> list[str]:
        documents = ("returns-policy", "shipping")
        asked = [sample.post("Ask", {"document": name, "question": "How many days?"}) for name in documents]
        for name, answer in zip(documents, asked, strict=True):
            assert name in answer["answer"]
        return [answer["from"] for answer in asked]

    assert sources() == ["model", "model"]
    assert sources() == ["cache", "cache"]
    assert samples.calls() == 2

    assert sample.post("Document Changed", {"document": "shipping"})["deleted"] == 1
    assert sources() == ["cache", "model"]
    assert samples.calls() == 1

    sample.post("Document Changed", {"everything": True})
    assert sources() == ["model", "model"]
    assert samples.calls() == 2


@either_edition
@pytest.mark.parametrize("trigger", [MANUAL, "Every Monday"])
def test_06_weekly_report__has_the_numbers_of_the_statistics(samples: Samples, edition: str, trigger: str) -> None:
    asking = samples.sample("05", edition)
    for _ in range(2):
        asking.post("Ask", {"document": "returns-policy", "question": f"How many days, {edition} {trigger}?"})
    totals = samples.api.get("/v1/stats?since=7d")
    assert totals["saved"]["cost_usd"] > 0

    (message,) = output_items(samples.sample("06", edition).run(trigger), "Send It")

    saved, spent = _dollars(totals["saved"]["cost_usd"]), _dollars(totals["spent"]["cost_usd"])
    tokens = f"{totals['saved']['input_tokens'] + totals['saved']['output_tokens']:,} tokens"
    hits = f"{totals['hits']:,} of {totals['lookups']:,} questions"
    assert saved in message["subject"]
    for part in (f"Saved: {saved}", tokens, f"Spent: {spent}", f"From the cache: {hits}", "The week before: "):
        assert part in message["text"]
    (group,) = [
        one
        for one in samples.api.get("/v1/stats?since=7d&group_by=workflow")["groups"]
        if one["group"] == asking.workflow["name"]
    ]
    assert f"• {group['group']}: {group['hits']:,} of {group['lookups']:,} from the cache; " in message["text"]
    assert not set("|<*#") & set(message["text"])
    for part in (saved, tokens, hits, group["group"], f">{group['hits']:,}<", f">{group['lookups']:,}<"):
        assert part in message["html"]


def test_06_weekly_report__says_the_same_in_both_editions__whatever_names_there_are(samples: Samples) -> None:
    hostile = ("<!channel> @everyone", "a | b\r\nc", '=HYPERLINK("http://x")', '"><img src=x onerror=alert(1)>', "")
    for workflow in hostile:
        asked = {"namespace": "names", "prompt": "Hello", "model": "gpt-4.1-mini"}
        samples.api.post("/v1/lookup", {**asked, "source": {"workflow": workflow, "node": "Look Up"}})
    said, also_said = (output_items(samples.sample("06", edition).run(), "Send It")[0] for edition in EDITIONS)
    assert (said["subject"], said["text"]) == (also_said["subject"], also_said["text"])
    for message in (said, also_said):
        assert "<!channel>" not in message["text"]
        assert "@everyone" not in message["text"]
        assert "• a | b c: " in message["text"]
        assert "<img" not in message["html"]
        assert ">=HYPERLINK" not in message["html"]


def _dollars(usd: float) -> str:
    if usd >= 1:
        return f"${usd:.2f}"
    return f"${usd:.4f}" if usd >= 0.0001 else "less than $0.0001"


@either_edition
def test_06_weekly_report__says_where_prices_are_unknown(samples: Samples, edition: str, tmp_path: Path) -> None:
    if KEEP_PICTURES:  # something to look at
        for number in ("03", "03", "05", "05"):
            samples.sample(number, edition).run(MANUAL if number == "03" else "Ask")
    asked = {"namespace": "unpriced", "prompt": "Hello", "model": "a-model-without-a-price"}
    samples.api.post("/v1/store", {**asked, "response": {"text": "Hi"}})
    for _ in range(3):
        samples.api.post("/v1/lookup", {**asked, "source": {"workflow": "Without <a> price", "node": "Look Up"}})
    unpriced = samples.api.get("/v1/stats?since=7d")["saved"]["unpriced_hits"]

    (message,) = output_items(samples.sample("06", edition).run(), "Send It")

    assert f"price unknown for {unpriced:,} hits" in message["text"]
    assert "Give a price to: a-model-without-a-price. The sums are without it." in message["text"]
    (line,) = [one for one in message["text"].splitlines() if "Without ‹a› price" in one]
    assert "saved: price unknown for 3 hits; " in line
    assert "Without <a> price" in unescape(message["html"])
    assert "<a>" not in message["html"]
    assert "$0.0000" not in message["text"] + message["html"]
    (tmp_path / "report.html").write_text(message["html"], "utf-8")
    with page(tmp_path / "report.html") as shown:
        expect(shown.get_by_role("columnheader", name="Workflow")).to_be_visible()
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if KEEP_PICTURES and edition == "workflow.json":
            shown.screenshot(path=WORKFLOWS / "06-weekly-savings-report/report.png", full_page=True)


@either_edition
def test_07_flush__needs_the_password_and_the_name_typed_twice(samples: Samples, edition: str) -> None:
    sample = samples.sample("07", edition)
    for namespace in ("doomed", "spared"):
        samples.api.post("/v1/store", {"namespace": namespace, "prompt": "Hello", "response": {"text": "Hi"}})

    def form() -> Any:
        return sample.form("Which Namespace?", "prompt-cache", TOKEN)

    def entries(namespace: str) -> int:
        return int(samples.api.get(f"/v1/stats?namespace={namespace}")["entries"])

    assert form().answers_strangers() == 401

    careless = form()
    assert "Answers to be removed: 1" in careless.submit("doomed")
    assert "Nothing was removed" in careless.submit("yes")
    assert entries("doomed") == 1

    careful = form()
    careful.submit("doomed")
    assert entries("doomed") == 1
    assert "Answers removed: 1" in careful.submit("doomed")
    assert (entries("doomed"), entries("spared")) == (0, 1)

    unknown = form().submit("spraed")
    assert "Nothing is stored under “spraed”" in unescape(unknown)
    assert "spared" in unknown


def test_08_ai_agent__answers_the_second_time_without_its_model(samples: Samples) -> None:
    sample = samples.sample("08", "workflow.json")
    with samples.model.takes(0.5):
        (first,) = sample.answers("Ask")
        assert samples.calls() == 1
        (again,) = sample.answers("Ask")
        assert samples.calls() == 0
    assert first["question"] in first["answer"]
    assert (again["question"], again["answer"]) == (first["question"], first["answer"])
    assert again["seconds"] < 0.5 <= first["seconds"]

    # The editor and the published workflow send the same calls to the same address.
    assert sample.post("Ask", {"question": first["question"]})["answer"] == first["answer"]
    assert samples.calls() == 0
    assert "Is this new?" in sample.post("Ask", {"question": "Is this new?"})["answer"]
    assert samples.calls() == 1
    sample.replace("AI Agent", {"options": {"systemMessage": "You are terse."}})
    sample.post("Ask", {"question": "Is this new?"})
    assert samples.calls() == 1


@either_edition
def test_09_rag__an_edited_document_outdates_the_answers_made_from_it(samples: Samples, edition: str) -> None:
    sample = samples.sample("09", edition)
    sample.run("Ask")
    sample.post("Document Edited", {"document": "shipping", "text": "Shipping is free from 50 euros."})
    samples.start_afresh()

    def ask(question: str) -> str:
        return str(sample.post("Ask", {"question": question})["answer"])

    def ask_both() -> list[str]:
        return [ask("How long can items be returned?"), ask("When is shipping free?")]

    returns, shipping = ask_both()
    assert "within 30 days" in returns
    assert "from 50 euros" in shipping
    assert samples.calls() == 2
    assert ask_both() == [returns, shipping]
    assert samples.calls() == 0

    sample.post("Document Edited", {"document": "shipping", "text": "Shipping is free from 30 euros."})
    returns_again, shipping_again = ask_both()
    assert samples.calls() == 1
    assert returns_again == returns
    assert "from 30 euros" in shipping_again

    # A new document may be a better source of any answer.
    sample.post("Document Edited", {"document": f"news {edition}", "text": "Nothing but lorem ipsum."})
    ask_both()
    assert samples.calls() == 2

    # An edit is none, however soon it comes, and no answer was made from this one.
    sample.post("Document Edited", {"document": f"news {edition}", "text": "Nothing but dolor sit amet."})
    ask_both()
    assert samples.calls() == 0


@either_edition
def test_10_stale_answer__is_given_while_the_provider_is_down(samples: Samples, edition: str) -> None:
    sample = samples.sample("10", edition)
    _let_answers_expire_at_once(sample)
    question = {"question": f"What does E42 mean in {edition}?"}

    fresh = sample.post("Ask", question)
    assert fresh["from"] == "model"
    _wait_until_expired(samples, "resilient")
    samples.fail_with(500)
    samples.calls()

    stale = sample.post("Ask", question)
    assert (stale["from"], stale["answer"]) == ("stale", fresh["answer"])
    assert samples.calls() >= 1, "the model was not even tried"
    with pytest.raises(HttpError) as refused:
        sample.post("Ask", {"question": "Something nobody has asked before"})
    assert refused.value.status == 503

    samples.fail_with(None)
    assert sample.post("Ask", question)["from"] == "model"


def _let_answers_expire_at_once(sample: Sample) -> None:
    parameters = sample.parameters("Store")
    if "jsonBody" in parameters:
        assert "'1h'" in parameters["jsonBody"]
        sample.replace("Store", {"jsonBody": parameters["jsonBody"].replace("'1h'", "'1s'")})
    else:
        assert "'h'" in parameters["ttlUnit"]
        sample.replace("Store", {"ttlUnit": "s"})


def _wait_until_expired(samples: Samples, namespace: str) -> None:
    (entry,) = samples.api.get(f"/v1/entries?namespace={namespace}")["items"]
    expires = datetime.fromisoformat(entry["expires"])
    deadline = time.monotonic() + 30
    while datetime.now(UTC) <= expires:
        assert time.monotonic() < deadline, "the answer does not expire"
        time.sleep(POLL_SECONDS)
