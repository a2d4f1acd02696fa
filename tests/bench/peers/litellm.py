"""LiteLLM's proxy with its local cache, in front of a model that it makes up itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack import Process, free_port
from stack.web import answers

from .peer import Exchanges, Filled, OneProcessOnly, fill_by_asking, python_with

_VERSION = "1.106.12"
_MODEL = "gpt-4o"
_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # or it is fetched
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "DISABLE_ADMIN_UI": "True",
}


@contextmanager
def serve(folder: Path, workers: int, exchanges: Exchanges) -> Iterator[Filled]:
    if workers > 1:
        raise OneProcessOnly
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = folder / "litellm.yaml"
    config.write_text(json.dumps(_config(exchanges.answer)))
    options = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    program = "from litellm import run_server; run_server()"
    with Process(
        f"LiteLLM's proxy on port {port}",
        [python_with("litellm", _VERSION, f"litellm[proxy]=={_VERSION}"), "-c", program, *options],
        log=folder / "litellm.log",
        ready=lambda: answers(f"{url}/health/liveliness"),
        env=_ENVIRONMENT,
        cwd=folder,
        timeout=180,
    ):
        asked = [{"model": _MODEL, "messages": [{"role": "user", "content": text}]} for text in exchanges.prompts]
        yield fill_by_asking(url, [("/v1/chat/completions", body) for body in asked])


def _config(answer: str) -> dict[str, Any]:
    model = {"model": f"openai/{_MODEL}", "api_key": "none", "mock_response": answer}
    return {
        "model_list": [{"model_name": _MODEL, "litellm_params": model}],
        "litellm_settings": {"cache": True, "cache_params": {"type": "local", "ttl": 86400}, "telemetry": False},
        "general_settings": {
            "dangerously_permit_weak_or_unset_master_key": True
        },  # loopback, as the sidecar without a token
    }
