"""What `prompt-cache doctor` finds of the model that verifies."""

from typing import Any

import pytest

from prompt_cache.cli.doctor import Finding, Situation
from prompt_cache.cli.doctor.verifier import verifier as check
from prompt_cache.config import Config
from prompt_cache.config.schema import VerifierSettings
from prompt_cache.semantic.verifier import Verified, VerifierUnavailable

KEY = "sk-swordfish"
URL = "http://127.0.0.1:9/v1"


def found(url: str = URL) -> list[Finding]:
    findings = list(check(Situation(config=Config(verifier=VerifierSettings(url=url, model="m", key=KEY)))))
    assert KEY not in str(findings)
    return findings


def replies(monkeypatch: pytest.MonkeyPatch, said: Verified | Exception) -> None:
    def questions(*_: Any) -> Verified:
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr("prompt_cache.semantic.verifier.Verifier.questions", questions)


def test_verifier__is_not_needed() -> None:
    assert list(check(Situation(config=Config()))) == []


def test_verifier__is_asked_about_two_wordings(monkeypatch: pytest.MonkeyPatch) -> None:
    replies(monkeypatch, Verified(same=True))
    (finding,) = found()
    assert finding.state == "ok"
    assert finding.says.startswith(f"m at {URL} finds two wordings the same")


def test_verifier__does_not_answer_as_it_has_to(monkeypatch: pytest.MonkeyPatch) -> None:
    replies(monkeypatch, Verified(same=False))
    (finding,) = found()
    assert finding.state == "mend"
    assert "use a model that follows instructions" in finding.do


def test_verifier__is_away() -> None:
    (finding,) = found()
    assert (finding.state, finding.says) == ("mend", f"m at {URL}: ConnectionError")


def test_verifier__refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    replies(monkeypatch, VerifierUnavailable("HTTP 401"))
    (finding,) = found()
    assert finding.says == f"m at {URL}: HTTP 401"


def test_verifier__is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.service.verifier.find_spec", lambda _: None)
    (finding,) = found()
    assert (finding.says, finding.do) == (
        "needs what is not installed",
        "pip install 'prompt-cache-sidecar[semantic]'",
    )


@pytest.mark.parametrize(("url", "others"), [("http://llm.example.com/v1", 1), ("https://llm.example.com/v1", 0)])
def test_verifier__whose_key_could_be_read_on_its_way(monkeypatch: pytest.MonkeyPatch, url: str, others: int) -> None:
    replies(monkeypatch, Verified(same=True))
    findings = found(url)
    assert [finding.state for finding in findings] == ["ok"] + ["advice"] * others
