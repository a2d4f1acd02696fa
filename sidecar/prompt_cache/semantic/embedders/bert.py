"""A BERT that embeds sentences, on this machine's CPU: read from its folder, run by CTranslate2."""

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import ctranslate2
import numpy as np
from ctranslate2.converters.utils import fuse_linear
from ctranslate2.specs.common_spec import Activation, EmbeddingsMerge, LinearSpec
from ctranslate2.specs.transformer_spec import TransformerEncoderModelSpec, TransformerEncoderSpec
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from .models import ModelFolder
from .vectors import unit_vectors

THREADS = 1
"""Of the processor: what embeds shall not starve what answers."""
_AT_ONCE = 2048
"""Tokens: more take memory, and no less time."""
_ACTIVATIONS = {"gelu": Activation.GELU, "gelu_new": Activation.GELUTanh, "relu": Activation.RELU}


class Bert:
    """Vectors as sentence-transformers makes them of the same folder. For one thread at a time."""

    def __init__(self, model: ModelFolder) -> None:
        """Raises OSError, ValueError, KeyError, RuntimeError where the folder holds no such model."""
        self._tokenizer = Tokenizer.from_file(str(model.path / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.longest)
        self._pools_first = model.pools_first
        with tempfile.TemporaryDirectory() as folder:  # which CTranslate2 reads its own format from
            _converted(model, self._tokenizer).save(folder)
            self._encoder = ctranslate2.Encoder(
                folder, device="cpu", compute_type="float32", inter_threads=1, intra_threads=THREADS
            )

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Little-endian float32, of length one. Raises ValueError, RuntimeError."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = [b""] * len(tokens)
        for chosen in _batches(tokens):
            for at, row in zip(chosen, self._rows([tokens[at] for at in chosen]), strict=True):
                vectors[at] = row.tobytes()
        return vectors

    def _rows(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        states = np.asarray(self._encoder.forward_batch(tokens).last_hidden_state)
        return unit_vectors(
            [
                state[0] if self._pools_first else state[: len(ids)].mean(axis=0)
                for state, ids in zip(states, tokens, strict=True)
            ]
        )


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Which go together: of about one length, since the shorter ones are filled up to the longest."""
    batch: list[int] = []
    for at in sorted(range(len(tokens)), key=lambda at: len(tokens[at])):
        if batch and (len(batch) + 1) * len(tokens[at]) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _converted(model: ModelFolder, tokenizer: Tokenizer) -> TransformerEncoderModelSpec:
    """The model in CTranslate2's terms, as its own converter has them; that one would need PyTorch."""
    config = model.config
    weights = _weights(model)
    encoder = TransformerEncoderSpec(
        config["num_hidden_layers"],
        config["num_attention_heads"],
        pre_norm=False,
        activation=_ACTIVATIONS[config["hidden_act"]],
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=EmbeddingsMerge.ADD,
    )

    def linear(spec: Any, name: str) -> Any:
        spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return spec

    def norm(spec: Any, name: str) -> None:
        spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]

    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = weights["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]
    norm(encoder.layernorm_embedding, "embeddings.LayerNorm")
    for at, layer in enumerate(encoder.layer):
        name = f"encoder.layer.{at}"
        parts = [linear(LinearSpec(), f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        fuse_linear(layer.self_attention.linear[0], parts)
        linear(layer.self_attention.linear[1], f"{name}.attention.output.dense")
        norm(layer.self_attention.layer_norm, f"{name}.attention.output.LayerNorm")
        linear(layer.ffn.linear_0, f"{name}.intermediate.dense")
        linear(layer.ffn.linear_1, f"{name}.output.dense")
        norm(layer.ffn.layer_norm, f"{name}.output.LayerNorm")
    spec = TransformerEncoderModelSpec(encoder)
    spec.config.layer_norm_epsilon = config["layer_norm_eps"]
    spec.config.unk_token = tokenizer.id_to_token(0)
    spec.register_vocabulary([tokenizer.id_to_token(at) or f"<{at}>" for at in range(spec.get_vocabulary_size())])
    spec.validate()
    spec.optimize()
    return spec


def _weights(model: ModelFolder) -> dict[str, NDArray[np.float32]]:
    found = load_file(model.weights)
    return {name.removeprefix("bert."): np.ascontiguousarray(each, dtype=np.float32) for name, each in found.items()}
