"""The sidecar and the demo model as real processes on loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .processes import Process, free_port
from .python import venv
from .web import HttpClient, answers


class Sidecar(Process):
    """`prompt-cache serve`, or another command that serves, on loopback, configured by `env` (`PROMPT_CACHE_STORE`)."""

    def __init__(
        self,
        folder: Path,
        *command: str,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = token
        settings = {"PROMPT_CACHE_LISTEN": f"127.0.0.1:{self.port}"}
        if token:
            settings["PROMPT_CACHE_TOKEN"] = token
        super().__init__(
            f"The sidecar on port {self.port}",
            [venv() / "prompt-cache", *(command or ("serve",))],
            log=folder / f"sidecar-{self.port}.log",
            ready=lambda: answers(f"{self.url}/readyz"),
            env={**settings, **(env or {})},
            cwd=folder,
        )

    def client(self) -> HttpClient:
        """A JSON client that sends the token."""
        return HttpClient(self.url, {"Authorization": f"Bearer {self.token}"} if self.token else {})


class DemoModel(Process):
    """The OpenAI-compatible demo model; `delay` is the seconds each answer takes."""

    def __init__(self, folder: Path, *, port: int | None = None, delay: float = 0.0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(
            f"The demo model on port {self.port}",
            [
                venv() / "prompt-cache",
                "demo-model",
                "--listen",
                f"127.0.0.1:{self.port}",
                "--delay",
                str(delay),
            ],
            log=folder / f"demo-model-{self.port}.log",
            ready=lambda: answers(f"{self.url}/calls"),
            cwd=folder,
        )

    def calls(self) -> int:
        """How many answers it has given since the last reset."""
        return int(HttpClient(self.url).get("/calls")["calls"])

    def reset(self) -> None:
        HttpClient(self.url).post("/calls/reset")

    @contextmanager
    def takes(self, seconds: float) -> Iterator[None]:
        """Let each answer take its time."""
        client = HttpClient(self.url)
        client.post("/delay", {"seconds": seconds})
        try:
            yield
        finally:
            client.post("/delay", {"seconds": 0})
