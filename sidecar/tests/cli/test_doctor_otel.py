"""What `prompt-cache doctor` finds of the collector that traces and metrics are sent to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import prompt_cache.observability
from prompt_cache.cli.doctor import Finding, Situation
from prompt_cache.cli.doctor.files import permissions
from prompt_cache.cli.doctor.otel import otel as check
from prompt_cache.config.load import configured

from ..observability.collector import Collector

KEY = "swordfish"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


def found(endpoint: str) -> list[Finding]:
    config = configured({"otel": {"endpoint": endpoint, "headers": {"x-key": KEY}}})
    findings = list(check(Situation(config=config)))
    assert KEY not in str(findings)
    return findings


def test_otel__is_not_needed_and_a_variable_alone_may_be_meant_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert list(check(Situation(config=configured({})))) == []


def test_otel__is_sent_messages_without_content(collector: Collector) -> None:
    assert [(finding.state, finding.says.partition(";")[0]) for finding in found(collector.url)] == [
        ("ok", f"{collector.url}/v1/traces takes traces"),
        ("ok", f"{collector.url}/v1/metrics takes metrics"),
    ]
    assert (collector.spans, collector.metrics, collector.raw) == ([], {}, [b"", b""])
    assert [headers["x-key"] for headers in collector.headers] == [KEY, KEY]


def test_otel__is_away() -> None:
    findings = found("http://127.0.0.1:9")
    assert [finding.state for finding in findings] == ["mend", "mend"]
    assert "otel.endpoint" in findings[0].do


def test_otel__is_another_server(collector: Collector) -> None:
    collector.status = 404
    assert {finding.says.partition(" answers ")[2] for finding in found(collector.url)} == {"404"}
    collector.status = 401
    assert {finding.do for finding in found(collector.url)} == {"correct `otel.headers`"}


def test_otel__is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_cache.observability.otel", None)
    monkeypatch.delattr(prompt_cache.observability, "otel", raising=False)
    (finding,) = found("http://127.0.0.1:9")
    assert (finding.state, finding.do) == ("mend", "pip install 'prompt-cache-sidecar[otel]'")


def test_permissions__of_the_headers_are_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "headers"
    file.write_text("x-key: swordfish\n")
    tmp_path.chmod(0o755)
    file.chmod(0o644)
    config = configured({"otel": {"endpoint": "http://c", "headers_file": str(file)}, "store": "memory://"})
    assert config.otel is not None
    assert config.otel.headers == {"x-key": KEY}
    said = " ".join(finding.says for finding in permissions(Situation(config=config)))
    reachable = all(each.stat().st_mode & 1 for each in file.parents)
    assert (str(file) in said) == reachable
