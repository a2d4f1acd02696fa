"""A Chromium for the browser tests: the machine's own, or Debian's package."""

import os
import re
import shutil
from pathlib import Path

from .debian import private_apt, unpack
from .installation import installed, locked, run
from .paths import cache
from .progress import Failure, step

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Without a font package a bare machine draws empty boxes.
_PACKAGES = ("chromium", "fonts-liberation")


def chromium() -> Path:
    """Return a Chromium to start with `--no-sandbox`, installing one if the machine has none."""
    found = _own()
    if found:
        return found
    if shutil.which("apt-get") is None:
        raise Failure("The browser tests need Chromium: install Chromium or Google Chrome and run this again.")
    if os.geteuid() == 0:
        return _install_into_system()
    return installed("chromium", "Chromium", _unpack) / "bin/chromium"


def _own() -> Path | None:
    for name in _NAMES:
        if path := shutil.which(name):
            return Path(path)
    return None


def _install_into_system() -> Path:
    with locked(cache() / "chromium.lock"):
        found = _own()
        if found is None:
            with step("Install Chromium"):
                quiet = {"DEBIAN_FRONTEND": "noninteractive"}
                run(["apt-get", "-qq", "update"], env=quiet)
                run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *_PACKAGES], env=quiet)
            found = _own()
    if found is None:
        raise Failure("`apt-get install chromium` left no Chromium here: install Chromium or Google Chrome.")
    return found


def _unpack(target: Path) -> None:
    """Unpack Chromium with every library that this machine lacks."""
    apt = private_apt(None, target / "apt", status=Path("/var/lib/dpkg/status"))
    wanted = [*apt, "install", "--no-install-recommends", "--print-uris", "-y", *_PACKAGES]
    packages = re.findall(r"^'[^']*/([^/_']+)_[^/']*\.deb'", run(wanted), re.MULTILINE)
    (target / "debs").mkdir()
    run([*apt, "download", *packages], cwd=target / "debs")
    root = target / "root"
    unpack(target / "debs", root)
    for folder in ("apt", "debs"):
        shutil.rmtree(target / folder)
    home = next((target / "root").glob("usr/lib/chromium*/chromium")).relative_to(target)
    libraries = sorted({path.parent.relative_to(target) for path in root.glob("**/*.so*")})
    (target / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<dir>/usr/share/fonts</dir><dir prefix="relative">root/usr/share/fonts</dir>'
        '<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n'
    )
    wrapper = target / "bin/chromium"
    wrapper.parent.mkdir()
    wrapper.write_text(
        "#!/bin/sh\n"
        'home=$(cd "$(dirname "$0")/.." && pwd)\n'
        f'export LD_LIBRARY_PATH="{":".join(f"$home/{part}" for part in libraries)}"\n'
        'export FONTCONFIG_FILE="$home/fonts.conf"\n'
        f'exec "$home/{home}" "$@"\n'
    )
    wrapper.chmod(0o755)
