"""Error bodies as the provider really words them."""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from crashcart_lab.simulator.rules import Rule

KEYS_PAGE = "https://platform.openai.com/account/api-keys"
LIMITS_PAGE = "https://platform.openai.com/account/rate-limits"
SERVER_TEXT = {
    500: "The server had an error while processing your request. Sorry about that!",
    503: "The engine is currently overloaded, please try again later",
}
BEFORE_IT = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}
NO_QUOTA = {
    "insufficient_quota": (
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
    ),
    "billing_not_active": "Your account is not active, please check your billing details on our website.",
}


def error(
    status: int,
    message: str,
    *,
    kind: str,
    code: str | None = None,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status, headers)


def no_key() -> JSONResponse:
    text = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
        f"auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from {KEYS_PAGE}."
    )
    return error(401, text, kind="invalid_request_error")


def wrong_key(key: str) -> JSONResponse:
    text = f"Incorrect API key provided: {masked(key)}. You can find your API key at {KEYS_PAGE}."
    return error(401, text, kind="invalid_request_error", code="invalid_api_key")


def masked(key: str) -> str:
    """Return the key as the provider repeats it: eight characters, stars, four characters."""
    if len(key) <= 12:
        return "*" * len(key)
    return f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}"


def unknown_model(model: str) -> JSONResponse:
    text = f"The model `{model}` does not exist or you do not have access to it."
    return error(404, text, kind="invalid_request_error", code="model_not_found")


def bad_request(message: str, *, param: str | None = None) -> JSONResponse:
    return error(400, message, kind="invalid_request_error", param=param)


def rate_limited(rule: Rule, *, model: str) -> JSONResponse:
    wait = f"{rule.seconds:g}"
    text = (
        f"Rate limit reached for {model} in organization org-4fVbNcXq on {rule.window}: Limit {rule.limit}, "
        f"Used {rule.limit}, Requested 1. Please try again in {wait}s. Visit {LIMITS_PAGE} to learn more."
    )
    headers = {
        "retry-after": wait,
        "x-ratelimit-limit-requests": str(rule.limit),
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": f"{wait}s",
    }
    kind = "tokens" if "token" in rule.window else "requests"
    return error(429, text, kind=kind, code="rate_limit_exceeded", headers=headers)


def no_quota(code: str) -> JSONResponse:
    return error(429, NO_QUOTA[code], kind=code, code=code)


def wrong_region() -> JSONResponse:
    text = "Country, region, or territory not supported"
    return error(403, text, kind="request_forbidden", code="unsupported_country_region_territory")


def unknown_path(method: str, path: str) -> JSONResponse:
    return error(404, f"Invalid URL ({method} {path})", kind="invalid_request_error")


def server_error(status: int) -> Response:
    """Return what the provider says itself, and for 502 and 504 what the network before it says."""
    if status in BEFORE_IT:
        return page(status, BEFORE_IT[status])
    return error(status, SERVER_TEXT.get(status, SERVER_TEXT[500]), kind="server_error")


def page(status: int, title: str) -> HTMLResponse:
    """Return a page for people where a program expects a document."""
    lines = ("<html>", f"<head><title>{title}</title></head>", f"<body><center><h1>{title}</h1></center></body>")
    return HTMLResponse("\r\n".join((*lines, "</html>", "")), status)
