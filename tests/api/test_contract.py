"""The OpenAPI document against the running service: every operation, with requests that fit its schemas and others."""

from itertools import chain, combinations
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from prompt_cache.config import Config
from prompt_cache.http.native.openapi import document
from sidecar.tests.support import operations
from stack import Sidecar

from .client import Api

DOCUMENT = document(operations(), Config(token="admin-token"))
AUTHORIZED = {"Authorization": "Bearer admin-token"}
REFUSED = [400, 401, 403, 404, 405, 413, 414, 415]
CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})

load_all_checks()
schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
# A link puts its values into a request that was made to be wrong, and then it is no longer wrong.
ONLY_RIGHT = schemathesis.Config.from_dict({"generation": {"mode": "positive"}})
linked = schemathesis.openapi.from_dict(DOCUMENT, config=ONLY_RIGHT)

FIELDS = {
    "prompt": "What is the capital of France?",
    "messages": [{"role": "user", "content": "What is the capital of France?"}],
    "key": "some-key",
    "system": "Answer briefly.",
    "model": "gpt-4o-mini",
    "tools": [{"name": "search"}],
    "response_format": {"type": "json_object"},
    "params": {"seed": 1},
    "attributes": {"tenant": "a"},
    "normalize": "none",
    "threshold": 0.9,
    "tags": ["geography"],
    "older_than": "30d",
    "namespace": "together",
    "all": True,
}
"""One thing to say in each field that goes together with others."""


def _bounded(examples: int, **options: Any) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )


def _makes_a_cursor_up(case: Case[Any]) -> bool:
    """A cursor is the store's own, so no schema tells which there are; the links lead to those that a page gave."""
    return "cursor" in case.query and case.meta is not None and case.meta.generation.mode.is_positive


def test_contract__is_what_is_served(server: Sidecar) -> None:
    assert Api(server.url).get("/openapi.json").json() == DOCUMENT


@schema.parametrize()
@_bounded(25)
def test_contract__is_kept(case: Case[Any], server: Sidecar) -> None:
    if _makes_a_cursor_up(case):
        return
    case.call_and_validate(base_url=server.url, headers=AUTHORIZED, checks=CHECKS.get_all(), timeout=30)  # type: ignore[arg-type]


def test_contract__is_kept_where_one_answer_leads_to_the_next(server: Sidecar) -> None:
    reached: set[tuple[str, int]] = set()

    class Walk(linked.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:  # noqa: ARG002
            return {"base_url": server.url, "headers": AUTHORIZED, "timeout": 30}

        def setup(self) -> None:
            self.given: set[str] = set()
            # Each walk begins with nothing, or the same steps would not lead to the same places.
            Api(server.url).post("/v1/flush", {"all": True})

        def before_call(self, case: Case[Any]) -> None:
            if case.query.get("cursor") not in self.given:
                case.query.pop("cursor", None)

        def after_call(self, response: Response, case: Case[Any]) -> None:
            reached.add((case.operation.label, response.status_code))
            if case.path == "/v1/entries" and response.status_code == 200:
                self.given.add(response.json()["next_cursor"])

    run_state_machine_as_test(Walk, settings=_bounded(60, stateful_step_count=8, phases=[Phase.generate]))
    assert reached >= {
        ("POST /v1/store", 201),
        ("POST /v1/release", 200),
        ("POST /v1/invalidate", 200),
        ("GET /v1/entries/{key}", 200),
        ("DELETE /v1/entries/{key}", 200),
    }


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/store", "/v1/invalidate", "/v1/flush"])
def test_contract__says_which_fields_go_together(api: Api, path: str) -> None:
    stated = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    properties = DOCUMENT["components"]["schemas"][stated["$ref"].rpartition("/")[2]]["properties"]
    valid = jsonschema_rs.validator_for({**stated, "components": DOCUMENT["components"]})
    required = {"response": "Paris."} if "response" in properties else {}
    fields = [(name, value) for name in FIELDS.keys() & properties for value in (FIELDS[name], None, False, [], {})]
    bodies = [required | dict(some) for some in chain(combinations(fields, 1), combinations(fields, 2)) if _once(some)]
    wrong = [body for body in [required, *bodies] if valid.is_valid(body) == (api.post(path, body).status_code == 400)]
    assert wrong == []


def _once(some: tuple[tuple[str, Any], ...]) -> bool:
    return len({name for name, _ in some}) == len(some)
