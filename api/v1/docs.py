"""The OpenAPI document, and the reference page that is rendered from it."""

import copy
import json
import re
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from api.pages import page
from api.portal.documented import SECURITY_SCHEMES

router = APIRouter(include_in_schema=False)
front = APIRouter(include_in_schema=False)

_INTRODUCTION = """Submit links to media coverage and get back one polished report with a screenshot of every page.

Every request carries an API key in the header `X-API-Key`. 60 requests in any 60 seconds are allowed per key: the
headers `RateLimit-Policy` and `RateLimit` of every answer say what is left, and after a 429 `Retry-After` says how many
seconds to wait. Every answer has a `Request-Id`; name it when you contact support.

API keys themselves are managed by people: in the dashboard, or by programs that a person has signed in to. Those
endpoints take no API key but `Authorization: Bearer` with an access token of Supabase Auth, or the cookie of a
signed-in browser.

Errors are JSON: `error` is a sentence for a person, `code` a stable word for a program."""

_PRICES = [
    ("1 to 100", "1"),
    ("101 to 250", "2"),
    ("251 to 500", "3"),
    ("501 and more", "3, and 1 for every 250 links beyond 500 that are begun"),
]


@router.get("/api/v1/openapi.json")
async def get_openapi_document(request: Request) -> JSONResponse:
    """The description of the API for programs."""
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "public, max-age=300"})


@router.get("/api/v1/docs")
async def get_reference(request: Request) -> HTMLResponse:
    """The description of the API for people."""
    html, csp = _reference(json.dumps(request.app.openapi()))
    headers = {"Content-Security-Policy": csp, "Cache-Control": "public, max-age=300", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, headers=headers)


@front.get("/")
async def get_front() -> RedirectResponse:
    """Where a person lands who opens the address of a server without a dashboard."""
    return RedirectResponse("/api/v1/docs")


def describe(app: FastAPI, origin: str) -> None:
    """Makes `app.openapi()` say what the framework cannot know: where the API is, and how keys are passed."""

    @cache
    def openapi() -> dict[str, Any]:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=_INTRODUCTION,
            routes=app.routes,
            servers=[{"url": origin}],
        )
        for operation in _operations(document):
            # Parameters that the framework would refuse with 422 we refuse with 400, or with the 404 of any other id.
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
            for status, response in operation["responses"].items():
                response["headers"] = _headers(status, of_a_key="security" not in operation)
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        document["components"]["securitySchemes"] = {
            "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Begins with `cr_live_`."},
            **SECURITY_SCHEMES,
        }
        document["security"] = [{"apiKey": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _headers(status: str, *, of_a_key: bool) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    headers = {"Request-Id": {"description": "Our name for this request.", **text}}
    if of_a_key and status not in ("401", "500", "503"):
        headers["RateLimit-Policy"] = {"description": 'Quota and window: `"perkey";q=60;w=60`.', **text}
        headers["RateLimit"] = {"description": 'Requests left, seconds until more: `"perkey";r=59;t=60`.', **text}
    if status in ("429", "503"):
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    return headers


@cache
def _reference(document: str) -> tuple[str, str]:
    openapi = json.loads(document)
    operations = [
        {"method": method.upper(), "path": path, "anchor": operation["operationId"], **_shown(operation, openapi)}
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return page(
        "reference.html",
        title=openapi["info"]["title"],
        origin=openapi["servers"][0]["url"],
        introduction=[_code(paragraph) for paragraph in openapi["info"]["description"].split("\n\n")],
        operations=operations,
        prices=_PRICES,
    )


def _shown(operation: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    """An operation as the template wants it: references followed, examples as text."""
    success = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][success].get("content", {})
    schema = _resolve(content.get("application/json", {}).get("schema", {}), openapi)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    parameters = [
        {
            "name": parameter["name"],
            "where": parameter["in"],
            "required": parameter.get("required", False),
            "type": _type(parameter["schema"]),
            "description": _code(parameter.get("description", "")),
        }
        for parameter in operation.get("parameters", [])
    ]
    if body:
        parameters += _fields(body["schema"], openapi, where="body")
    return {
        "summary": operation["summary"],
        "description": _code(operation["description"]),
        "parameters": parameters,
        "request": json.dumps(body["example"], indent=2) if body else None,
        "success": success,
        "is_empty": not content,
        "of_a_person": "security" in operation,
        "fields": _fields(schema, openapi),
        "response": json.dumps(_example(schema, openapi), indent=2, ensure_ascii=False) if schema else None,
        "errors": [
            {
                "status": status,
                "description": _code(response["description"]),
                "example": json.dumps(response["content"]["application/json"]["example"], indent=2),
            }
            for status, response in operation["responses"].items()
            if not status.startswith("2")
        ],
    }


def _resolve(schema: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {**openapi["components"]["schemas"][name], **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _fields(schema: dict[str, Any], openapi: dict[str, Any], where: str = "", prefix: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, declared in schema.get("properties", {}).items():
        field = _resolve(declared, openapi)
        rows.append(
            {
                "name": prefix + name,
                "where": where,
                "required": name in schema.get("required", []),
                "type": _type(field),
                "description": _code(field.get("description", "")),
            }
        )
        inner = _resolve(field.get("items", field), openapi)
        rows += _fields(inner, openapi, where, f"{prefix}{name}[]." if "items" in field else f"{prefix}{name}.")
    return rows


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    kind = schema.get("type", "object")
    if kind == "array" and "type" in schema.get("items", {}):
        return f"{schema['items']['type']}[]"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _example(schema: dict[str, Any], openapi: dict[str, Any]) -> Any:
    schema = _resolve(schema, openapi)
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][-1], openapi) if schema["anyOf"][-1] != {"type": "null"} else None
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: _example(copy.deepcopy(field), openapi) for name, field in schema["properties"].items()}
        case "array":
            return [_example(schema["items"], openapi)]
        case "boolean":
            return False
        case "integer" | "number":
            return 0
        case _:
            return "…"


def _code(text: str) -> Markup:
    """Plain text, with `marked` words as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704
