"""Who else can read what is kept on this machine, and how much room there is for more."""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from stat import S_IROTH, S_IXOTH
from typing import Any

import yaml

from ..opening import database
from .finding import Finding, Situation, advice, mend, ok

_MEGABYTE = 1024**2
_FULL, _SCARCE = 100 * _MEGABYTE, 1024 * _MEGABYTE
_SECRETS = {"secret", "token"}


def permissions(situation: Situation) -> Iterator[Finding]:
    found = False
    for path, holds in _precious(situation):
        if path.exists() and _others_can_read(path):
            found = True
            says = f"every user of this machine can read {path}, which holds {holds}"
            yield mend(says, f"chmod o-rwx {shlex.quote(str(path))}")
    if not found:
        yield ok("no other user of this machine can read secrets or answers in files")


def disk(situation: Situation) -> Iterator[Finding]:
    path = database(situation.config.store)
    if path is None:
        return
    folder = next(each for each in (path.parent, *path.parent.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    says = f"{free // _MEGABYTE:,} MB are free for {path}"
    do = "free some room, or bound the namespaces with max_bytes or max_entries"
    if free < _FULL:
        yield mend(says, do)
    elif free < _SCARCE:
        yield advice(says, do)
    else:
        yield ok(says)


def _precious(situation: Situation) -> Iterator[tuple[Path, str]]:
    config = situation.config
    if situation.file and _holds_secrets(situation.file):
        yield situation.file, "secrets"
    of_others = [each.token_file for each in config.tokens]
    of_others += [each.key_file for each in config.upstreams.values()]
    of_others += [each.key_file for each in (config.embedder, config.verifier) if each and not isinstance(each, str)]
    of_others += [config.otel.headers_file] if config.otel else []
    for file in (config.secret_file, config.token_file, *of_others):
        if file:
            yield Path(file), "a secret"
    if path := database(situation.config.store):
        for name in (path.name, f"{path.name}-wal"):
            yield path.with_name(name), "questions and answers"


def _holds_secrets(file: Path) -> bool:
    settings: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    of_callers = (key for each in settings.get("tokens") or () for key in each)
    providers = [*(settings.get("upstreams") or {}).values(), settings.get("embedder"), settings.get("verifier")]
    of_providers = [key for each in providers if isinstance(each, dict) for key in each]
    if (settings.get("otel") or {}).get("headers"):
        return True
    return bool(_SECRETS & {*settings, *of_callers} or "key" in of_providers) or "@" in str(settings.get("store", ""))


def _others_can_read(path: Path) -> bool:
    path = path.resolve()
    return bool(path.stat().st_mode & S_IROTH) and all(each.stat().st_mode & S_IXOTH for each in path.parents)
