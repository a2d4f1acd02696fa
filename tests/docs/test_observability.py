"""The Grafana dashboard, the alerts and the page about metrics, against what /metrics really tells."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.front.app import create_asgi
from prompt_cache.observability.measures import Board, Measures
from prompt_cache.savings.budgets import Budget, Charge
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.http.asgi import asked
from sidecar.tests.support import ANSWER

from .pages import ROOT, blocks, code, page, section, tables

DASHBOARD = json.loads(page("docs/grafana/prompt-cache.json"))
ALERTS = yaml.safe_load(page("docs/grafana/alerts.yml"))
OBSERVABILITY = page("docs/observability.md")
OF_PROMETHEUS = {"instance", "job", "pod"}
"""Labels that a target has whatever it tells."""


class Told(NamedTuple):
    """A sample's name as it is told: its labels, and the values that each has."""

    labels: set[str]
    values: dict[str, set[str]]


@cache
def _metrics() -> tuple[dict[str, Told], set[str]]:
    """Of a cache that has seen everything: samples by name, and the names of all families."""
    measures = Measures(Board(["openai"]))
    budgets = [Budget(name="all", usd=1.0, per="day")]
    engine = PromptCache(MemoryStore(), measures=measures, budgets=budgets)
    engine.budgets.spend(Charge("default"), 0.5)
    served = create_asgi(engine, Config(request_log=False))
    for path, body in (
        ("/v1/lookup", {"prompt": "x"}),
        ("/v1/store", {"prompt": "x", "response": ""}),
        ("/v1/store", {"prompt": "x", "response": ANSWER}),
        ("/v1/lookup", {"prompt": "x"}),
    ):
        asked(served, "POST", path, msgspec.json.encode(body), {"Content-Type": "application/json"})
    measures.first_byte.observe("openai", 0.5)
    measures.upstream_seconds.observe("openai", 0.5)
    for reason in ("timeout", "4xx"):
        measures.upstream_failures.add("openai", reason)
    found: dict[str, Told] = {}
    families = set()
    for family in text_string_to_metric_families(asked(served, "GET", "/metrics").body.decode()):
        families.add(f"{family.name}_total" if family.type == "counter" else family.name)
        for sample in family.samples:
            told = found.setdefault(sample.name, Told(set(sample.labels), {}))
            for name, value in sample.labels.items():
                told.values.setdefault(name, set()).add(value)
    return found, families


def _panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def _expressions() -> dict[str, str]:
    """By where it stands, with Grafana's own variables filled in."""
    found = {
        f"{panel['title']} {target['refId']}": target["expr"] for panel in _panels() for target in panel["targets"]
    }
    found |= {rule["alert"]: rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]}
    known = {"$__rate_interval": "5m", "$__range": "1h", "$namespace": ".*", "$instance": ".*"}
    for variable, value in known.items():
        found = {where: expression.replace(variable, value) for where, expression in found.items()}
    return found


EXPRESSIONS = _expressions()


def _nodes(node: Any) -> Iterator[Any]:
    """An expression and all in it."""
    yield node
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (below := getattr(node, name, None)) is not None:
            yield from _nodes(below)
    for argument in getattr(node, "args", None) or ():
        yield from _nodes(argument)


def _selectors(node: Any) -> list[Any]:
    return [each for each in _nodes(node) if isinstance(each, promql_parser.VectorSelector)]


def _labels(selectors: list[Any]) -> set[str]:
    """Those that everything selected has."""
    return set.intersection(*(_metrics()[0][each.name].labels for each in selectors)) | OF_PROMETHEUS


def _faults(expression: str) -> Iterator[str]:
    told = _metrics()[0]
    tree = promql_parser.parse(expression)
    for selector in _selectors(tree):
        if selector.name == "up":
            continue
        if selector.name not in told:
            yield f"there is no metric {selector.name}"
            return
        for matcher in selector.matchers.matchers:
            values = told[selector.name].values.get(matcher.name)
            if values is None and matcher.name not in OF_PROMETHEUS:
                yield f"{selector.name} has no label {matcher.name}"
            elif values and matcher.op in (promql_parser.MatchOp.Re, promql_parser.MatchOp.NotRe):
                if not any(re.fullmatch(matcher.value, value) for value in values):
                    yield f"no {matcher.name} of {selector.name} is like {matcher.value}"
            elif values and matcher.value not in values:
                yield f"no {matcher.name} of {selector.name} is {matcher.value}"
    for node in _nodes(tree):
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            by = str(node.modifier.type).endswith("By")
            if by and (unknown := set(node.modifier.labels) - _labels(_selectors(node))):
                yield f"nothing is told by {', '.join(sorted(unknown))}"
        if isinstance(node, promql_parser.Call):
            yield from _misused(node)


def _misused(call: Any) -> Iterator[str]:
    """What is asked of a metric that is of another kind."""
    names = {selector.name for selector in _selectors(call)}
    if call.func.name in ("rate", "increase"):
        gauges = {name for name in names if not name.endswith(("_total", "_bucket", "_sum", "_count"))}
        if gauges:
            yield f"{call.func.name} of {', '.join(gauges)}, which is no counter"
    if call.func.name == "histogram_quantile" and not all(name.endswith("_bucket") for name in names):
        yield "histogram_quantile is of buckets"


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_expression__asks_for_what_is_told(where: str) -> None:
    assert list(_faults(EXPRESSIONS[where])) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "sum(prompt_cache_nothing_total)",
        'sum(rate(prompt_cache_lookups_total{outcome="hits"}[5m]))',
        'sum(rate(prompt_cache_lookups_total{kind="hit"}[5m]))',
        'sum(rate(prompt_cache_request_duration_seconds_bucket{kind=~"proxies_.*"}[5m]))',
        "sum by (model) (prompt_cache_entries)",
        "rate(prompt_cache_entries[5m])",
        "histogram_quantile(0.5, sum by (le) (rate(prompt_cache_request_duration_seconds_sum[5m])))",
    ],
)
def test_expression__that_is_wrong_is_found(wrong: str) -> None:
    assert list(_faults(wrong))


def test_dashboard__has_every_metric() -> None:
    used = {selector.name for each in EXPRESSIONS.values() for selector in _selectors(promql_parser.parse(each))}
    drawn = {re.sub(r"_(bucket|sum|count)$", "", name) if "_seconds_" in name else name for name in used}
    drawn |= used
    assert {name for name in _metrics()[1] if name not in drawn} == set()


def test_dashboard__can_be_provisioned() -> None:
    assert {variable["name"] for variable in DASHBOARD["templating"]["list"]} == {"datasource", "namespace", "instance"}
    sources = {panel["datasource"]["uid"] for panel in _panels()}
    sources |= {target["datasource"]["uid"] for panel in _panels() for target in panel["targets"]}
    assert sources == {"${datasource}"}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for variable in DASHBOARD["templating"]["list"][1:]:
        name, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()  # type: ignore[union-attr]
        assert label in _metrics()[0][name].labels | OF_PROMETHEUS


def test_dashboard__has_no_panel_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        places = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not places & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= places


def test_dashboard__filters_by_the_namespace_wherever_there_is_one() -> None:
    told = _metrics()[0]
    for panel in _panels():
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "5m").replace("$__range", "1h")
            for selector in _selectors(promql_parser.parse(expression)):
                if "namespace" in told[selector.name].labels:
                    assert "$namespace" in {matcher.value for matcher in selector.matchers.matchers}, panel["title"]


def test_alerts__are_rules() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert rule["annotations"]["summary"]
            named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
            selectors = [each for each in _selectors(promql_parser.parse(rule["expr"])) if each.name != "up"]
            assert named <= (_labels(selectors) if selectors else OF_PROMETHEUS), rule["alert"]


def test_page__tells_every_metric_with_its_labels_and_no_other() -> None:
    told, families = _metrics()
    rows = tables(section(OBSERVABILITY, "Metrics"))
    listed: dict[str, set[str]] = {}
    for row in rows:
        names = {name for name in code(row[0]) if name.startswith("prompt_cache_")}
        for name in names:
            listed[name] = {label for label in code(row[1]) if re.fullmatch("[a-z_]+", label)}
    assert set(listed) == families
    for name, words in listed.items():
        samples = [sample for sample in told if sample.removesuffix("_count") == name or sample == name]
        labels = set().union(*(told[sample].labels for sample in samples))
        assert labels <= words, name


def test_page__tells_everything_that_traces_say() -> None:
    room = ROOT / "sidecar/prompt_cache"
    sources = [room / "observability/otel.py", *(room / "http").rglob("*.py")]
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    names = set(re.findall(r'"((?:prompt_cache|gen_ai)\.[a-z_.]+[a-z])"', text)) - {"prompt_cache.notes"}
    names -= {name for name in names if name.startswith(("prompt_cache.whole", "prompt_cache.paid", "gen_ai.token."))}
    assert {"prompt_cache.outcome", "gen_ai.request.model"} <= names
    assert names - code(section(OBSERVABILITY, "OpenTelemetry")) == set()


def test_page__shows_configurations_that_can_be_read() -> None:
    shown = [yaml.safe_load(block) for block in blocks(OBSERVABILITY, "yaml")]
    assert {"scrape_configs", "providers", "otel", "rule_files"} <= set().union(*shown)
    assert (ROOT / "docs/grafana").is_dir()
