"""The house is as docs/architecture.md draws it: these rooms, these doors, these files."""

import ast
import re
from pathlib import Path

import pytest

import prompt_cache

from .pages import code, page, section, tables

PACKAGE = Path(prompt_cache.__file__).parent
ARCHITECTURE = page("docs/architecture.md")
MODULES = sorted(PACKAGE.glob("**/*.py"))
ROOMS = {
    room
    for room in (file.parent.relative_to(PACKAGE).as_posix() for file in PACKAGE.glob("*/**/__init__.py"))
    if not room.startswith("stores/")  # whether an engine is a module or a folder is its own affair
}
MAY = {row[0].strip("`"): code(row[1]) for row in tables(section(ARCHITECTURE, "Who may import whom"))[1:]}


def _tree() -> set[str]:
    """The folders of the tree, by their indentation."""
    drawn = next(block for block in re.findall(r"```\n(.*?)```", ARCHITECTURE, re.DOTALL) if "prompt_cache/" in block)
    folders: set[str] = set()
    above: list[str] = []
    for line in drawn.splitlines()[1:]:
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2 - 1
        above = [*above[:depth], name.rstrip("/")]
        if name.endswith("/"):
            folders.add("/".join(above))
    return folders


def _imports(file: Path) -> set[str]:
    """Rooms of the package that a module imports from."""
    here = file.relative_to(PACKAGE).parent.parts
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = (node.module or "").split(".") if node.module else []
        if node.level:
            module = [*here[: len(here) - node.level + 1], *module]
        elif module[:1] == ["prompt_cache"]:
            module = module[1:]
        else:
            continue
        rooms |= {module[0]} if module else {alias.name for alias in node.names}
    return {room for room in rooms if (PACKAGE / room / "__init__.py").exists()}


def test_tree__has_every_room_and_no_other() -> None:
    assert _tree() == ROOMS


def test_table__has_every_room_and_no_other() -> None:
    assert set(MAY) == {room for room in ROOMS if "/" not in room}


@pytest.mark.parametrize("room", sorted(MAY))
def test_room__imports_only_what_it_may(room: str) -> None:
    imported = {each for file in MODULES if file.relative_to(PACKAGE).parts[0] == room for each in _imports(file)}
    assert imported - {room} <= MAY[room]


def test_table__points_one_way() -> None:
    left = dict(MAY)
    while left:
        bottom = [room for room, below in left.items() if not below & set(left)]
        assert bottom, f"a circle: {sorted(left)}"
        for room in bottom:
            del left[room]


@pytest.mark.parametrize("name", ["architecture.md", "decisions.md"])
def test_page__names_only_files_of_the_package_that_are_there(name: str) -> None:
    told = {each for each in code(page(f"docs/{name}")) if re.fullmatch(r"[a-z_]+(/[a-z_0-9]+)*/\w+\.py", each)}
    assert {each for each in told if not (PACKAGE / each).exists()} == set()


def test_glossary__is_in_order() -> None:
    words = [row[0].strip("*") for row in tables(section(ARCHITECTURE, "Glossary"))[1:]]
    assert words == sorted(words)
