"""Whether a secret could be guessed."""

from .schema import Config

_LENGTH, _DIFFERENT = 20, 8


def is_guessable(secret: str) -> bool:
    """Whether it is short, or made of few characters."""
    return len(secret) < _LENGTH or len(set(secret)) < _DIFFERENT


def guessable_tokens(config: Config) -> list[str]:
    """The settings whose tokens could be guessed."""
    given = {"token": config.token, **{f"tokens.{each.name}": each.token for each in config.tokens}}
    return [name for name, token in given.items() if token and is_guessable(token)]
