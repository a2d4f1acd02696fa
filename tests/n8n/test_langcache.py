"""The nodes by which n8n's template 12400 speaks to Redis LangCache, with another URL and key, in a real n8n."""

from typing import Any

import pytest

from .conftest import TOKEN, Rig
from .flows import Flow

_BEARER = "LangCache (bearer)"
_CONFIG = "$('LangCache Config').first().json"


def _request(flow: Flow, name: str, path: str, body: dict[str, str], **more: Any) -> None:
    parameters = {
        "method": "POST",
        "url": f"={{{{ {_CONFIG}.langcacheBaseUrl }}}}/v1/caches/{{{{ {_CONFIG}.langcacheCacheId }}}}/{path}",
        "authentication": "genericCredentialType",
        "genericAuthType": "httpBearerAuth",
        "sendBody": True,
        "bodyParameters": {"parameters": [{"name": field, "value": value} for field, value in body.items()]},
        "sendHeaders": True,
        "headerParameters": {"parameters": [{"name": "accept", "value": "application/json"}]},
        "options": {},
    }
    credentials = {"httpBearerAuth": {"name": _BEARER}}
    flow.node(name, "n8n-nodes-base.httpRequest", 4.3, parameters, credentials=credentials, **more)


def _flow(url: str, threshold: str | float) -> Flow:
    """Search; a hit goes out as it is, for all else the model is asked, and its answer saved."""
    flow = Flow().webhook()
    fields = [
        {"id": name, "name": name, "value": value, "type": type_}
        for name, value, type_ in (
            ("langcacheBaseUrl", url, "string"),
            ("langcacheCacheId", "b83aa61d58be484ebc37c64f1f30c2fa", "string"),
            ("similarityThreshold", threshold, "string" if isinstance(threshold, str) else "number"),
        )
    ]
    flow.node(
        "LangCache Config",
        "n8n-nodes-base.set",
        3.4,
        {"assignments": {"assignments": fields}, "includeOtherFields": True, "options": {}},
    )
    threshold_now = f"={{{{ {_CONFIG}.similarityThreshold }}}}"
    asked = {"prompt": "={{ $json.question }}", "similarityThreshold": threshold_now}
    _request(flow, "Search LangCache", "entries/search", asked, onError="continueErrorOutput")
    is_hit = {
        "leftValue": f"={{{{ $json.data?.[0]?.similarity >= {_CONFIG}.similarityThreshold }}}}",
        "rightValue": "",
        "operator": {"type": "boolean", "operation": "true", "singleValue": True},
    }
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
    conditions = {"conditions": [is_hit], "combinator": "and", "options": options}
    flow.node("Is Cache Hit?", "n8n-nodes-base.if", 2.2, {"conditions": conditions, "options": {}})
    flow.set("Answer", {"response": "={{ $json.data[0].response }}"}, keep=False)
    flow.chain("AI", "={{ $('LangCache Config').first().json.question }}")
    kept = {"prompt": f"={{{{ {_CONFIG}.question }}}}", "response": "={{ $('AI').item.json.text }}"}
    _request(flow, "Save to LangCache", "entries", kept)
    flow.wire("Question", "LangCache Config", "Search LangCache", "Is Cache Hit?", "Answer")
    flow.wire("Is Cache Hit?", "AI", "Save to LangCache", output=1)
    return flow.wire("Search LangCache", "AI", output=1)


@pytest.mark.parametrize("threshold", [0.75, "0.75"], ids=["number", "text"])
def test_template_12400__asks_the_model_once(rig: Rig, threshold: str | float) -> None:
    bearer = rig.client.create_credential(_BEARER, "httpBearerAuth", {"token": TOKEN})
    published = rig.publish(_flow(rig.sidecar.url, threshold), {_BEARER: bearer})
    question = {"question": "How do I reset my password?"}
    (saved,) = published.ask([question])
    assert saved.keys() == {"entryId"}
    (answered,) = published.ask([question])
    assert rig.calls() == 1
    assert answered["response"]
    assert rig.api.get(f"/v1/entries/{saved['entryId']}")["response"] == answered["response"]
