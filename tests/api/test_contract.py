"""The OpenAPI document against the running service: every operation, with requests that fit its schemas and others."""

from itertools import chain, combinations
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.transport import Response
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from prompt_cache.config import Config
from prompt_cache.http.native.openapi import document
from sidecar.tests.support import operations
from stack import Sidecar

from .client import Api

DOCUMENT = document(operations(), Config(token="admin-token"))
AUTHORIZED = {"Authorization": "Bearer admin-token"}
SETTINGS: dict[str, Any] = {
    "checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 413, 414, 415]}}
}
WALK: dict[str, Any] = {
    "seed": 1,
    "headers": AUTHORIZED,
    # A link puts its values into a request that was made to be wrong, and then it is no longer wrong.
    "generation": {"max-examples": 60, "database": "none", "mode": "positive"},
    "phases": {name: {"enabled": name == "stateful"} for name in ("examples", "coverage", "fuzzing", "stateful")},
}
given: set[str] = set()
"""Cursors of pages."""

load_all_checks()
schema = schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict(SETTINGS))


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


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """A cursor is the store's own, so no schema tells which there are: leave out what is made up to fit."""
    if case.meta and case.meta.generation.mode.is_positive and case.query.get("cursor") not in given:
        case.query.pop("cursor", None)


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:  # noqa: ARG001
    if case.path == "/v1/entries" and response.status_code == 200:
        given.add(response.json()["next_cursor"])


def test_contract__is_what_is_served(server: Sidecar) -> None:
    assert Api(server.url).get("/openapi.json").json() == DOCUMENT


@schema.parametrize()
@_bounded(25)
def test_contract__is_kept(case: Case[Any], server: Sidecar) -> None:
    case.call_and_validate(base_url=server.url, headers=AUTHORIZED, checks=CHECKS.get_all(), timeout=30)  # type: ignore[arg-type]


def test_contract__is_kept_where_one_answer_leads_to_the_next(server: Sidecar) -> None:
    walked = schemathesis.openapi.from_dict(
        DOCUMENT, config=schemathesis.Config.from_dict(SETTINGS | WALK | {"base-url": server.url})
    )
    reached: set[tuple[str, int]] = set()
    wrong: list[str] = []
    for event in from_schema(walked).execute():
        if isinstance(event, NonFatalError | FatalError):
            wrong.append(str(event))
        if isinstance(event, ScenarioFinished):
            cases, recorder = event.recorder.cases, event.recorder
            for name, interaction in recorder.interactions.items():
                if interaction.response is not None:
                    reached.add((cases[name].value.operation.label, interaction.response.status_code))
            wrong += [
                str(each.failure_info) for checks in recorder.checks.values() for each in checks if each.failure_info
            ]
    assert wrong == []
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
