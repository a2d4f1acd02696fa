"""Errors in every shape that the ecosystem uses, and answers that only look like one."""

from typing import Any

import pytest

from prompt_cache.responses.answer import read_answer
from sidecar.tests.responses.shapes import chat, responses

STACK = {"message": "401", "name": "NodeApiError", "timestamp": 1, "context": {}, "stack": "NodeApiError: 401\n at x"}
PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>"

ERRORS: dict[str, list[Any]] = {
    "openai": [
        {"error": {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"}},
        responses([], status="failed", error={"code": "server_error", "message": "Sorry"}),
        responses([], status="cancelled"),
        chat({"content": "Half an ans"}, "error"),
    ],
    "openrouter": [
        {"error": {"code": 502, "message": "Provider returned error"}, "user_id": None},
        {"choices": [{"message": {"content": "Half"}, "error": {"code": 502}}]},
        {"id": "gen-1", "choices": [], "error": {"code": 429, "message": "x"}, "object": "chat.completion"},
    ],
    "azure": [
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}},
        {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}, "status": 400}},
        {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 5 seconds."},
        {"statusCode": 401},
    ],
    "anthropic": [
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"},
        {"type": "error", "message": "Overloaded"},
        {"type": "rate_limit_error", "message": "Slow down"},
        [
            {"type": "message_start", "message": {"model": "claude", "content": [], "stop_reason": None}},
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ],
    ],
    "google": [
        {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota"}},
        [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota"}}],
    ],
    "ollama": [{"error": "model 'x' not found"}, {"error": "model 'x' not found", "done": None}],
    "hugging face": [
        {"error": "Model is loading", "estimated_time": 20.0},
        {"error": ["Error in `parameters.top_p`"], "warnings": ["x"]},
        {"error": "Input too long", "error_type": "validation"},
    ],
    "vllm and mistral": [
        {"object": "error", "message": "No such model", "type": "NotFoundError", "param": None, "code": 404},
        {"object": "error", "message": {"detail": [{"loc": ["body"], "msg": "x"}]}, "type": "invalid_request_error"},
    ],
    "xai": [{"code": "The caller does not have permission", "error": "No key"}],
    "dashscope": [
        {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "r"},
        {"status_code": 400, "request_id": "r", "code": "DataInspectionFailed", "message": "x", "output": None},
        {"request_id": "r", "output": {"task_id": "t", "task_status": "FAILED", "code": "x", "message": "x"}},
    ],
    "cohere": [{"message": "invalid api token"}, {"id": "i", "message": "invalid api token"}],
    "zhipu": [{"error": {"code": "1301", "message": "x"}}, {"code": 401, "msg": "token expired", "success": False}],
    "amazon": [
        {"__type": "com.amazon.coral.service#ThrottlingException", "message": "Rate exceeded"},
        {"__type": "AccessDeniedException", "Message": "No"},
        {"Message": "User is not authorized to perform: bedrock:InvokeModel"},
        {"message": "Endpoint request timed out"},
        {"message": "Missing Authentication Token"},
        {"message": "Internal server error"},
        {"Error": {"Code": "ThrottlingException", "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": 429}},
        {"errorMessage": "Task timed out", "errorType": "Sandbox.Timedout", "stackTrace": []},
        {"throttlingException": {"message": "Too many tokens"}},
    ],
    "fastapi, django": [
        {"detail": "Unauthorized"},
        {"detail": "Not found."},
        {"detail": [{"loc": ["body", "prompt"], "msg": "field required", "type": "value_error.missing"}]},
        {"detail": {"message": "No credits", "status": "quota_exceeded"}},
    ],
    "graphql": [
        {"errors": [{"message": "Syntax Error"}]},
        {"errors": [{"message": "x", "path": ["a"]}], "data": None},
        {"errors": [{"message": "x"}], "data": {"answer": None}},
    ],
    "rfc 9457": [
        {"type": "about:blank", "title": "Bad Gateway", "status": 502},
        {"type": "https://a.example/problems/credit", "title": "No credit", "status": 403, "balance": 30},
        {"type": "https://a.example/errors/x", "title": "No", "detail": "Not now"},
        {"title": "Unauthenticated", "detail": "No token", "status": 401},
    ],
    "frameworks": [
        {"statusCode": 500, "message": "Internal"},
        {"statusCode": 400, "message": ["prompt must be a string"], "error": "Bad Request"},
        {"timestamp": "2026", "status": 500, "error": "Internal Server Error", "path": "/chat"},
        {"message": "Rate limit", "code": 429},
        {"message": "Bad credentials", "documentation_url": "https://a.example", "status": "401"},
        {"code": "PGRST301", "details": None, "hint": None, "message": "JWT expired"},
        {"name": "AxiosError", "message": "Request failed with status code 401", "code": "ERR_BAD_REQUEST"},
        {"error": "invalid_client", "error_description": "No such client"},
        {"error": True, "message": "No"},
        {"status": "error", "message": "No"},
        {"success": False, "error": "No"},
        {"success": False, "message": "No"},
        {"success": False, "errors": [{"code": 7003, "message": "x"}], "messages": [], "result": None},
        {"success": False},
        {"ok": False},
        {"ok": False, "error": "not_authed"},
        {"fault": {"faultstring": "Rate limit quota violation", "detail": {"errorcode": "x"}}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "Internal error"}},
        {"content": [{"type": "text", "text": "No such tool"}], "isError": True},
        {"id": "p", "version": "v", "status": "failed", "error": "CUDA out of memory", "output": None, "logs": ""},
        {"status": 429, "statusText": "Too Many Requests"},
        {"code": 14, "message": "upstream is gone", "details": []},
        {"jsonrpc": "2.0", "id": 1, "result": {"isError": True, "content": [{"type": "text", "text": "No such tool"}]}},
        PAGE,
        '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<title>api.example.com | 504: Gateway time-out</title>',
    ],
    "baidu": [{"error_code": 17, "error_msg": "Open api daily request limit reached"}],
    "minimax": [
        {"base_resp": {"status_code": 1004, "status_msg": "login fail"}},
        {"id": "i", "choices": None, "model": "m", "base_resp": {"status_code": 1008, "status_msg": "no balance"}},
    ],
    "volcano engine": [{"ResponseMetadata": {"RequestId": "r", "Error": {"Code": "AccessDenied", "Message": "x"}}}],
    "tencent": [{"Response": {"Error": {"Code": "AuthFailure", "Message": "x"}, "RequestId": "r"}}],
    "n8n": [
        {"error": "The service refused"},
        [{"error": "The service refused"}],
        {"json": {"error": "The service refused"}, "pairedItem": {"item": 0}},
        {"json": {"prompt": "Hi", "error": STACK}, "pairedItem": {"item": 0}},
        {"json": {}, "error": {"message": "The service refused"}},
        {"prompt": "Hi", "error": STACK},
        {"errorMessage": "Bad request", "errorDetails": {}, "n8nDetails": {"nodeName": "x"}},
        {"code": 404, "message": "The requested webhook is not registered.", "hint": "Click the button"},
        {"output": "", "error": "The service refused"},
        [{"text": "Hello"}, {"error": "The service refused"}],
    ],
    "http clients": [
        {"statusCode": 502, "headers": {}, "body": "Bad gateway"},
        {"statusCode": 401, "statusMessage": "Unauthorized", "headers": {}, "body": {"any": "thing"}},
        {"statusCode": 200, "headers": {}, "body": {"error": {"message": "x"}}},
        {"statusCode": 200, "body": '{"error": {"message": "x"}}'},
        {"status": 429, "statusText": "Too Many Requests", "headers": {}, "data": {"text": "wait"}},
        {"status": 503, "headers": {}, "body": ""},
        {"data": PAGE},
    ],
}


@pytest.mark.parametrize(
    "response",
    [pytest.param(one, id=f"{who} {at}") for who, several in ERRORS.items() for at, one in enumerate(several)],
)
def test_an_error_is_no_answer(response: Any) -> None:
    assert read_answer(response).is_error


@pytest.mark.parametrize(
    "response",
    [
        {"output": {"message": "Payment failed", "error": "E42"}},
        {"output": {"error": "E42"}},
        {"output": {"statusCode": 500, "message": "from a log"}},
        {"output": [{"error": "typo", "at": 3}]},
        {"output": {"detail": "Unauthorized"}},
        {"employee": "Ann", "error": "E42"},
        {"name": "Ann", "error": "E42"},
        {"title": "Ticket 7", "description": "It is slow", "error": "E42"},
        {"name": "Ann", "ok": False},
        {"type": "error", "title": "Line 3", "description": "A semicolon is missing"},
        {"answer": "Paris", "error": None},
        {"answer": "Paris", "error": "none"},
        {"answer": "Paris", "errors": []},
        {"answer": "Paris", "success": False},
        {"answer": "Paris", "code": 404, "message": "of a room"},
        {"error": "I has a apple", "correction": "I have an apple"},
        {"errors": ["I has a apple"], "corrected": "I have an apple"},
        {"errors": [{"message": "late"}], "data": {"answer": "Paris"}},
        {"message": "Hello"},
        {"message": "Your code", "code": "print(1)"},
        {"message": "Hello", "code": 200},
        {"message": "Hello", "code": "A1", "type": "greeting"},
        {"title": "Login fails", "type": "bug", "status": "open"},
        {"title": "Paris", "detail": "A city"},
        {"title": "Paris", "description": "A city", "code": 404},
        {"status": "failed", "reason": "no money"},
        {"type": "error", "severity": "high", "summary": "The classifier says it is an error"},
        {"ok": True},
        {"code": 14, "message": "floors", "details": ["lift"], "name": "Tower"},
        {"code": 200, "message": "ok", "details": []},
        {"Response": {"Text": "Paris"}},
        {"base_resp": {"status_code": 0, "status_msg": "success"}, "reply": "Paris"},
        {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "Paris"}]}},
        {"success": True, "data": {"x": 1}},
        {"error": False, "data": {"x": 1}},
        {"statusCode": 200, "headers": {}, "body": {"employee": "Ann", "error": "E42"}},
        chat({"role": "assistant", "content": '{"error": "E42"}'}),
        chat({"role": "assistant", "content": {"error": "E42"}}),
        "Error: the word stands in an answer",
        "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>as asked</body></html>",
    ],
)
def test_an_answer_may_speak_of_errors(response: Any) -> None:
    answer = read_answer(response)
    assert not answer.is_error
    assert not answer.is_empty
