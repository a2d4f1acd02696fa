"""Images without Docker: buildah builds a Dockerfile, and runs what comes of it, on a base made of Debian's packages.

Where no registry of images is at hand, a stand-in takes the place and the name of each base: the same Debian release
with its own Python of the same version, and with the pinned Node beside it. It needs root and, like a container
engine, the right to mount.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import versions
from .debian import mirror
from .installation import installed, run
from .node import node_home, require_npm
from .paths import REPOSITORY
from .processes import Process, free_port
from .progress import say, step
from .web import HttpClient, answers

_TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
_TOOLS = ("buildah", "debootstrap")
_INCLUDED = "python3,python3-venv,ca-certificates"
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = {"BUILDAH_ISOLATION": "chroot"}
_NODE = "/usr/local"


def images_can_be_built() -> bool:
    """Whether this user may do what it takes."""
    if os.geteuid() != 0 or not (shutil.which("apt-get") and shutil.which("unshare")):
        return False
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def image_tools() -> None:
    """Install what builds images, and the base that they stand on, where that can be done at all."""
    if not images_can_be_built():
        say("  The tests of the image are passed over: they take Debian, root, and the right to mount.")
        return
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        with step("Install " + " and ".join(missing)):
            run(["apt-get", "update", "-qq"])
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing])
    python_base()


def python_base() -> Path:
    """The root folder of the stand-in for Python's image, made on first use."""
    release = versions.DEBIAN_PYTHON

    def build(target: Path) -> None:
        root = target / "root"
        run(["debootstrap", "--variant=minbase", f"--include={_INCLUDED}", release, root, mirror()])
        (root / "usr/bin/python").symlink_to("python3")
        shutil.rmtree(root / "var/cache/apt")
        shutil.rmtree(root / "var/lib/apt/lists")

    return installed(f"image-base-{release}", "the base of the images", build) / "root"


class Images:
    """A place of its own in which images are built and run."""

    def __init__(self, folder: Path) -> None:
        image_tools()
        storage = ["--root", folder / "storage", "--runroot", folder / "run", "--storage-driver", "vfs"]
        self._buildah = ["buildah", *map(str, storage)]
        self._call("from", "--name", "base", "scratch")
        self._call("copy", "--quiet", "base", str(python_base()), "/")
        self._call("config", "--env", f"PATH={_PATH}", "base")
        self._call("commit", "--quiet", "base", f"docker.io/library/{versions.PYTHON_IMAGE}")
        self._call("copy", "--quiet", "base", str(node_home() / "bin/node"), f"{_NODE}/bin/node")
        npm = Path(require_npm()).resolve().parents[1]
        self._call("copy", "--quiet", "base", str(npm), f"{_NODE}/lib/node_modules/npm")
        self._call("run", "base", "--", "ln", "-s", "../lib/node_modules/npm/bin/npm-cli.js", f"{_NODE}/bin/npm")
        if _TRUSTED.exists():  # Node has certificates of its own, and asks no system for others
            self._call("config", "--env", f"NODE_EXTRA_CA_CERTS={_TRUSTED}", "base")
        self._call("commit", "--quiet", "--rm", "base", f"docker.io/library/{versions.NODE_IMAGE}")

    def build(self, dockerfile: str, name: str) -> "Image":
        """The image of a Dockerfile of the repository."""
        trusted = ["--volume", f"{_TRUSTED}:{_TRUSTED}:ro"] if _TRUSTED.exists() else []
        options = ["--pull-never", "--network", "host", "--format", "docker", *trusted]
        self._call("build", *options, "--file", str(REPOSITORY / dockerfile), "--tag", name, str(REPOSITORY))
        return Image(self, f"localhost/{name}")

    def container(self, image: str) -> str:
        """Make a container of an image; returns its name."""
        return self._call("from", "--pull-never", image).strip()

    def command(self, *words: str) -> list[str]:
        return [*self._buildah, *words]

    def config(self, image: str) -> dict[str, Any]:
        """What the image says of itself, as Docker has it."""
        return dict(json.loads(self._call("inspect", "--type", "image", image))["Docker"]["config"])

    def _call(self, *words: str) -> str:
        return run(self.command(*words), env=_ENVIRONMENT)


class Image:
    """A built image."""

    def __init__(self, images: Images, name: str) -> None:
        self._images = images
        self._name = name
        self.config = images.config(name)
        self.container = images.container(name)

    def run(self, *words: str) -> str:
        """What a command prints in the container, as the image's own user. Raises Failure when it fails."""
        return run(self._images.command("run", self.container, "--", *words), env=_ENVIRONMENT)

    def serving(self, folder: Path, *, token: str) -> "ServingImage":
        """What the image starts by itself, on a port of loopback."""
        return ServingImage(folder, self, token)

    def started(self, env: Mapping[str, str]) -> Sequence[str]:
        """The command line of what the image starts by itself, with settings over its own."""
        settings = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
        words = [*self.config["Entrypoint"], *self.config["Cmd"]]
        return self._images.command("run", *settings, self.container, "--", *words)


class ServingImage(Process):
    """The sidecar's image at work; a context manager."""

    def __init__(self, folder: Path, image: Image, token: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = token
        settings = {"PROMPT_CACHE_LISTEN": f"127.0.0.1:{self.port}", "PROMPT_CACHE_TOKEN": token}
        super().__init__(
            f"The sidecar's image on port {self.port}",
            image.started(settings),
            log=folder / "image.log",
            ready=lambda: answers(f"{self.url}/readyz"),
            env=_ENVIRONMENT,
        )

    def client(self) -> HttpClient:
        """A JSON client that sends the token."""
        return HttpClient(self.url, {"Authorization": f"Bearer {self.token}"})
