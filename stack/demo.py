"""`make up` and `make down`: the whole of Prompt Cache on this machine, for trying it."""

import json
import os
import re
import secrets
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from .community_package import node_package
from .dashboard import dashboard_script
from .forecast import forecast
from .n8n import N8n
from .n8n_client import N8nClient, Owner
from .node import require_npm
from .paths import STATE
from .processes import Process, port_is_taken
from .progress import Failure, say, step
from .python import venv
from .running import Registry
from .samples import import_samples, publish, put_into_folders, sample_workflows
from .sidecar import DemoModel, Sidecar
from .web import HttpError

_PORTS = {"N8N_PORT": 5678, "SIDECAR_PORT": 8787, "DEMO_MODEL_PORT": 8788}
_OPENAI = "https://api.openai.com/v1"
_DEMO_DELAY = 1.0
_UPSTREAM = "PROMPT_CACHE_UPSTREAM_OPENAI"
_EMBEDDER = "PROMPT_CACHE_EMBEDDER"
_CONFIG = "PROMPT_CACHE_CONFIG"
_SETTINGS = STATE / "config.yaml"


def up() -> None:
    """Install what is missing, start everything, tell where it is and serve until interrupted."""
    with Registry.only_one() as registry:
        if registry is None:
            say(f"Prompt Cache is already running: {Registry.address()} (`make down` stops it).")
            return
        registry.stop_leftovers()
        registry.begin()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            _Demo(registry).serve()
        except KeyboardInterrupt:
            say("\nStopped; `make up` starts it again where it was.")
        finally:
            registry.forget()


class _Demo:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._ports = {name: _port(name, default) for name, default in _PORTS.items()}
        self._real_model = bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))
        if self._real_model:
            del self._ports["DEMO_MODEL_PORT"]

    def serve(self) -> None:
        self._check_machine()
        say(forecast())
        with ExitStack() as running:
            parts = self._start(running)
            while all(part.running for part in parts):
                time.sleep(0.5)
            ended = next(part for part in parts if not part.running)
            raise Failure(f"{ended.tail()}\n{ended.name} has ended, so everything stops; its log is {ended.log}")

    def _check_machine(self) -> None:
        require_npm()
        for name, port in self._ports.items():
            if port_is_taken(port):
                raise Failure(f"Port {port} is taken: stop what uses it, or choose another: {name}=<port> make up")

    def _start(self, running: ExitStack) -> list[Process]:
        venv("local")
        dashboard_script()
        services = self._services()
        n8n = N8n(STATE / "n8n", port=self._ports["N8N_PORT"], packages=[node_package()])
        new = import_samples(n8n, services)
        parts: list[Process] = [self._sidecar(services), n8n]
        if "DEMO_MODEL_PORT" in self._ports:
            parts.append(DemoModel(STATE, port=self._ports["DEMO_MODEL_PORT"], delay=_DEMO_DELAY))
        with step("Start n8n, the cache server and the model"):
            for part in parts:
                running.callback(part.stop)
                part.launch()
                self._registry.add(part)
            for part in parts:
                part.wait_until_ready()
        owner = self._sign_in(n8n.client(), new)
        self._registry.announce(n8n.url)
        self._greet(n8n, services, owner)
        return parts

    def _services(self) -> dict[str, str]:
        model = os.environ.get("OPENAI_BASE_URL") or _OPENAI
        if not self._real_model:
            model = f"http://127.0.0.1:{self._ports['DEMO_MODEL_PORT']}/v1"
        return {
            "SIDECAR_URL": f"http://127.0.0.1:{self._ports['SIDECAR_PORT']}",
            "SIDECAR_TOKEN": _token(),
            "MODEL_URL": model,
            "MODEL_KEY": os.environ.get("OPENAI_API_KEY") or "demo",
        }

    def _sidecar(self, services: dict[str, str]) -> Sidecar:
        settings = {"PROMPT_CACHE_STORE": f"sqlite:///{STATE / 'cache.db'}", **sidecar_settings(os.environ, services)}
        return Sidecar(STATE, port=self._ports["SIDECAR_PORT"], token=services["SIDECAR_TOKEN"], env=settings)

    def _sign_in(self, client: N8nClient, new: list[str]) -> Owner | None:
        """Publish what is new as the local owner; None when that account is no longer as it was made."""
        file = STATE / "owner.json"
        first = client.needs_owner()
        if first and not file.exists():
            _write_secret(file.name, json.dumps(asdict(Owner.generate())))
        if not file.exists():
            return None
        owner = Owner(**json.loads(file.read_text()))
        try:
            if first:
                client.set_up_owner(owner)
            else:
                client.sign_in(owner)
        except HttpError:
            return None
        if new:
            put_into_folders(client, new)
        publish(client, new)
        return owner

    def _greet(self, n8n: N8n, services: dict[str, str], owner: Owner | None) -> None:
        first = next(iter(sample_workflows()), None)
        address = f"{n8n.url}/workflow/{first['id']}" if first else n8n.url
        account = f"{owner.email}  password {owner.password}" if owner else "the account you made in this n8n"
        model = (
            services["MODEL_URL"]
            if self._real_model
            else "the demo model, which needs no key (set OPENAI_API_KEY for the real one)"
        )
        say(
            f"""
Prompt Cache is running.

  Open          {address}
  Sign in       {account}
  Click         "Execute workflow" twice: the first run asks the model, the second is answered by the cache.

  Dashboard     {services["SIDECAR_URL"]}  (what was saved; sign in with the token)
  Token         {services["SIDECAR_TOKEN"]}
  Cache server  {services["SIDECAR_URL"]}  (the same token)
  Proxy         {services["SIDECAR_URL"]}/openai/v1  (base URL for any OpenAI client; its API key is that token)
  Settings      {_SETTINGS}  (yours to make, for budgets, prices, masks; `make down` and `make up` take them up)
  Model         {model}
  Logs          {STATE}

Ctrl-C, or `make down` in another terminal, stops it all."""
        )


def sidecar_settings(
    environment: Mapping[str, str], services: Mapping[str, str], file: Path = _SETTINGS
) -> dict[str, str]:
    """The user's own PROMPT_CACHE_* settings, but the address and the token, which are what n8n is told.

    The proxy asks the same model as n8n with the same key, so that its callers need the token alone. Texts are
    embedded on this machine. What `file` says about either, where there is one and no other is named, goes before that.
    """
    settings = {name: value for name, value in environment.items() if name.startswith("PROMPT_CACHE_")}
    for name in ("PROMPT_CACHE_LISTEN", "PROMPT_CACHE_TOKEN", "PROMPT_CACHE_TOKEN_FILE"):
        settings.pop(name, None)
    said = set[str]()
    if _CONFIG in settings:
        said = {"upstreams", "embedder"}
        # The cache server starts in a folder of its own.
        settings[_CONFIG] = str(Path(settings[_CONFIG]).absolute())
    elif file.exists():
        said = set(re.findall(r"^(\w+):", file.read_text(), re.MULTILINE))
        settings[_CONFIG] = str(file)
    if "upstreams" not in said and not any(
        name.startswith(("PROMPT_CACHE_UPSTREAMS", f"{_UPSTREAM}_")) for name in settings
    ):
        settings |= {f"{_UPSTREAM}_URL": services["MODEL_URL"], f"{_UPSTREAM}_KEY": services["MODEL_KEY"]}
    if "embedder" not in said:
        settings.setdefault(_EMBEDDER, "local")
    return settings


def down() -> None:
    """Stop what `up` started, wherever it runs, and what an `up` that was killed has left behind."""
    with Registry.only_one() as registry:
        if registry is not None:
            say("Stopped what was left." if registry.stop_leftovers() else "Nothing is running.")
            return
    Registry.stop_up()
    say("Stopped.")


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _port(name: str, default: int) -> int:
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Failure(f"{name} is {given!r}: give a port number, such as {default}.")
    return int(given)


def _token() -> str:
    file = STATE / "token"
    if not file.exists():
        _write_secret("token", secrets.token_urlsafe(32))
    return file.read_text().strip()


def _write_secret(name: str, text: str) -> None:
    STATE.mkdir(exist_ok=True)
    partial = STATE / f"{name}.partial"
    partial.touch(mode=0o600)
    partial.write_text(text + "\n")
    partial.rename(STATE / name)
