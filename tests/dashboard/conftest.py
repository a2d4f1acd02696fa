"""One sidecar with a month behind it, one that nothing was asked of, and a browser."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from prompt_cache.config import configured
from stack import Sidecar
from stack.dashboard import dashboard_script

from .browser import Visitor, running_browser
from .seeding import fill

ADMIN, WRITER, READER, OURS = "admin-token-of-the-tests", "writer-token", "reader-token", "ours-token"
SETTINGS = f"""
store: sqlite:///cache.db
workers: 2
token: {ADMIN}
tokens:
  - {{name: writing, role: writer, token: {WRITER}}}
  - {{name: reading, role: reader, token: {READER}}}
  - {{name: ours, role: admin, token: {OURS}, namespaces: [support]}}
budgets:
  - {{name: all of it, usd: 5, per: month, then: warn}}
  - {{name: support a day, namespace: support, usd: 0.05, per: day, then: cache_only}}
never_expires: true
defaults: {{ttl: null}}
"""
expect.set_options(timeout=10_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with this folder: while it runs, no test of another one can have an event loop."""
    dashboard_script()
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """A cache server with tokens and a month behind it."""
    folder = tmp_path_factory.mktemp("filled")
    settings = folder / "config.yaml"
    settings.write_text(SETTINGS)
    fill(folder, configured(_read(settings)), time.time())
    with Sidecar(folder, env={"PROMPT_CACHE_CONFIG": str(settings)}, token=ADMIN) as sidecar:
        yield sidecar


@pytest.fixture(scope="package")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """A cache server without a token that was never asked anything."""
    with Sidecar(tmp_path_factory.mktemp("empty"), env={"PROMPT_CACHE_STORE": "sqlite:///cache.db"}) as sidecar:
        yield sidecar


@pytest.fixture
def visitor(browser: Browser, filled: Sidecar) -> Iterator[Visitor]:
    """Looks at the filled one; fails whatever went abroad or broke the policy."""
    yield from watched(Visitor(browser, filled.url))


@pytest.fixture
def first_visitor(browser: Browser, empty: Sidecar) -> Iterator[Visitor]:
    """The same for the empty one."""
    yield from watched(Visitor(browser, empty.url))


def watched(visitor: Visitor) -> Iterator[Visitor]:
    yield visitor
    assert visitor.seen.abroad == [], "a page asked another server"
    assert visitor.seen.told == [], "the console told of an error"


def _read(settings: Path) -> dict[str, object]:
    import yaml

    return dict(yaml.safe_load(settings.read_text()))
