"""Keys and passwords among arguments and settings. They tell these apart, and are not to be read in the cache."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

_NAMES = re.compile(
    r"""(?: ^ | [^a-z] | (?<=[a-z])(?=[A-Z]) )
        (?i: api_?key | key | secret | token | password | passwd | pwd | authorization | auth | credentials?
           | cookie | jwt )
        (?: _? (?i: id | value))? $""",
    re.VERBOSE,
)
_VALUES = re.compile(
    r"""\b (?: sk | pk | rk | gsk | xai | hf | ghp | gho | glpat | pplx | nvapi ) [-_] [A-Za-z0-9_-]{8,}
      | \b AIza [A-Za-z0-9_-]{20,} | \b AKIA [A-Z0-9]{12,} | \b eyJ [\w-]+ \. [\w-]+ \.
      | (?i: \b (?: bearer | basic ) [ ] \S)
      | :// [^/\s@]+ @
      | [?&] (?i: key | sig | signature | token | api_?key | access_token | subscription-key) =""",
    re.VERBOSE,
)


def without_credentials(value: Any, name: str = "") -> Any:
    """The value, with a digest in place of each text that is a credential by the name it has or by its looks."""
    match value:
        case Mapping():
            return {key: without_credentials(item, str(key)) for key, item in value.items()}
        case list() | tuple():
            return [without_credentials(item, name) for item in value]
        case str() if is_credential(value, name):
            return "sha256:" + hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:16]
        case _:
            return value


def is_credential(text: str, name: str = "") -> bool:
    """Whether a text is a credential by the name it has or by its looks."""
    return bool(text and (_NAMES.search(name) or _VALUES.search(text)))
