"""What the README tells of the API is what the API does: no route, reason or problem type goes undocumented."""

import ast
import re
from pathlib import Path

import pytest

from prompt_cache import http
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.http.api import Operation
from sidecar.tests.support import operations

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
API = README.split("\n## HTTP API\n", 1)[1].split("\n## ", 1)[0]
CODE = set(re.findall(r"`([^`\n]+)`", API))
OPERATIONS = operations()


def problem_codes() -> set[str]:
    """The names that the code gives to problems, from where it makes them."""
    codes: set[str] = set()
    for file in Path(http.__file__).parent.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            if isinstance(node, ast.Call) and name in ("HttpError", "Failure") and len(node.args) > 1:
                code = node.args[1]
                codes |= {code.value} if isinstance(code, ast.Constant) and isinstance(code.value, str) else set()
    return codes


@pytest.mark.parametrize("operation", OPERATIONS, ids=[f"{each.method} {each.path}" for each in OPERATIONS])
def test_readme__names_every_route(operation: Operation) -> None:
    assert f"{operation.method} {operation.path}" in CODE


def test_readme__names_no_route_that_is_not_there() -> None:
    routes = {f"{each.method} {each.path}" for each in OPERATIONS}
    assert {code for code in CODE if re.match("(GET|POST|PUT|DELETE) /", code)} == routes


@pytest.mark.parametrize(
    "field",
    sorted(
        {
            field
            for operation in OPERATIONS
            for type_ in (operation.body, operation.query)
            if type_
            for field in type_.__struct_fields__
        }
        - {"match", "threshold"}  # of semantic matching, which is not there yet
    ),
)
def test_readme__names_every_field_that_can_be_sent(field: str) -> None:
    assert re.search(rf"\b{field}\b", API)


@pytest.mark.parametrize("reason", [*MissReason, *NotStored])
def test_readme__names_every_reason(reason: MissReason | NotStored) -> None:
    assert str(reason) in CODE


@pytest.mark.parametrize("code", sorted(problem_codes() | {"not-found", "method-not-allowed", "too-large"}))
def test_readme__names_every_problem_type(code: str) -> None:
    assert code in CODE


def test_problem_codes__are_found() -> None:
    assert {"invalid-request", "unauthorized", "store-unavailable", "internal-error"} <= problem_codes()


def test_readme__links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", README)
    assert [each for each in targets if "://" not in each and not (ROOT / each).exists()] == []
