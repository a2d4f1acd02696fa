"""What a check looks at, and what it finds."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from ...config import Config, ConfigError


class Situation(Struct, frozen=True, kw_only=True):
    """What is examined: the settings, and the file they come from, if any."""

    config: Config
    file: Path | None = None
    clock: Callable[[], float] = time.time

    @property
    def engine(self) -> str:
        """The kind of store: the URL's scheme, which holds no secret."""
        return self.config.store.partition("://")[0]


class Finding(Struct, frozen=True):
    """One thing, in words for people that hold no secret; `check` is the name of what found it."""

    state: Literal["ok", "advice", "mend"]
    says: str
    do: str = ""
    """What mends it, or makes it better."""
    check: str = ""


Check = Callable[[Situation], Iterator[Finding]]


def ok(says: str) -> Finding:
    return Finding("ok", says)


def advice(says: str, do: str) -> Finding:
    """It works, and could be better."""
    return Finding("advice", says, do)


def mend(says: str, do: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding("mend", says, do)


def unusable(setting: str, error: ConfigError, without: str) -> Finding:
    """What a setting names cannot be opened; `without` it, that is what does not work."""
    says, _, packages = str(error).removeprefix(f"{setting}: ").partition(": pip install")
    return mend(says, f"pip install{packages}" if packages else f"correct it: without it, {without}")
