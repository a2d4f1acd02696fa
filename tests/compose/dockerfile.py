"""Reading a Dockerfile as far as these tests need: its instructions, one string each, per stage."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    image: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        """The arguments of every instruction of that name, in order."""
        return [arguments for instruction, arguments in self.instructions if instruction == name]

    def exec_form(self, name: str) -> list[str]:
        """The words of an instruction written as a JSON list; options before it are left out."""
        (arguments,) = self.all(name)
        return list(json.loads(arguments[arguments.index("[") :]))

    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.all("ENV"))

    def copied(self) -> list[tuple[list[str], str]]:
        """What is copied from the build context: sources and target."""
        return [
            (words[:-1], words[-1]) for words in (line.split() for line in self.all("COPY")) if "--from" not in words[0]
        ]


def stages(file: Path) -> list[Stage]:
    """The stages of a Dockerfile."""
    text = re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        name, arguments = line.strip().split(None, 1)
        if name == "FROM":
            found.append(Stage(arguments.split()[0]))
        else:
            found[-1].instructions.append((name, arguments))
    return found
