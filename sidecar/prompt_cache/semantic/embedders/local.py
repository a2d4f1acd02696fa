"""A model on this machine's CPU: one copy of it, in a process that all workers share."""

import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ... import __version__
from .base import Embedded, Embedder, EmbedderStarting, EmbedderUnavailable
from .models import ModelFolder, threshold_of
from .parts import parts
from .wire import HEAD, LARGEST, Answer, Ask, framed, lock_of, read_answer, size_of

MOST_TEXTS, MOST_CHARACTERS = 32, 8_000
"""In one message: a second's work at most, and others are embedded in between."""
TIMEOUT = 5.0
"""Seconds that each message may take."""
_START, _APPEARS, _POLL = 60.0, 1.0, 0.05
"""Seconds within which the process has to be ready, within which a started one holds its lock, between two looks."""
_MEET = 0.3
"""Seconds that the first call waits where others have the process already: it answers within a few milliseconds."""
_STABLE = 10.0
"""Seconds after which a process that ends is started again at once; of one that does not last, the next one waits."""
_LONGEST_REST = 30.0
_LONGEST_FOLDER = 70
"""Bytes: with the name of a socket in it, more than 100 are no address on every system."""
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR")
"""What the process is given: it needs nobody's tokens."""


class LocalEmbedder(Embedder):
    """Talks to the process over a Unix socket, and has it started when it is not there or ends.

    A thread keeps a connection to it, which keeps it alive, and sees at once when it is gone.
    """

    def __init__(self, model: ModelFolder, *, folder: Path | None = None, patience: float = 0.0) -> None:
        """`patience`: seconds that a call waits for the process to start. Raises ValueError, OSError."""
        self.name, self.threshold = f"local:{model.name}", threshold_of(model.name)
        self._model = model.path
        self._socket = _socket_for(model, folder or private_folder())
        self._patience = patience
        self._once = threading.Lock()
        self._pid = 0
        self._forget()

    def begin(self) -> None:
        """Have the process started, if nobody has yet; whoever embeds first does it too."""
        with self._once:
            if self._pid == os.getpid():
                return
            self._forget()
            self._pid = os.getpid()
            threading.Thread(target=self._keep, name="embedder", daemon=True).start()

    def embed(self, texts: Sequence[str]) -> Embedded:
        if self._pid != os.getpid():  # nobody's yet, or the parent's: a fork takes neither thread nor connection along
            self.begin()
            self._ready.wait(_MEET if self._socket.exists() else 0)
        vectors: list[bytes] = []
        for part in parts(texts, most=MOST_TEXTS, characters=MOST_CHARACTERS):
            if not self._ready.wait(0 if self._cause else self._patience):
                raise EmbedderUnavailable(self._cause) if self._cause else EmbedderStarting("its process is starting")
            vectors += self._ask(part)
        return Embedded(vectors)

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            tether = self._tether
        if tether is not None:
            tether.shut()
        self._let_go()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._tether: _Connection | None = None
        self._ready, self._closed = threading.Event(), threading.Event()
        self._cause = ""

    def _ask(self, texts: list[str]) -> list[bytes]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or _Connection(self._socket, TIMEOUT)
            answer = connection.ask(texts, TIMEOUT)
        except TimeoutError:
            raise EmbedderUnavailable(f"its process did not answer within {TIMEOUT:g} s") from None
        except OSError:
            raise EmbedderStarting("its process ended; another one is starting") from None
        finally:
            if connection is not None and connection.is_whole:
                with self._lock:
                    self._idle.append(connection)
        if answer.error or len(answer.vectors) != len(texts):
            raise EmbedderUnavailable(answer.error or "its process did not answer what was asked")
        return answer.vectors

    # -- the process -----

    def _keep(self) -> None:
        rest = 0.0
        while not self._closed.wait(rest):
            began, cause = time.monotonic(), ""
            try:
                self._stay()
            except EmbedderUnavailable as error:
                cause = str(error)
            except Exception as error:  # this thread alone brings it back
                cause = f"its process cannot be started ({type(error).__name__})"
            if not cause and time.monotonic() - began > _STABLE:
                rest = 0.0
                continue
            self._cause = cause or ("its process ends again and again" if rest else "")
            rest = min(_LONGEST_REST, max(1.0, 2 * rest))

    def _stay(self) -> None:
        """Connected until the process ends. Raises EmbedderUnavailable, OSError where there is none to be had."""
        tether = self._connected()
        with self._lock:
            self._tether = tether
        try:
            self._cause = ""
            if not self._closed.is_set():
                self._ready.set()
                tether.wait_for_end()
        finally:
            self._ready.clear()
            tether.close()
            self._let_go()

    def _connected(self) -> "_Connection":
        """Once it is there, having started it if need be, but not twice: one that does not last is given a rest."""
        _make_private(self._socket.parent)
        began, started = time.monotonic(), None
        while not self._closed.wait(_POLL):
            now = time.monotonic()
            if now - began > _START:
                break
            try:
                return _Connection(self._socket, _START)
            except (FileNotFoundError, ConnectionError):
                if _is_locked(lock_of(self._socket)):
                    continue
                if started is None:
                    self._start()
                    started = time.monotonic()
                elif now - started > _APPEARS:
                    raise EmbedderUnavailable("its process ended as soon as it was started") from None
        raise EmbedderUnavailable(f"its process was not there within {_START:g} s")

    def _start(self) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(each) for each in sys.path)  # noqa: PTH100
        subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}.process", str(self._socket), str(self._model)],
            env={**environment, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the server
            timeout=_START,
            check=False,
        )

    def _let_go(self) -> None:
        with self._lock:
            idle, self._idle, self._tether = self._idle, [], None
        for connection in idle:
            connection.close()


class _Connection:
    """One call at a time. What is left of it after a failure is not used again."""

    def __init__(self, path: Path, timeout: float) -> None:
        """Waits until the model is loaded. Raises OSError, EmbedderUnavailable."""
        self.is_whole = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(timeout)
            self._socket.connect(str(path))
            hello = self._receive(time.monotonic() + timeout)
            if hello.error:
                raise EmbedderUnavailable(hello.error)
        except BaseException:
            self.close()
            raise
        self.is_whole = True

    def ask(self, texts: list[str], timeout: float) -> Answer:
        """Raises OSError."""
        self.is_whole = False
        until = time.monotonic() + timeout
        self._socket.settimeout(timeout)
        self._socket.sendall(framed(Ask(texts)))
        answer = self._receive(until)
        self.is_whole = True
        return answer

    def wait_for_end(self) -> None:
        self._socket.settimeout(None)
        try:
            self._socket.recv(1)
        except OSError:
            return

    def shut(self) -> None:
        """Wake up who waits for its end."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        self._socket.close()

    def _receive(self, until: float) -> Answer:
        try:
            return read_answer(self._exactly(size_of(self._exactly(HEAD.size, until)), until))
        except (msgspec.MsgspecError, ValueError):
            raise ConnectionError("its process speaks another language") from None

    def _exactly(self, size: int, until: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            part = self._socket.recv(min(size - len(received), LARGEST))
            if not part:
                raise ConnectionResetError
            received += part
        return bytes(received)


def private_folder() -> Path:
    """Where sockets are that only this user may use. Raises ValueError, OSError."""
    user = os.getuid()
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    usable = runtime.is_dir() and runtime.stat().st_uid == user and os.access(runtime, os.W_OK)
    folder = (runtime if usable else Path(tempfile.gettempdir())) / f"prompt-cache-{user}"
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        raise ValueError(f"{folder} is too long for the address of a socket: set TMPDIR to a shorter one")
    _make_private(folder)
    return folder


def _make_private(folder: Path) -> None:
    """Again before each start: what cleans up temporary folders may have taken it, and another user its place."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ValueError(f"{folder} is open to others, or theirs: remove it, or set TMPDIR to a folder of your own")


def _socket_for(model: ModelFolder, folder: Path) -> Path:
    """One for each model and version of ours, so that no two that differ meet."""
    identity = f"{__version__} {model.path} {model.name} {model.longest}"
    return folder / f"embedder-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.sock"


def _is_locked(path: Path) -> bool:
    try:
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
