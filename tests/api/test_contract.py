"""The OpenAPI document against the running service: every operation, with requests that fit its schemas and others."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from prompt_cache.http.native.openapi import document
from sidecar.tests.support import operations
from stack import Sidecar

from .client import Api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]


DOCUMENT = document(operations(), secured=True)
REFUSED = [400, 401, 403, 404, 405, 413, 414, 415]
SETTINGS = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
schema = schemathesis.openapi.from_dict(DOCUMENT, config=SETTINGS)


def test_contract__is_what_is_served(server: Sidecar) -> None:
    assert Api(server.url).get("/openapi.json").json() == DOCUMENT


@schema.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_contract__is_kept(case: schemathesis.Case[Any], server: Sidecar) -> None:
    case.call_and_validate(
        base_url=server.url, headers={"Authorization": "Bearer admin-token"}, checks=CHECKS, timeout=30
    )
