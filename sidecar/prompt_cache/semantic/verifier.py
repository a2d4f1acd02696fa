"""A chat model that says whether one answer serves two questions."""


class Verifier:
    """An OpenAI-compatible `/chat/completions`. Safe to share between threads."""

    def __init__(self, url: str, model: str, key: str | None = None, *, timeout: float = 5.0) -> None:
        """`timeout` in seconds."""
        self.model = model

    def close(self) -> None:
        """Let go of connections."""
