"""Model names, and whether two of them name the same model.

Vendors, clouds and gateways write one model in many ways: with a prefix of whose it is or where it runs, with the date
or the number of its edition, or under an alias for the newest one. None of that makes it another model; another
version (`4-5` after `4`), size or variant (`-mini`) does.
"""

import re
from functools import lru_cache

import msgspec

MAX_NAME = 200
"""Characters; nothing longer is a model's name."""

_PROVIDERS = (
    "anthropic|azure|azure_openai|bedrock|bedrock_converse|cohere|google|google-gla|google-vertex|google_genai"
    "|google_vertexai|groq|mistralai|openai|openrouter|together|xai"
)
_VENDORS = (
    "ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|stability|writer"
)
# "openai:gpt-4o" of LangChain and its like; "us.anthropic." of Bedrock's inference profiles.
_PREFIX = re.compile(rf"^(?:(?:{_PROVIDERS}):)?(?:(?:[a-z]{{2,6}}(?:-gov)?\.)?(?:{_VENDORS})\.)?")
# Bedrock's "-v1:0", OpenRouter's ways of serving, Ollama's tag of what is newest.
_SERVED = re.compile(r"-v\d+(?::[0-9a-z]+)+$|:(?:free|nitro|floor|online|extended|exacto|beta|latest)$")
_ALIAS = re.compile(r"[-@](?:latest|default)$")
_YEAR, _MONTH, _DAY = "20[2-9][0-9]", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
# So Google dates a model's previews. OpenAI's `o1-preview-2024-09-12` is an edition of another model, `o1-preview`.
_PREVIEW = rf"(?P<preview>-preview|-exp)?[-@](?P<short>{_MONTH}-{_YEAR}|{_MONTH}-?{_DAY})"
_EDITION = re.compile(
    rf"(?:[-@](?P<long>{_YEAR}-?{_MONTH}-?{_DAY}|{_YEAR}-{_MONTH}|2[2-9]{_MONTH}|00[0-9])|{_PREVIEW})$"
)
_NUMBER = re.compile(r"(?:\d{1,3}|\d+x\d+b|[ea]?\d+(?:\.\d+)?[bmk])$")

_TAG = re.compile(r":(\d+(?:\.\d+)?(?:x\d+)?[bmk])(?:-[\w.-]*)?$")
"""The size that an Ollama tag names."""
_GENERATION = re.compile(r"^([a-z]+)(\d{1,2})$")
"""`llama3`, `o1`"""
_VARIANTS = frozenset(
    (
        *("mini", "nano", "lite", "micro", "tiny", "air", "pro", "max", "ultra", "plus"),
        *("codex", "coder", "math", "audio", "search", "realtime", "reasoner", "thinking"),
    )
)


class ModelName(msgspec.Struct, frozen=True):
    """A model's name, taken apart."""

    base: str
    """Without whose it is, where it runs, and which edition."""
    edition: str = ""
    """The digits of a date or an edition's number; empty where the name leaves it open."""
    preview: bool = False
    """Whether its edition is one of a preview."""
    alias: bool = False
    """Whether it stands for whichever is newest."""
    size: str = ""
    """That of its tag, where it has one."""

    def numbers(self) -> tuple[list[str], list[str]]:
        """The words of its name and the numbers among them: versions and sizes."""
        tokens = [part for token in self.base.split("-") for part in _GENERATION.sub(r"\1-\2", token).split("-")]
        numbers = [token for token in tokens if _NUMBER.match(token)]
        # 4-0 is another name of 4
        return [token for token in tokens if not _NUMBER.match(token)], [each for each in numbers if each != "0"]


def model_name(name: str) -> ModelName:
    """Take a name apart, whoever wrote it. What is too long for a name is left whole."""
    return _model_name(name) if len(name) <= MAX_NAME else ModelName(name)


@lru_cache(maxsize=1024)
def _model_name(name: str) -> ModelName:
    base = name.strip().lower().rpartition("/")[2]
    base = _SERVED.sub("", _PREFIX.sub("", base))
    base, aliases = _ALIAS.subn("", base)
    tag = _TAG.search(base)
    if tag:
        base = base[: tag.start()]
    found = _EDITION.search(base)
    edition = (found["long"] or found["short"]).replace("-", "") if found else ""
    if found:
        base = base[: found.start()]
    base = re.sub(r"(?<=\d)\.(?=\d)", "-", base).replace("gpt-35-", "gpt-3-5-")
    return ModelName(base, edition, bool(found and found["preview"]), bool(aliases), tag[1] if tag else "")


def same_model(asked: str, answered: str) -> bool | None:
    """Whether an answer is the asked model's, as far as the names tell; None when they do not."""
    one, other = model_name(asked), model_name(answered)
    if one.size and other.size and one.size != other.size:
        return False
    if one.base == other.base or _preview_of(one, other) or _preview_of(other, one):
        return _same_edition(one.edition, other.edition)
    (words, numbers), (other_words, other_numbers) = one.numbers(), other.numbers()
    if words != other_words:
        # A smaller one, or one for another purpose, be it too new for any list.
        shorter, longer = sorted((words, other_words), key=len)
        varies = longer[: len(shorter)] == shorter and not _VARIANTS.isdisjoint(longer[len(shorter) :])
        return False if varies and numbers == other_numbers else None
    if numbers and other_numbers:
        return sorted(numbers) == sorted(other_numbers)  # `claude-4-sonnet` is `claude-sonnet-4`
    return True if one.alias else None


def _preview_of(one: ModelName, dated: ModelName) -> bool:
    """Whether the first leaves open which edition of the same preview it is: `-preview` of `-preview-2024-12-17`."""
    return dated.preview and one.base in (f"{dated.base}-preview", f"{dated.base}-exp")


def _same_edition(one: str, other: str) -> bool:
    """Editions differ only where both are named, and in the same way: `0806` is `20240806` as well."""
    if not one or not other or len(one) < 4 or len(other) < 4:
        return not one or not other or one == other or len(one) != len(other)
    return one.endswith(other) or other.endswith(one) or len(one) != len(other)
