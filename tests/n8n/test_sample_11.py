"""The sample workflow that takes the alerts of budgets: it believes the cache server alone."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from stack import output_items

from .conftest import Rig
from .sample_driver import MANUAL, exported

SECRET = "the secret of the two"
HEADER = "X-Prompt-Cache-Signature"
ALERT = {
    "event": "budget_exhausted",
    "budget": "support",
    "namespace": "Grüße-*",
    "model": "*",
    "workflow": "*",
    "token": "*",
    "period": {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"},
    "limit_usd": 20,
    "spent_usd": 20.5,
    "then": "cache_only",
    "currency": {"code": "EUR", "rate": 0.5},
}


def imported(rig: Rig) -> dict[str, Any]:
    """Import the sample once per n8n, with a secret of its own, publish it, and return it."""
    if "11" not in rig.samples:
        credential = rig.client.create_credential("Budget alerts", "crypto", {"hmacSecret": SECRET})
        rig.samples["11"] = rig.client.create_workflow(exported("11", "workflow.json"), {"Budget alerts": credential})
        rig.client.activate(rig.samples["11"]["id"])
    return rig.samples["11"]


@pytest.fixture
def workflow(rig: Rig) -> dict[str, Any]:
    return imported(rig)


def url(rig: Rig) -> str:
    (webhook,) = [node for node in exported("11", "workflow.json")["nodes"] if node["name"] == "Budget Alert"]
    return f"{rig.n8n.url}/webhook/{webhook['parameters']['path']}"


def signature(body: bytes, secret: str = SECRET, at: float = 0) -> str:
    moment = int(time.time() + at)
    digest = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def call(rig: Rig, body: bytes, headers: Mapping[str, str]) -> int:
    request = urllib.request.Request(  # noqa: S310
        url(rig), data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def last_execution(rig: Rig, workflow: Mapping[str, Any]) -> dict[str, Any]:
    """Of the workflow, once it has ended: it answers before."""
    newest, *_ = rig.client.executions(workflow["id"])
    return rig.client.finished_execution(newest["id"])


def test_a_signed_alert__is_told_in_the_configured_currency(rig: Rig, workflow: dict[str, Any]) -> None:
    # As it was sent, and not as n8n would write it anew.
    body = json.dumps(ALERT, ensure_ascii=False, indent=3).encode()
    assert call(rig, body, {HEADER: signature(body)}) == 204
    (message,) = output_items(last_execution(rig, workflow), "Send It")
    assert message["subject"] == "Budget “support” is used up"
    assert message["text"].startswith("10.25 EUR of 10.00 EUR are spent. ")
    assert message["text"].endswith("Until then only what is in the cache is answered.")

    body = json.dumps({**ALERT, "event": "budget_warning", "spent_usd": 16.999, "then": "warn"}).encode()
    assert call(rig, body, {HEADER: signature(body, at=-290)}) == 204
    (message,) = output_items(last_execution(rig, workflow), "Send It")
    assert message["subject"] == "Budget “support” is 84% used"
    assert message["text"].endswith("Nothing is stopped.")


def test_whatever_is_not_signed_by_the_cache_server__is_refused(rig: Rig, workflow: dict[str, Any]) -> None:
    body = json.dumps(ALERT).encode()
    good = signature(body)
    seconds = good.partition(",")[0].removeprefix("t=")
    for what, sent, header in (
        ("no signature", body, None),
        ("another secret", body, signature(body, secret="another")),
        ("no secret", body, signature(body, secret="")),
        ("another body", body.replace(b"20.5", b"99.5"), good),
        ("the same body, written otherwise", json.dumps(ALERT, indent=1).encode(), good),
        ("another time", body, good.replace(f"t={seconds}", f"t={int(seconds) + 1}")),
        ("too old", body, signature(body, at=-310)),
        ("from the future", body, signature(body, at=310)),
        ("no time", body, good.partition(",")[2]),
        ("capitals", body, good.partition("v1=")[0] + "v1=" + good.partition("v1=")[2].upper()),
        ("two signatures", body, f"{good},v1={'0' * 64}"),
        ("nothing to sign with", body, f"t={seconds},v1="),
        ("no body", b"", good),
    ):
        assert call(rig, sent, {} if header is None else {HEADER: header}) == 401, what
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    assert call(rig, form, {HEADER: good, "Content-Type": "multipart/form-data; boundary=x"}) == 401
    assert "Message" not in last_execution(rig, workflow)["data"]["resultData"]["runData"]
    assert call(rig, body, {HEADER: good}) == 204


def test_button__shows_an_alert_at_once(rig: Rig, workflow: dict[str, Any]) -> None:
    execution = rig.client.run(workflow["id"], MANUAL)
    assert execution["status"] == "success"
    (message,) = output_items(execution, "Send It")
    assert "20.03 USD of 20.00 USD are spent" in message["text"]


def test_the_file__holds_no_secret_and_no_code() -> None:
    nodes = exported("11", "workflow.json")["nodes"]
    assert not [node for node in nodes if "code" in node["type"].lower() or "secret" in node["parameters"]]
    assert "$env" not in json.dumps(nodes)
