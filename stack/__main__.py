"""`python3 -m stack <command>`: what the Makefile is made of."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from .browser import chromium
from .community_package import node_dependencies, node_package
from .dashboard import dashboard_script
from .demo import down, up
from .docker_compose import docker_compose_engine
from .image import image_tools
from .n8n import n8n_program
from .node import npm_in_terminal
from .paths import NODE_PACKAGE
from .postgres import postgres_engine
from .progress import Failure, say
from .python import venv
from .redis import redis_engine
from .release import build, release, version

_PARTS: dict[str, list[Callable[[], object]]] = {
    "python": [lambda: venv("dev")],
    "node": [node_dependencies],
    "dashboard": [dashboard_script],
    "browser": [chromium],
    "n8n": [n8n_program, node_package, chromium],
    "engines": [lambda: redis_engine(7), lambda: redis_engine(8), postgres_engine],
    "compose": [docker_compose_engine],
    "image": [image_tools],
}


def install(parts: list[str]) -> None:
    for part in parts or _PARTS:
        for action in _PARTS[part]:
            action()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="install and start everything, serve until Ctrl-C")
    commands.add_parser("down", help="stop what `up` started")
    installer = commands.add_parser("install", help="install what the tests need")
    installer.add_argument("parts", nargs="*", help="nothing for all of " + ", ".join(_PARTS))
    runner = commands.add_parser("npm", help="run npm under the pinned Node")
    runner.add_argument("--in", dest="folder", type=Path, default=NODE_PACKAGE, help="instead of in n8n-node/")
    runner.add_argument("arguments", nargs=argparse.REMAINDER)
    shower = commands.add_parser("version", help="print the version; fails where files differ")
    shower.add_argument("--tag", default="", help="also fail unless this tag may publish it")
    raiser = commands.add_parser("release", help="write a new version everywhere")
    raiser.add_argument("version", help="such as 0.2.0; the changelog tells of it already")
    builder = commands.add_parser("build", help="make what is published")
    builder.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "up":
                up()
            case "down":
                down()
            case "install":
                install(arguments.parts)
            case "npm":
                return npm_in_terminal(*arguments.arguments, cwd=arguments.folder)
            case "version":
                say(version(arguments.tag))
            case "release":
                release(arguments.version)
                say(f"Commit this, and publish it by the tag v{arguments.version}.")
            case "build":
                build(arguments.folder.resolve())
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; run it again to go on.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
