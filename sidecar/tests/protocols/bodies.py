"""Answers in full as the providers give them, one of each kind."""

from typing import Any

from prompt_cache.protocols.anthropic import Messages
from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.ollama import Chat, Generate
from prompt_cache.protocols.openai_chat import ChatCompletions
from prompt_cache.protocols.openai_completions import Completions
from prompt_cache.protocols.openai_responses import Responses
from prompt_cache.protocols.protocol import Streamed

TEXT = "Grüße aus Zürich: the second time somebody asks, the answer is free and instant. 👩‍🔬 \n\n- one\n- two"

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1790000000,
    "model": "gpt-4o-2024-08-06",
    "system_fingerprint": "fp_1",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": TEXT, "reasoning_content": "First I think about it a while."},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 31, "total_tokens": 40},
}
CHAT_TOOLS = {
    **CHAT,
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "a", "arguments": '{"x": 1}'}},
                    {"id": "call_2", "type": "function", "function": {"name": "b", "arguments": "{}"}},
                ],
            },
            "finish_reason": "tool_calls",
        }
    ],
}
COMPLETION = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1790000000,
    "model": "gpt-3.5-turbo-instruct",
    "choices": [{"index": 0, "text": TEXT, "logprobs": None, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 31, "total_tokens": 40},
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1790000000,
    "status": "completed",
    "model": "gpt-5-mini-2025-08-07",
    "error": None,
    "incomplete_details": None,
    "output": [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "I thought about it."}]},
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": TEXT, "annotations": [{"type": "url_citation", "url": "u"}]}],
        },
        {
            "id": "fc_1",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_1",
            "name": "f",
            "arguments": '{"city": "Bern"}',
        },
    ],
    "usage": {"input_tokens": 9, "output_tokens": 31, "total_tokens": 40},
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [
        {"type": "thinking", "thinking": "The user wants a greeting from a town.", "signature": "c2lnbmF0dXJl"},
        {"type": "text", "text": TEXT, "citations": [{"type": "char_location", "cited_text": "Zürich"}]},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Zürich", "days": 3}},
        {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 31, "cache_read_input_tokens": 0},
}
GEMINI = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "I am thinking of a town.", "thought": True},
                    {"text": TEXT},
                    {"functionCall": {"name": "f", "args": {"city": "Bern"}}, "thoughtSignature": "c2ln"},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 31, "totalTokenCount": 40},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "r-1",
}
OLLAMA_CHAT = {
    "model": "llama3.2",
    "created_at": "2026-11-25T08:00:00Z",
    "message": {
        "role": "assistant",
        "content": TEXT,
        "thinking": "Let me think about this for a while.",
        "tool_calls": [{"function": {"name": "f", "arguments": {"city": "Bern"}}}],
    },
    "done": True,
    "done_reason": "stop",
    "total_duration": 4883583458,
    "prompt_eval_count": 9,
    "eval_count": 31,
}
OLLAMA_GENERATE = {
    "model": "llama3.2",
    "created_at": "2026-11-25T08:00:00Z",
    "response": TEXT,
    "done": True,
    "done_reason": "stop",
    "context": [1, 2, 3],
    "prompt_eval_count": 9,
    "eval_count": 31,
}

ANSWERS: list[tuple[Streamed, dict[str, Any]]] = [
    (ChatCompletions(), CHAT),
    (ChatCompletions(), CHAT_TOOLS),
    (Completions(), COMPLETION),
    (Responses(), RESPONSE),
    (Messages(), MESSAGE),
    (GenerateContent(), GEMINI),
    (Chat(), OLLAMA_CHAT),
    (Generate(), OLLAMA_GENERATE),
]
