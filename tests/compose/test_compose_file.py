"""What `docker compose up` would start, as Docker Compose itself reads the file."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prompt_cache.config import ENVIRONMENT, Upstream, load, upstreams
from stack import DemoModel, versions
from stack.docker_compose import resolved
from stack.n8n import n8n_program
from stack.paths import REPOSITORY, WORKFLOWS
from stack.processes import free_port

from .dockerfile import Stage

COMPOSE_FILE = REPOSITORY / "docker-compose.yml"
TOKEN_FILE = "/secrets/token"


def _environment(**settings: str) -> dict[str, dict[str, str | None]]:
    services = json.loads(resolved(COMPOSE_FILE, settings))["services"]
    return {name: service.get("environment", {}) for name, service in services.items()}


def test_only_n8n_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    published = {
        name: [(port.get("host_ip"), port["published"]) for port in service.get("ports", [])]
        for name, service in compose["services"].items()
    }
    assert {name: ports for name, ports in published.items() if ports} == {
        "n8n": [(None, "5678")],
        "sidecar": [("127.0.0.1", "8787")],
    }


def test_published_ports_can_be_chosen() -> None:
    services = json.loads(resolved(COMPOSE_FILE, {"N8N_PORT": "1111", "SIDECAR_PORT": "2222"}))["services"]
    assert [services[name]["ports"][0]["published"] for name in ("n8n", "sidecar")] == ["1111", "2222"]


def test_every_long_running_service_has_a_health_check(compose: dict[str, Any], sidecar_stages: list[Stage]) -> None:
    without = {
        name
        for name, service in compose["services"].items()
        if "healthcheck" not in service and service.get("restart") != "no"
    }
    assert without == {"sidecar"}
    assert sidecar_stages[-1].all("HEALTHCHECK")


def test_data_and_secrets_live_in_named_volumes(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", [])]
    assert {mount["type"] for mount in mounts} == {"volume"}
    assert {mount["source"] for mount in mounts} == set(compose["volumes"]) == {"n8n", "redis", "secrets"}
    writers = [
        name
        for name, service in compose["services"].items()
        for mount in service.get("volumes", [])
        if mount["source"] == "secrets" and not mount.get("read_only")
    ]
    assert writers == ["token"]


def test_build_contexts_and_images(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        if "build" in service:
            assert (Path(service["build"]["context"]) / service["build"]["dockerfile"]).is_file()
        else:
            assert service["image"] == versions.REDIS_IMAGE


def test_addresses_name_services_and_the_ports_they_listen_on(
    compose: dict[str, Any], sidecar_stages: list[Stage]
) -> None:
    listening = {
        "sidecar": sidecar_stages[-1].environment()["PROMPT_CACHE_LISTEN"].rpartition(":")[2],
        "demo-model": compose["services"]["demo-model"]["command"][2].rpartition(":")[2],
        "redis": "6379",
    }
    for name, service in compose["services"].items():
        for value in (service.get("environment") or {}).values():
            if value and "://" in value:
                address = urlsplit(value)
                assert str(address.port) == listening[str(address.hostname)], (name, value)


def test_variables_of_the_sidecar_exist(compose: dict[str, Any], sidecar_stages: list[Stage]) -> None:
    named = {*compose["services"]["sidecar"]["environment"], *sidecar_stages[-1].environment()}
    named = {
        name for name in named if not re.fullmatch(r"PROMPT_CACHE_UPSTREAM_(DEMO|OPENAI)_(URL|KEY|PROTOCOL)", name)
    }
    assert {name for name in named if name.startswith("PROMPT_CACHE_")} <= set(ENVIRONMENT)


def test_the_proxy_has_the_demo_model_and_openai_with_its_key() -> None:
    def upstreams_of(**given: str) -> dict[str, Upstream]:
        environment = {name: value or "" for name, value in _environment(**given)["sidecar"].items()}
        return upstreams(load(None, {**environment, "PROMPT_CACHE_TOKEN_FILE": ""}))

    plain, with_key = upstreams_of(), upstreams_of(OPENAI_API_KEY="k", OPENAI_BASE_URL="http://ollama/v1")
    assert (plain["demo"].url, plain["demo"].key) == ("http://demo-model:8788/v1", "demo")
    assert (plain["openai"].url, plain["openai"].key) == ("https://api.openai.com/v1", None)
    assert (with_key["openai"].url, with_key["openai"].key) == ("http://ollama/v1", "k")


def test_variables_of_n8n_exist(compose: dict[str, Any]) -> None:
    image_reads = WORKFLOWS.joinpath("import.mjs").read_text() + (REPOSITORY / "n8n-node/docker/start.sh").read_text()
    config = n8n_program().parents[2] / "@n8n/config/dist"
    n8n_reads = "\n".join(file.read_text() for file in config.rglob("*.js"))
    for name in compose["services"]["n8n"]["environment"]:
        assert re.search(rf"\b{name}\b", n8n_reads if name.startswith("N8N_") else image_reads), name


def test_a_key_or_an_address_chooses_the_model() -> None:
    assert _environment()["n8n"]["MODEL_URL"] == ""
    with_key = _environment(OPENAI_API_KEY="k")["n8n"]
    assert (with_key["MODEL_URL"], with_key["MODEL_KEY"]) == ("https://api.openai.com/v1", "k")
    compatible = _environment(OPENAI_BASE_URL="http://ollama/v1")["n8n"]
    assert (compatible["MODEL_URL"], compatible["MODEL_KEY"]) == ("http://ollama/v1", "demo")


def test_a_token_is_made_once_or_taken_as_given(compose: dict[str, Any], tmp_path: Path) -> None:
    service = compose["services"]["token"]
    script = service["command"][0]
    assert service["entrypoint"] == ["python", "-c"]
    assert TOKEN_FILE in script
    file = tmp_path / "token"

    def start(given: str) -> str:
        code = script.replace(TOKEN_FILE, str(file))
        subprocess.run([sys.executable, "-c", code], env={"PROMPT_CACHE_TOKEN": given}, check=True)
        return file.read_text()

    made = start("")
    assert len(made) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert start("") == made
    assert start("mine") == "mine"
    given = {"PROMPT_CACHE_TOKEN": "mine"}
    assert _environment(**given)["token"] == given
    for reader in ("n8n", "sidecar"):
        assert TOKEN_FILE in compose["services"][reader]["environment"].values()


def test_the_demo_model_starts_and_its_health_check_tells(compose: dict[str, Any], tmp_path: Path) -> None:
    service = compose["services"]["demo-model"]
    port = free_port()
    model = DemoModel(tmp_path, port=port)
    model.command = [
        model.command[0],
        *(word.replace("0.0.0.0:8788", f"127.0.0.1:{port}") for word in service["command"]),
    ]
    check = [word.replace("8788", str(port)) for word in service["healthcheck"]["test"][1:]]
    environment = {**os.environ, "PATH": f"{Path(model.command[0]).parent}{os.pathsep}{os.environ['PATH']}"}

    def healthy() -> bool:
        return subprocess.run(check, env=environment, stderr=subprocess.DEVNULL, check=False).returncode == 0

    assert not healthy()
    with model:
        assert healthy()
