"""What the OpenAPI document says of the portal's endpoints for programs: how to sign in, parameters, errors."""

from typing import Any

from api.v1.documented import documented_error, query_parameter
from api.v1.schemas import Error

SECURITY_SCHEMES = {
    "supabaseToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of Supabase Auth, for programs that a person has signed in to.",
    },
    "sessionCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "coveragereport_session",
        "description": "The cookie of a signed-in browser. It speaks for changes only when `Sec-Fetch-Site`, or where "
        "that is missing `Origin`, says that our own pages ask.",
    },
}
SECURITY: list[dict[str, list[str]]] = [{"supabaseToken": []}, {"sessionCookie": []}]

ACCOUNT = query_parameter(
    "account",
    {"type": "string", "format": "uuid"},
    "The account that is meant. It may be left out by who belongs to one only; a browser's is the one last chosen.",
)

_ERRORS = {
    400: ("Bad Request", "Something in the request is wrong; the sentence names it.", "account_required",
          "You belong to several accounts. Name one: ?account=<id>."),
    401: ("Unauthorized", "No session, and no valid access token.", "invalid_token",
          "The access token is not valid, or it has expired. Get a new one from Supabase Auth."),
    403: ("Forbidden", "The role is not enough, or another site sent this with the cookie.", "forbidden",
          "Only owners and admins can do this."),
    404: ("Not Found", "It does not exist, or it belongs to an account that the user is not in.", "not_found",
          "This API key does not exist, or it is not yours."),
    409: ("Conflict", "The state of things forbids it.", "key_limit",
          "The account has 5 active API keys, which is the limit. Revoke one first."),
}  # fmt: skip


def portal_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors an endpoint of the portal may answer, each with an example."""
    return {status: documented_error(status, Error, _ERRORS) for status in (*statuses, 500)}


def name_body(description: str, example: str) -> dict[str, Any]:
    """A JSON body with a name."""
    name = {"type": "string", "minLength": 1, "maxLength": 100, "description": description}
    schema = {"type": "object", "required": ["name"], "properties": {"name": name}}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": {"name": example}}}}
