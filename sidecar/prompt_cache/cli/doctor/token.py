"""Whether a token is asked for, and whether one could guess it."""

from collections.abc import Iterator

from ...config import is_guessable
from .finding import Finding, Situation, advice, mend, ok

_MAKE = "make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`, and give it to the callers"


def token(situation: Situation) -> Iterator[Finding]:
    config = situation.config
    given = {"the token": config.token, **{f"the token of {each.name}": each.token for each in config.tokens}}
    named = {name: value for name, value in given.items() if value}
    weak = [name for name, value in named.items() if is_guessable(value)]
    if not named:  # the settings refuse to go without one where others could call
        yield ok("no token is asked for, and only this machine can call")
    for name in weak:
        says = f"{name} is short or simple enough to be guessed"
        yield mend(says, _MAKE) if config.is_reachable else advice(says, _MAKE)
    if named and not weak:
        yield ok("a token is asked for" if len(named) == 1 else f"one of {len(named)} tokens is asked for")
    if config.secret and is_guessable(config.secret):
        do = "make a long random one; keys change with it, so the cache begins empty"
        yield advice("secret is short or simple enough to be guessed, and with it what the keys stand for", do)
