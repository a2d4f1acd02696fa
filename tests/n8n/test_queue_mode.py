"""Queue mode: a server takes the webhook, a worker runs the workflow, and the cache serves both."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stack import DemoModel, N8n, Postgres, Redis, Sidecar, node_package

from .conftest import TOKEN, Rig
from .flows import Flow
from .questions import assert_answers, questions, statuses


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("queue")
    with (
        Redis(folder, major=8) as redis,
        Postgres(folder) as postgres,
        Sidecar(folder, env={"PROMPT_CACHE_STORE": redis.url}, token=TOKEN) as sidecar,
        DemoModel(folder) as model,
    ):
        database = urlsplit(postgres.url)
        env = {
            "EXECUTIONS_MODE": "queue",
            "N8N_ENCRYPTION_KEY": "a key that server and worker share",
            "QUEUE_BULL_REDIS_HOST": "127.0.0.1",
            "QUEUE_BULL_REDIS_PORT": str(redis.port),
            "QUEUE_HEALTH_CHECK_ACTIVE": "true",
            "DB_TYPE": "postgresdb",
            "DB_POSTGRESDB_HOST": database.hostname or "",
            "DB_POSTGRESDB_PORT": str(database.port),
            "DB_POSTGRESDB_USER": database.username or "",
            "DB_POSTGRESDB_DATABASE": database.path.strip("/"),
        }
        packages = [node_package()]
        with (
            N8n(folder / "main", packages=packages, env=env) as server,
            N8n(folder / "worker", packages=packages, env=env, worker=True) as worker,
        ):
            rig = Rig(server, sidecar, model)
            yield rig
            assert worker.running


def test_queue_mode__the_second_run_on_a_worker_makes_no_model_call(queue: Rig) -> None:
    flow = Flow("Cached chain in a queue").webhook().look_up().chain().store()
    flow.set("Answer", {"id": "={{ $('Question').item.json.id }}"})
    flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)
    workflow = queue.publish(flow)
    asked = questions(12, distinct=4)

    first = workflow.ask(asked)
    assert queue.calls() == 4
    assert_answers(first, asked)

    second = workflow.ask(asked)
    assert queue.calls() == 4
    assert_answers(second, asked)
    assert statuses(second) == ["hit"] * 12
    assert workflow.last_execution()["mode"] == "webhook"
