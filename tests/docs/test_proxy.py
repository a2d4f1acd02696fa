"""docs/proxy.md tells every path, header, reason and failure of the proxy, and none that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

import prompt_cache
from prompt_cache.config import Config, upstreams
from prompt_cache.config.schema import UpstreamSettings
from prompt_cache.http.proxy import directives
from prompt_cache.http.proxy.routes import Routes
from prompt_cache.protocols import ENDPOINTS

from .pages import code, page, section, tables

PROXY = page("docs/proxy.md")
PACKAGE = Path(prompt_cache.__file__).parent
WORD = re.compile(r"[a-z]+(-[a-z]+)+|[a-z]+")


def _trees(*folders: str) -> Iterator[ast.AST]:
    for folder in folders:
        for file in sorted((PACKAGE / folder).glob("*.py")):
            yield ast.parse(file.read_text(encoding="utf-8"))


def _texts(node: ast.AST) -> set[str]:
    found = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {text for text in found if WORD.fullmatch(text)}


def _returned(function: ast.AST) -> set[str]:
    """Words that a function may return by themselves."""
    results = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value]
    ends: set[str] = set()
    while results:
        match results.pop():
            case ast.IfExp(body=one, orelse=other):
                results += [one, other]
            case ast.BoolOp(values=values):
                results += values
            case ast.Constant(value=str(word)) if word:
                ends.add(word)
    return ends


def _reasons() -> set[str]:
    """Every word by which a call passes by."""
    found: set[str] = set()
    for tree in _trees("protocols", "http/proxy"):
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg="bypass", value=ast.Constant(value=str(word))):
                    found.add(word)
                case ast.FunctionDef(name="bypass" | "_bypass"):
                    found |= _returned(node)
                case ast.AsyncFunctionDef(name="run"):
                    found |= _returned(node)
                case ast.AnnAssign(target=ast.Name(id="_ELSEWHERE"), value=ast.Dict(values=values)):
                    found |= {word for value in values for word in _texts(value)}
                case ast.Assign(targets=[ast.Name(id="_ELSEWHERE")], value=ast.Dict(values=values)):
                    found |= {word for value in values for word in _texts(value)}
    return found


def _failures() -> set[str]:
    """Every failure that the proxy itself makes."""
    found: set[str] = set()
    for tree in _trees("http/proxy"):
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Name(id="HttpError" | "OverBudget"), args=[_, ast.Constant(value=str(name)), *_]
                ):
                    found.add(name.replace("-", "_"))
    return found


def test_every_reason_to_pass_by_is_told_and_no_other() -> None:
    made = _reasons()
    assert {"several-answers", "media", "no-store", "store-unavailable", "earlier-response"} <= made
    assert {row[0].strip("`") for row in tables(section(PROXY, "What passes by"))[1:]} == made


def test_every_failure_is_told_and_none_that_is_not_there() -> None:
    made = _failures()
    assert {"bad_path", "only_if_cached", "upstream_unreachable"} <= made
    told = {row[0].strip("`") for row in tables(section(PROXY, "Failures"))[1:]}
    of_all = {"unauthorized", "forbidden", "foreign_host", "request_timeout", "too_large", "overloaded"}
    assert told == made | of_all
    http = "".join(file.read_text(encoding="utf-8") for file in (PACKAGE / "http").glob("**/*.py"))
    assert {word for word in of_all if f'"{word.replace("_", "-")}"' not in http} == set()


def test_every_header_of_a_call_is_told_and_no_other() -> None:
    source = Path(directives.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'PREFIX\}([a-z-]+)"', source)) | {"tags", "depends-on", "token"}
    rows = [row[0] for row in tables(section(PROXY, "Headers"))]
    told = {name.lower() for row in rows for name in re.findall(r"^`X-Prompt-Cache-([A-Za-z-]+)`", row)}
    assert told - {"key"} == named
    controls = {re.split("[=`]", row.removeprefix("`Cache-Control: "))[0] for row in rows if "Cache-Control" in row}
    assert controls == {*directives._SWITCHES, *directives._TIMES}


def test_every_upstream_and_field_is_told() -> None:
    text = section(PROXY, "Upstreams")
    assert set(upstreams(Config())) <= code(text)
    fields = {name for row in tables(text)[1:] for name in re.findall("`([a-z_]+)`", row[0])}
    assert fields == set(UpstreamSettings.__struct_fields__)
    block = next(each for each in re.findall(r"```yaml\n(.*?)```", PROXY, re.DOTALL) if "upstreams:" in each)
    assert {"openai", "azure-eu"} <= set(yaml.safe_load(block)["upstreams"])


def test_every_path_is_told_with_what_is_cached_there() -> None:
    routes = Routes(upstreams(Config()))
    told: set[str] = set()
    for paths, _, calls in tables(section(PROXY, "Base URLs")):
        for path in re.findall(r"`(/[a-z0-9/]+/)\*`", paths):
            route = routes.find("POST", path + "x")
            assert route is not None, path
            for call in re.findall("`([a-zA-Z/:]+)`", calls) if "`by its" not in calls else ():
                called = routes.find("POST", path + (f"models/m{call}" if call.startswith(":") else call))
                assert called is not None
                if call != "protocol":
                    assert called.endpoint is not None, (path, call)
                    told.add(called.endpoint.name)
    assert told == {endpoint.name for endpoints in ENDPOINTS.values() for endpoint in endpoints}
