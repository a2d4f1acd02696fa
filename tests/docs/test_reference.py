"""What the documentation tells is what the code does: nothing goes undocumented, nothing is told that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from prompt_cache import http
from prompt_cache.cli import main
from prompt_cache.config import ENVIRONMENT, SETTINGS, Config
from prompt_cache.config.schema import NamespaceSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.http.app import create_app
from prompt_cache.stores import open_store

from .pages import ROOT, code, page, section, tables

API = page("docs/api.md")
OPERATIONS = page("docs/operations.md")
STORES = page("docs/stores.md")


def _contract() -> dict[str, Any]:
    """The OpenAPI document: what the code says of itself."""
    app = create_app(PromptCache(open_store("memory://")), Config(request_log=False))
    contract: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return contract


CONTRACT = _contract()
ROUTES = {f"{method.upper()} {path}" for path, methods in CONTRACT["paths"].items() for method in methods}
SENT = {
    parameter["name"]
    for methods in CONTRACT["paths"].values()
    for operation in methods.values()
    for parameter in operation.get("parameters", ())
}
FIELDS = {name for schema in CONTRACT["components"]["schemas"].values() for name in schema.get("properties", ())}


# -- the API -----


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_api__names_every_route(route: str) -> None:
    assert route in code(section(API, "Routes"))


def test_api__names_no_route_that_is_not_there() -> None:
    assert {each for each in code(API) if re.match("(GET|POST|PUT|PATCH|DELETE) /", each)} == ROUTES


@pytest.mark.parametrize("field", sorted(SENT | FIELDS))
def test_api__names_every_field_that_is_sent_or_answered(field: str) -> None:
    assert any(re.search(rf"(?<![\w.]){field}\b", each) for each in code(API))


@pytest.mark.parametrize(
    ("heading", "reasons"),
    [("Why there is no answer", MissReason), ("Why an answer is not stored", NotStored)],
    ids=["misses", "not stored"],
)
def test_api__names_every_reason_and_no_other(heading: str, reasons: type[MissReason | NotStored]) -> None:
    told = [name for row in tables(section(API, heading))[1:] for name in re.findall("`(.+?)`", row[0])]
    assert told == list(reasons)


def _problem_types() -> Iterator[str]:
    """The names that the code gives to problems, from where it makes them; those of other APIs have other pages."""
    for file in Path(http.__file__).parent.glob("**/*.py"):
        if file.parent.name in ("langcache", "proxy", "dashboard"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            if isinstance(node, ast.Call) and name in ("HttpError", "Failure") and len(node.args) > 1:
                code = node.args[1]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value


def test_api__names_every_problem_type_and_no_other() -> None:
    made = set(_problem_types())
    assert {"invalid-request", "unauthorized", "store-unavailable", "internal-error"} <= made
    told = {row[0].strip("`") for row in tables(section(API, "Problems"))[1:]}
    assert told == made | {"not-found", "method-not-allowed", "too-large"}  # these come from Flask's own errors


# -- running it -----


def _settings(heading: str, first: str) -> dict[str, list[str]]:
    """Rows of the section's table whose head begins with these cells, by their first cell."""
    rows = [row for row in tables(section(OPERATIONS, heading)) if len(row) == len(first.split("|"))]
    return {row[0].strip("`"): [cell.strip("`") for cell in row] for row in rows if row[0].startswith("`")}


def test_operations__tell_every_setting_with_its_variable_and_default_and_no_other() -> None:
    told = _settings("Settings", "setting|variable|default|is")
    assert set(told) == set(SETTINGS)
    assert {row[1] for row in told.values()} | {"PROMPT_CACHE_CONFIG"} == set(ENVIRONMENT)
    defaults = msgspec.to_builtins(Config())
    assert {name: yaml.safe_load(row[2]) for name, row in told.items()} == defaults


def test_operations__tell_every_setting_of_a_namespace_with_its_default_and_no_other() -> None:
    told = _settings("Settings", "setting|default|is")
    assert set(told) == {field.name for field in msgspec.structs.fields(NamespaceSettings)}
    example = yaml.safe_load((ROOT / "sidecar/config.example.yaml").read_text(encoding="utf-8"))["defaults"]
    assert {name: yaml.safe_load(row[1]) for name, row in told.items()} == example


def test_operations__tell_every_command_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = set(re.findall(r"^ {4}([a-z][a-z-]*)", capsys.readouterr().out, re.MULTILINE))
    assert "serve" in commands
    told = [row[0].strip("`") for row in tables(section(OPERATIONS, "Commands"))[1:]]
    assert {each.removeprefix("prompt-cache ") for each in told} == commands


# -- stores -----


def test_stores__name_every_scheme_and_no_other() -> None:
    with pytest.raises(ValueError, match="must begin with") as refused:
        open_store("nonsense://")
    schemes = set(re.findall(r"([a-z][a-z+]*)://", str(refused.value)))
    assert {"memory", "redis"} <= schemes
    assert {found for each in code(STORES) for found in re.findall(r"([a-z][a-z+]*)://", each)} == schemes
