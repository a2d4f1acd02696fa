"""The envelopes in which vendors and frameworks send answers.

A new vendor is one entry in `TABLE`. Nothing outside a recognised envelope is ever judged: what is not recognised is
what the caller says it is.
"""

import msgspec

from . import shapes
from .envelope import Body, Envelope, at, paths
from .words import Ending

_MODEL, _USAGE, _ERROR = paths("model"), paths("usage"), paths("error")
_REASON, _INCOMPLETE = paths("finish_reason"), paths("incomplete_details.reason status")
_AZURE = paths("content_filter_results content_filter_result prompt_filter_results")
_GUARDRAIL = paths("amazon-bedrock-guardrailAction")

# -- content that stands in other envelopes -----

MESSAGE = Envelope(name="message", content=paths("content parts text"))

_CHOICE = Envelope(
    name="choice",
    content=paths("message delta text"),
    finish=paths("finish_reason finishReason finish_details native_finish_reason"),
    filtered=_AZURE,
    error=_ERROR,
    words={"null": "unfinished"},  # DashScope's
)
_ITEM = Envelope(name="output item", content=paths("content"), finish=paths("status"))
_GEMINI_WORDS: dict[str, Ending] = {  # as protobuf's own JSON numbers them
    "1": "stop",
    "2": "length",
    **dict.fromkeys(("3", "4", "6", "7", "8", "9"), "content_filter"),
    "10": "error",
    **dict.fromkeys(("IMAGE_OTHER", "NO_IMAGE"), "unfinished"),  # the picture is missing
}
_CANDIDATE = Envelope(
    name="candidate",
    mark="content",
    recognises=lambda value: isinstance(at(value, ("content", "parts")), list),
    content=paths("content"),
    finish=paths("finishReason finish_reason"),
    words=_GEMINI_WORDS,
)
_METADATA = "response_metadata additional_kwargs generationInfo generation_info llmOutput llm_output"
_COUNTS = "usage_metadata usage usageMetadata tokenUsage token_usage tokenUsageEstimate"
USAGE_FIELDS = tuple(_COUNTS.split())
METADATA = Envelope(
    name="metadata",
    finish=paths(
        "finish_reason finishReason stop_reason stopReason done_reason completionReason messageStop.stopReason"
        " incomplete_details.reason status"
    ),
    filtered=(*paths("promptFeedback.blockReason prompt_feedback.block_reason is_blocked"), *_AZURE, *_GUARDRAIL),
    done="done",
    model=paths("model model_name modelName modelVersion model_version model_id"),
    usage=(*paths(_COUNTS), ()),
    error=_ERROR,
    words=_GEMINI_WORDS,
)
_GENERATION = Envelope(name="generation", content=paths("message text"), finish=_REASON, metadata=paths(_METADATA))

# -- the table -----

CHAT = Envelope(
    # OpenAI, Azure, Mistral, DeepSeek, xAI, Groq, OpenRouter, Zhipu, DashScope's other mode, vLLM, ...
    name="openai chat",
    mark="choices",
    recognises=shapes.is_chat,
    each=((("choices",), _CHOICE),),
    filtered=_AZURE,
    model=_MODEL,
    usage=_USAGE,
    error=_ERROR,
)
_RESPONSES = Envelope(
    name="openai responses",
    mark="output",
    recognises=shapes.is_responses,
    each=((("output",), _ITEM),),
    finish=_INCOMPLETE,
    filtered=_AZURE,
    model=_MODEL,
    usage=_USAGE,
    error=_ERROR,
)
_GEMINI = Envelope(
    name="gemini",
    mark="candidates",
    recognises=shapes.is_gemini,
    each=((("candidates",), _CANDIDATE),),
    filtered=paths("promptFeedback.blockReason prompt_feedback.block_reason"),
    model=paths("modelVersion model_version"),
    usage=paths("usageMetadata usage_metadata"),
    error=_ERROR,
    streams="listed",
)
LANGCHAIN = Envelope(
    name="langchain message",
    mark="content",
    recognises=shapes.is_langchain,
    content=paths("content"),
    finish=paths("stop_reason"),
    usage=paths(_COUNTS),
    metadata=paths(_METADATA),
)

TABLE: tuple[Envelope, ...] = (
    msgspec.structs.replace(CHAT, name="openai chunk", recognises=shapes.is_chunk, streams="always"),
    CHAT,
    _RESPONSES,
    msgspec.structs.replace(_RESPONSES, mark="object", recognises=lambda value: value["object"] == "response"),
    Envelope(
        name="anthropic",
        mark="type",
        recognises=lambda value: (
            value["type"] == "message" and "role" in value and isinstance(value.get("content"), list)
        ),
        content=paths("content"),
        finish=paths("stop_reason status"),
        filtered=_GUARDRAIL,
        model=_MODEL,
        usage=_USAGE,
        error=_ERROR,
        null_finish=True,
    ),
    _GEMINI,
    msgspec.structs.replace(_GEMINI, mark="promptFeedback", recognises=lambda value: bool(value["promptFeedback"])),
    msgspec.structs.replace(_GEMINI, mark="prompt_feedback", recognises=lambda value: bool(value["prompt_feedback"])),
    LANGCHAIN,
    Envelope(
        name="langchain result",  # and Cohere's generate
        mark="generations",
        recognises=shapes.is_generations,
        each=((("generations",), _GENERATION),),
        usage=paths(f"meta.billed_units meta.tokens {_COUNTS}"),
        metadata=paths(_METADATA),
    ),
    Envelope(
        name="ollama",
        mark="done",
        recognises=shapes.is_ollama,
        content=paths("message response"),
        finish=paths("done_reason"),
        done="done",
        model=_MODEL,
        usage=((),),
        error=_ERROR,
        streams="listed",
    ),
    Envelope(
        name="bedrock converse",
        mark="output",
        recognises=lambda value: at(value, ("output", "message", "content")) is not None and len(value["output"]) == 1,
        content=paths("output.message"),
        finish=paths("stopReason"),
        model=paths("trace.promptRouter.invokedModelId"),
        usage=_USAGE,
    ),
    Envelope(
        name="dashscope",
        mark="output",
        recognises=shapes.is_dashscope,
        each=((("output", "choices"), _CHOICE),),
        content=paths("output.text"),
        data=paths("output.results output.video_url"),
        finish=paths("output.finish_reason output.task_status"),
        usage=_USAGE,
        words={"null": "unfinished", "unknown": "error"},
    ),
    Envelope(
        name="cohere v1",
        mark="generation_id",
        recognises=lambda value: isinstance(value.get("text"), str),
        content=paths("text"),
        finish=_REASON,
        usage=paths("meta.billed_units meta.tokens"),
    ),
    _CANDIDATE,
    Envelope(
        name="choice by itself",  # Cohere's v2 chat, n8n's older OpenAI node
        mark="message",
        recognises=shapes.is_lone_choice,
        content=paths("message"),
        finish=paths("finish_reason finishReason stop_reason finish_details"),
        filtered=_AZURE,
        model=_MODEL,
        usage=_USAGE,
    ),
    Envelope(
        name="text by itself",
        mark="text",
        recognises=shapes.is_lone_text,
        content=paths("text"),
        finish=paths("finish_reason finishReason stop_reason"),
        model=_MODEL,
        usage=_USAGE,
        metadata=paths(_METADATA),
    ),
    Envelope(
        name="ai sdk",
        mark="finishReason",
        recognises=shapes.is_ai_sdk,
        content=paths("text content"),
        data=paths("object output"),
        finish=paths("finishReason rawFinishReason"),
        model=paths("response.modelId"),
        usage=paths("totalUsage usage"),
        error=_ERROR,
    ),
    Envelope(
        name="message by itself",
        mark="role",
        recognises=lambda value: value["role"] in ("assistant", "model") and ("content" in value or "parts" in value),
        content=paths("content parts"),
    ),
    Envelope(
        name="parts by themselves",  # n8n's Anthropic node
        mark="content",
        recognises=lambda value: shapes.parts(value["content"]) and value.keys() <= {"content", "merged_response"},
        content=paths("content"),
    ),
    Envelope(
        name="anthropic completion",
        mark="completion",
        recognises=lambda value: value.get("type") == "completion" or "stop_reason" in value,
        content=paths("completion"),
        finish=paths("stop_reason"),
        filtered=_GUARDRAIL,
        model=_MODEL,
        null_finish=True,
    ),
    Envelope(
        name="bedrock llama",
        mark="generation",
        recognises=lambda value: "generation_token_count" in value or "stop_reason" in value,
        content=paths("generation"),
        finish=paths("stop_reason"),
        filtered=_GUARDRAIL,
        usage=((),),
    ),
    Envelope(
        name="bedrock titan, watsonx",
        mark="results",
        recognises=shapes.has_items_with("results", "outputText", "generated_text", "completionReason"),
        each=(
            (
                ("results",),
                Envelope(
                    name="result",
                    content=paths("outputText generated_text"),
                    finish=paths("completionReason stop_reason"),
                    usage=((),),
                ),
            ),
        ),
        filtered=_GUARDRAIL,
        model=paths("model_id"),
        usage=((),),
    ),
    Envelope(
        name="bedrock mistral, mistral conversation",
        mark="outputs",
        recognises=shapes.is_outputs,
        each=((("outputs",), Envelope(name="output", content=paths("content text"), finish=paths("stop_reason"))),),
        filtered=_GUARDRAIL,
        usage=_USAGE,
    ),
    Envelope(
        name="ai21",
        mark="completions",
        recognises=shapes.has_items_with("completions", "finishReason"),
        each=((("completions",), Envelope(name="completion", content=paths("data"), finish=paths("finishReason"))),),
    ),
    Envelope(
        name="hugging face",
        mark="generated_text",
        recognises=lambda value: value.keys() <= {"generated_text", "details", "role"},
        content=paths("generated_text"),
        finish=paths("details.finish_reason"),
    ),
    Envelope(
        name="llama.cpp",
        mark="content",
        recognises=lambda value: "stop_type" in value or "tokens_predicted" in value,
        content=paths("content"),
        finish=paths("stop_type"),
        done="stop",
        model=_MODEL,
    ),
    Envelope(
        name="vertex predictions",
        mark="predictions",
        recognises=shapes.has_items_with(
            "predictions", "safetyAttributes", "bytesBase64Encoded", "embeddings", "raiFilteredReason"
        ),
        each=(
            (
                ("predictions",),
                Envelope(
                    name="prediction",
                    content=paths("content"),
                    data=paths("bytesBase64Encoded embeddings"),
                    filtered=paths("safetyAttributes.blocked raiFilteredReason"),
                ),
            ),
        ),
    ),
    Envelope(
        name="openai list",  # vectors, pictures, what Voyage ranked
        mark="data",
        recognises=lambda value: (
            value.get("object") == "list" or ("created" in value and isinstance(value["data"], list))
        ),
        data=paths("data"),
        filtered=_AZURE,
        model=_MODEL,
        usage=_USAGE,
        error=_ERROR,
    ),
    Envelope(
        name="openai moderation, rerank",
        mark="results",
        recognises=shapes.has_items_with("results", "flagged", "relevance_score"),
        data=paths("results"),
        model=_MODEL,
        usage=paths("usage meta.billed_units meta.tokens"),
    ),
    Envelope(
        name="ollama vectors",
        mark="embeddings",
        recognises=lambda value: "total_duration" in value,
        data=paths("embeddings"),
        model=_MODEL,
        usage=((),),
    ),
    Envelope(
        name="openai job",
        mark="object",
        recognises=lambda value: value["object"] in ("video", "thread.run", "thread.message", "batch"),
        content=paths("content"),
        data=paths("id"),
        finish=_INCOMPLETE,
        model=_MODEL,
        usage=_USAGE,
        error=paths("error last_error"),
    ),
    Envelope(
        name="cloudflare",
        mark="result",
        recognises=lambda value: value.get("success") is True and isinstance(value.get("errors"), list),
        content=paths("result.response"),
        data=paths("result"),
        usage=paths("result.usage"),
        error=paths("errors"),
    ),
    Envelope(
        name="job",  # Replicate, fal, RunPod
        mark="status",
        recognises=shapes.is_job,
        content=paths("output"),
        data=paths("output"),
        finish=paths("status"),
        error=_ERROR,
    ),
)


def recognise(value: Body) -> Envelope | None:
    """Whose envelope it is, by its shape; None when it is nobody's."""
    for envelope in TABLE:
        if envelope.mark in value and envelope.recognises(value):
            return envelope
    return None
