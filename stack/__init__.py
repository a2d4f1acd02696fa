"""The real parts that Prompt Cache works with, installed once per user and run on loopback.

    from stack import DemoModel, N8n, Owner, Sidecar, node_package

    with (
        Sidecar(folder, env={"PROMPT_CACHE_STORE": "memory://"}) as sidecar,
        DemoModel(folder, delay=0.2) as model,
        N8n(folder / "n8n", packages=[node_package()]) as n8n,
    ):
        client = n8n.client()
        client.set_up_owner(Owner.generate())
        credential = client.create_credential("OpenAI (demo)", "openAiApi", {"apiKey": "x", "url": f"{model.url}/v1"})
        workflow = client.create_workflow(exported, credentials={"OpenAI (demo)": credential})
        client.activate(workflow["id"])
        answer = client.webhook("ask", {"question": "..."})
        execution = client.run(workflow["id"], trigger="When clicking ‘Execute workflow’")
        print(output_items(execution, "Look Up", output=1), model.calls())

So are `Redis` (7 and 8), `RedisCluster` and `Postgres`. Every part is a context manager with `start`, `stop`, `kill`,
`restart`, `pause` and `resume` (the cluster's nodes each), has `url`, `port` and `log`, and takes a free port unless
given one. From the shell: `python3 -m stack --help`.
"""

from .community_package import node_package
from .n8n import N8n
from .n8n_client import N8nClient, Owner, output_items
from .postgres import Postgres
from .processes import Process, free_port
from .progress import Failure
from .redis import Redis, RedisCluster
from .sidecar import DemoModel, Sidecar

__all__ = [
    "DemoModel",
    "Failure",
    "N8n",
    "N8nClient",
    "Owner",
    "Postgres",
    "Process",
    "Redis",
    "RedisCluster",
    "Sidecar",
    "free_port",
    "node_package",
    "output_items",
]
