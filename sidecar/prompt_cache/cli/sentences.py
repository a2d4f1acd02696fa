"""Errors as people meet them: what happened, and what to do."""

from ..config import ConfigError
from ..stores import StoreUnavailable


def sentence(error: Exception) -> str:
    """In one line for each thing that is wrong."""
    match error:
        case ConfigError() if str(error).startswith("listen: cannot listen"):
            return f"{error}; give an address of this machine, such as 127.0.0.1:8787"
        case StoreUnavailable():
            return f"{_first_line(error)}; `prompt-cache doctor` looks closer"
        case OSError(filename=str(name)) if name:
            return f"{name}: {_said(error)}"
    return str(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def _said(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file or folder; see that the path is right"
        case IsADirectoryError():
            return "is a folder; name a file in it"
        case PermissionError():
            return "may not be read or written by this user; see who owns it"
    return error.strerror or type(error).__name__
