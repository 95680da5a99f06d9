"""What the OpenAPI document says beyond types: parameters, bodies, errors."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

from api.v1.schemas import Error

_ERRORS = {
    400: ("Bad Request", "Something in the request is wrong; the sentence names it.", "invalid_urls",
          "urls is empty. Send 1 to 500 links."),
    401: ("Unauthorized", "The key is missing, malformed, unknown or revoked.", "unauthorized",
          "Missing or invalid API key. Pass X-API-Key header."),
    402: ("Payment Required", "The account has fewer credits than the report costs. Nothing was charged.",
          "insufficient_credits", "Insufficient credits"),
    403: ("Forbidden", "The account is deactivated.", "account_deactivated", "Account is deactivated."),
    404: ("Not Found", "There is no such report, or it belongs to another account.", "report_not_found",
          "Report not found."),
    409: ("Conflict", "Not now: the state of things forbids it.", "idempotency_key_in_use",
          "A request with this Idempotency-Key is still being processed. Try again in a moment."),
    413: ("Content Too Large", "The body is larger than 1 MB.", "body_too_large",
          "The body is too large. The limit is 1 MB."),
    415: ("Unsupported Media Type", "The body is not declared as JSON.", "unsupported_media_type",
          "Send the body as JSON in UTF-8, with Content-Type: application/json."),
    422: ("Unprocessable Content", "The Idempotency-Key was used with another body.", "idempotency_key_reused",
          "This Idempotency-Key was used with another body. Use a new key."),
    429: ("Too Many Requests", "Wait as many seconds as Retry-After says.", "rate_limited",
          "Rate limit exceeded. Limit: 60 requests per minute per API key. Try again in 12 s."),
    503: ("Service Unavailable", "The service is away for a moment.", "unavailable",
          "The service is unavailable for a moment. Please try again in a few seconds."),
}  # fmt: skip


IdInPath = Annotated[str, Path(description="The id of the report, from the answer to its creation.")]


def errors(*statuses: int, models: dict[int, type[BaseModel]] | None = None) -> dict[int | str, dict[str, Any]]:
    """The errors an endpoint may answer, each with an example."""
    return {status: documented_error(status, (models or {}).get(status, Error)) for status in (*statuses, 500)}


def documented_error(
    status: int, model: type[BaseModel], texts: Mapping[int, tuple[str, str, str, str]] | None = None
) -> dict[str, Any]:
    """An error with its example; `texts` says it in other words than the API's."""
    if status == 500:
        title, text = "Server Error", "Unexpected server error."
        code, sentence = "server_error", "Unexpected server error. If this persists, contact support."
    else:
        title, text, code, sentence = (texts or {}).get(status) or _ERRORS[status]
    example: dict[str, Any] = {"error": sentence}
    match model.__name__:
        case "CreditsError":
            example |= {"required": 2, "available": 1}
        case "StatusError":
            example = {"error": "Report not ready yet", "status": "processing"}
            code, text = "report_processing", "The report is still processing, or it failed."
    example |= {"code": code, "requestId": "req_3f2a9c1e5b7d48068f1e2d3c4b5a6978"}
    description = f"{title}. {text}"
    return {"model": model, "description": description, "content": {"application/json": {"example": example}}}


def query_parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """A parameter of the query, which may be left out."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_URLS = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "maxItems": 500,
    "description": "Links to the coverage. Repetitions are removed, and what is no http(s) link is dropped.",
}
_EXAMPLE_URLS = [
    "https://www.bbc.co.uk/news/example-article",
    "https://www.theguardian.com/example-story",
    "https://techcrunch.com/2026/01/example",
]


def _body(properties: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["urls"], "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


BODY = _body(
    {
        "urls": _URLS,
        "reportName": {
            "type": ["string", "null"],
            "maxLength": 200,
            "default": "Untitled",
            "description": "The title of the report.",
        },
    },
    {"urls": _EXAMPLE_URLS, "reportName": "January Campaign"},
)
ESTIMATE_BODY = _body({"urls": _URLS}, {"urls": _EXAMPLE_URLS})

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any value of your own, bare or quoted. Sent again with the same body within 24 hours, the first "
    "answer is repeated (with `Idempotent-Replayed: true`) and nothing is charged again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
IMAGES = query_parameter(
    "images",
    {"type": "string", "enum": ["linked", "inline"], "default": "linked"},
    "`inline` puts the pictures into the page, in a smaller size: one self-contained file.",
)
LIST_PARAMETERS = [
    query_parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "How many reports. More than 100 is 100.",
    ),
    query_parameter("starting_after", {"type": "string"}, "The id of the last report of the page before."),
]
ITEM_PARAMETERS = [
    query_parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
        "How many items. More than 500 is 500.",
    ),
    query_parameter(
        "starting_after", {"type": "integer", "minimum": 0}, "The position of the last item of the page before."
    ),
]
HTML: dict[str, Any] = {
    "description": "The report.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}
