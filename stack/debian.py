"""Programs out of Debian's own packages, unpacked into the cache and run through their own loader.

So a release newer (or older) than the machine's serves too, and nothing is installed into the system. apt downloads and
verifies; the mirror is the one that the machine's own apt uses.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .installation import installed, run
from .progress import Failure

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_NOT_NEEDED = ("doc", "man", "locale", "bug", "lintian", "bash-completion", "info")


@dataclass(frozen=True)
class Unpacked:
    """The root folder of some unpacked packages."""

    root: Path

    @property
    def libraries(self) -> Path:
        return next(path.parent for path in self.root.glob("usr/lib/*/libc.so.6"))

    def command(self, program: str) -> list[str | Path]:
        """The beginning of a command line that runs `program`, a path inside the root."""
        loader = next(self.libraries.glob("ld-linux-*.so.*"))
        path = self.root / program
        return [loader, "--library-path", self.libraries, "--argv0", path, path]


def unpacked(
    name: str, label: str, release: str, packages: Sequence[str], finish: Callable[[Unpacked], None]
) -> Unpacked:
    """Return `packages` of a Debian release, downloaded, unpacked and made runnable by `finish` on first use."""

    def build(target: Path) -> None:
        apt = private_apt(f"deb [signed-by={_KEYRING}] {mirror()} {release} main", target / "apt")
        (target / "debs").mkdir()
        run([*apt, "download", *packages], cwd=target / "debs")
        unpack(target / "debs", target / "root")
        _merge_usr(target / "root")
        finish(Unpacked(target / "root"))
        for folder in ("apt", "debs"):
            shutil.rmtree(target / folder)

    return Unpacked(installed(name, label, build) / "root")


def private_apt(sources: str | None, folder: Path, status: Path | None = None) -> list[str]:
    """An apt-get command with its own state in `folder`, updated; no `sources` means the machine's own."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Failure("The store and browser tests take their engines from Debian packages: run them on Debian.")
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    if status is None:
        status = folder / "status"
        status.touch()
    options = {
        "Dir::State": folder,
        "Dir::State::status": status,
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "true",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        "Acquire::Retries": "3",
    }
    if sources is not None:
        (folder / "sources.list").write_text(sources + "\n")
        options |= {
            "Dir::Etc::SourceList": folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
        }
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    run([*command, "update"])
    return command


def unpack(debs: Path, root: Path) -> None:
    """Unpack every package file of `debs` into `root`, without documentation."""
    for deb in sorted(debs.glob("*.deb")):
        run(["dpkg-deb", "-x", deb, root])
    for folder in _NOT_NEEDED:
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)


def _merge_usr(root: Path) -> None:
    """Give packages from before Debian's merged /usr the layout of those after it."""
    if (root / "lib").is_dir():
        shutil.copytree(root / "lib", root / "usr/lib", symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(root / "lib")


def mirror() -> str:
    """The Debian mirror that this machine uses."""
    sources = [*Path("/etc/apt").rglob("*.sources"), *Path("/etc/apt").rglob("*.list")]
    found = re.search(r"https?://\S+/debian/?(?=\s|$)", "\n".join(file.read_text() for file in sources))
    if found is None or not _KEYRING.exists():
        raise Failure("The store tests take Redis and PostgreSQL from Debian's packages: run them on Debian.")
    return found[0]
