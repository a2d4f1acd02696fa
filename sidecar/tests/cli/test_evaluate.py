"""`prompt-cache evaluate` and `calibrate`, as one sees them from a shell, with vectors that are known."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml

from prompt_cache.cli.main import main
from prompt_cache.config import Config
from prompt_cache.semantic.embedders.base import Embedded, Embedder, EmbedderUnavailable
from prompt_cache.service import evaluating

PAIRS = [
    {"a": "How do I cancel?", "b": "Please, how do I cancel?", "same": True},
    {"a": "Who wrote Faust?", "b": "Please, who wrote Faust?", "same": True, "kind": "far"},
    {"a": "Is 30 days enough?", "b": "Is 60 days enough?", "same": False, "kind": "number", "lang": "en"},
]
SIMILAR = {"please how do i cancel": 0.8, "please who wrote faust": 0.4, "is 60 days enough": 0.9}


class Angles(Embedder):
    """The second text of each pair has a similarity of its own to all others, or 0.85 where it says `was`."""

    name = "angles"
    threshold: float | None = 0.6
    away = False
    closed = False

    def embed(self, texts: Sequence[str]) -> Embedded:
        if self.away:
            raise EmbedderUnavailable("it cannot be reached")
        cosines = [
            SIMILAR.get(text.rstrip("?").lower().replace(",", ""), 0.85 if "Was" in text else 1.0) for text in texts
        ]
        return Embedded([np.array([each, math.sqrt(1 - each**2)], dtype="<f4").tobytes() for each in cosines])

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Angles:
    monkeypatch.chdir(tmp_path)
    embedder = Angles()

    def opened(config: Config, *_: Any, **__: Any) -> Embedder | None:
        return embedder if config.embedder else None

    monkeypatch.setattr(evaluating, "open_embedder", opened)
    monkeypatch.setenv("PROMPT_CACHE_EMBEDDER", "local")
    _write(PAIRS)
    return embedder


def _write(pairs: Sequence[object]) -> None:
    Path("pairs.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, pairs)))


def _evaluated(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert main(["evaluate", "pairs.jsonl", "--json", *options]) == 0
    told: dict[str, Any] = msgspec.json.decode(capsys.readouterr().out)
    return told


def _served(told: dict[str, Any]) -> tuple[int, int, int, int]:
    names = ("positives", "negatives", "served_positives", "served_negatives")
    return tuple(told[name] for name in names)


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def test_evaluate__json_begins_with_the_counts_at_the_default_settings(
    embedder: Angles, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _evaluated(capsys)
    assert list(told)[:4] == ["positives", "negatives", "served_positives", "served_negatives"]
    assert _served(told) == (2, 1, 1, 0)
    assert (_served(told["cosine"]), told["threshold"]) == ((2, 1, 1, 1), 0.6)
    assert embedder.closed


def test_evaluate__options_change_what_serves(capsys: pytest.CaptureFixture[str]) -> None:
    assert _served(_evaluated(capsys, "--no-guards")) == (2, 1, 1, 1)
    assert _served(_evaluated(capsys, "--threshold", "0.3")) == (2, 1, 2, 0)
    assert _served(_evaluated(capsys, "--threshold", "0.3", "--no-guards")) == (2, 1, 2, 1)
    assert _served(_evaluated(capsys, "--threshold", "0.85")) == (2, 1, 0, 0)


def test_evaluate__without_a_guard_that_one_no_longer_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    told = _evaluated(capsys, "--without-guard", "numbers")
    assert "numbers" not in told["guards"]
    assert {each["guard"] for each in _evaluated(capsys)["refused_by"] if each["negatives"]} == {"numbers"}
    assert {each["guard"] for each in told["refused_by"] if each["negatives"]} != {"numbers"}


def test_evaluate__the_rules_of_the_namespace_hold(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.yaml").write_text(
        "masks: {play: 'Faust|Tasso'}\n"
        "namespaces: {faq: {match: semantic, threshold: 0.95, guards: {numbers: false}, normalize: ['mask:play']}}"
    )
    _write([{"a": "Who wrote Faust?", "b": "Who wrote Tasso?", "same": True}, *PAIRS])
    told = _evaluated(capsys, "--config", "c.yaml", "--namespace", "faq")
    assert (told["threshold"], "numbers" in told["guards"]) == (0.95, False)
    assert _served(told) == (3, 1, 2, 0)  # the first is one question under the mask


def test_evaluate__prints_a_table_and_draws_a_chart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "pairs.jsonl", "--svg", "chart.svg"]) == 0
    out = capsys.readouterr().out
    assert "2 pairs that one answer serves, 1 that need different answers; embedder angles" in out
    assert Path("chart.svg").read_text().startswith("<svg")


def test_evaluate__reads_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("pairs.jsonl").open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert main(["evaluate", "-", "--json"]) == 0
    assert _served(msgspec.json.decode(capsys.readouterr().out)) == (2, 1, 1, 0)


def test_evaluate__bad_lines_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pairs.jsonl").write_text('{"a": "x", "b": "y"}\nnonsense\n')
    said = _said(capsys, "evaluate", "pairs.jsonl")
    assert "pairs.jsonl, line 1: `same` must be true" in said
    assert "pairs.jsonl, line 2: is not JSON" in said


def test_evaluate__a_talk_that_cannot_be_asked_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    _write([{"a": "x", "b": "y", "same": True}, {"a": [{"content": "x"}], "b": "y", "same": True}])
    assert "line 2: `a`: each message needs a `role`" in _said(capsys, "evaluate", "pairs.jsonl")


def test_evaluate__says_what_is_missing(embedder: Angles, capsys: pytest.CaptureFixture[str]) -> None:
    embedder.threshold = None
    assert "give --threshold; `calibrate` finds one" in _said(capsys, "evaluate", "pairs.jsonl")
    embedder.away = True
    assert "embedder: angles: it cannot be reached" in _said(capsys, "evaluate", "pairs.jsonl")
    assert "--embedder: 'x' is none that is known: give `local`" in _said(
        capsys, "evaluate", "pairs.jsonl", "--embedder", "x"
    )
    assert "there is no such guard" in _said(capsys, "evaluate", "pairs.jsonl", "--without-guard", "x")
    assert "a namespace is 1 to 64" in _said(capsys, "evaluate", "pairs.jsonl", "--namespace", "a b")
    assert "there is no such file" in _said(capsys, "evaluate", "none.jsonl")
    assert "make it first" in _said(capsys, "evaluate", "pairs.jsonl", "--svg", "none/a.svg")


def test_without_any_embedder__the_local_one_is_taken_and_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMPT_CACHE_EMBEDDER")
    assert "embedder: local\n" in _calibrated(capsys, 1)


def _calibrated(capsys: pytest.CaptureFixture[str], status: int, *options: str) -> str:
    assert main(["calibrate", "pairs.jsonl", *options]) == status
    return capsys.readouterr().out


def test_calibrate__finds_a_threshold_and_says_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    _write([PAIRS[0]] + [{"a": f"Is it {at}?", "b": f"Was it {at}?", "same": False} for at in range(60)])
    out = _calibrated(capsys, 0, "--max-error", "0.05", "--namespace", "faq", "--no-guards")
    assert "at most 4.9% of pairs that need different answers" in out
    written = yaml.safe_load(out[out.index("namespaces:") :])
    rules = written["namespaces"]["faq"]
    assert (rules["match"], rules["threshold"], set(rules["guards"].values())) == ("semantic", 0.99, {False})
    assert yaml.safe_load(_calibrated(capsys, 0, "--max-error", "0.05").split("\n\n")[-1]) == {
        "defaults": {"match": "semantic", "threshold": 0.8}
    }


def test_calibrate__what_it_says_to_write_is_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    out = _calibrated(capsys, 1, "--embedder", "local", "--without-guard", "entities")
    Path("c.yaml").write_text(out[out.index("embedder: local") :])
    assert main(["check-config", "--config", "c.yaml"]) == 0


def test_calibrate__too_few_pairs_promise_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    out = _calibrated(capsys, 1)
    assert "Too few pairs to promise 1%" in out
    assert "298 more that need different answers would do" in out


def test_calibrate__json_and_no_threshold_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    _write([{"a": f"Is it {at}?", "b": f"Is that {at}?", "same": False} for at in range(60)])
    told = msgspec.json.decode(_calibrated(capsys, 1, "--no-guards", "--json"))
    assert (told["threshold"], told["promised"], told["missing"]) == (None, False, None)
    assert "no threshold helps" in _calibrated(capsys, 1, "--no-guards")


def test_calibrate__an_error_that_nobody_can_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert "give a share above 0 and below 0.5" in _said(capsys, "calibrate", "pairs.jsonl", "--max-error", "0")
