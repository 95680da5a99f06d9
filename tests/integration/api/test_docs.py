"""The OpenAPI document and the reference page say what the API does."""

import re
from typing import Any

import pytest

from tests.integration.api.stand import ORIGIN, Customer, Stand

OF_PEOPLE = {
    ("get", "/api/portal/keys"),
    ("post", "/api/portal/keys"),
    ("delete", "/api/portal/keys/{key_id}"),
}
BY_A_PERSON: list[dict[str, list[str]]] = [{"supabaseToken": []}, {"sessionCookie": []}]
ENDPOINTS = {
    ("get", "/api/v1/credits/balance"),
    ("post", "/api/v1/reports"),
    ("get", "/api/v1/reports"),
    ("post", "/api/v1/reports/estimate"),
    ("get", "/api/v1/reports/{report_id}"),
    ("get", "/api/v1/reports/{report_id}/html"),
    ("get", "/api/v1/reports/{report_id}/items"),
    *OF_PEOPLE,
}


@pytest.fixture(scope="module")
def openapi(stand: Stand) -> dict[str, Any]:
    document: dict[str, Any] = stand.client.get("/api/v1/openapi.json").json()
    return document


def test_the_document_lists_every_endpoint_and_nothing_else(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"] == "3.1.0"
    assert openapi["servers"] == [{"url": ORIGIN}]
    assert {(method, path) for path, methods in openapi["paths"].items() for method in methods} == ENDPOINTS


def test_the_document_says_how_keys_are_passed(openapi: dict[str, Any]) -> None:
    scheme = openapi["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    assert openapi["security"] == [{"apiKey": []}]
    assert openapi["components"]["securitySchemes"]["supabaseToken"]["scheme"] == "bearer"
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            assert operation.get("security") == (BY_A_PERSON if (method, path) in OF_PEOPLE else None)


def test_the_front_door_leads_to_the_reference(stand: Stand) -> None:
    answer = stand.client.get("/", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/api/v1/docs")


def test_every_reference_in_the_document_leads_somewhere(openapi: dict[str, Any]) -> None:
    names = re.findall(r"'#/components/schemas/(\w+)'", str(openapi))
    assert names and set(names) <= set(openapi["components"]["schemas"])


def test_every_error_in_the_document_has_an_example_in_our_shape(openapi: dict[str, Any]) -> None:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["description"]
            limited = set() if (method, path) in OF_PEOPLE else {"429"}
            assert {"401", "403", "500"} | limited <= set(operation["responses"])
            for status, response in operation["responses"].items():
                if not status.startswith("2"):
                    assert {"error", "code", "requestId"} <= set(response["content"]["application/json"]["example"])


def test_answers_are_as_the_document_says(customer: Customer, openapi: dict[str, Any]) -> None:
    processing, completed = customer.create(), None
    customer.finish(processing, [None])
    completed, failed = processing, customer.create()
    customer.finish(failed, ["blocked"])
    processing = customer.create()
    one = {"urls": ["https://news.example/", "x"]}
    reports = "/api/v1/reports"
    answers = [
        ("get", "/api/v1/credits/balance", customer.get("/api/v1/credits/balance")),
        ("post", reports, customer.post(reports, json=one)),
        ("post", reports, customer.post(reports, json={"urls": []})),
        ("get", reports, customer.get(reports)),
        ("post", f"{reports}/estimate", customer.post(f"{reports}/estimate", json=one)),
        *[
            ("get", reports + "/{report_id}", customer.get(f"{reports}/{one}"))
            for one in (processing, completed, failed)
        ],
        ("get", reports + "/{report_id}", customer.get(f"{reports}/x")),
        ("get", reports + "/{report_id}/html", customer.get(f"{reports}/{processing}/html")),
        *[
            ("get", reports + "/{report_id}/items", customer.get(f"{reports}/{one}/items"))
            for one in (completed, failed)
        ],
    ]
    for method, path, answer in answers:
        response = openapi["paths"][path][method]["responses"][str(answer.status_code)]
        check(answer.json(), response["content"]["application/json"]["schema"], openapi)


def test_the_reference_shows_every_endpoint_and_loads_nothing(stand: Stand) -> None:
    answer = stand.client.get("/api/v1/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for _, path in ENDPOINTS:
        assert path in answer.text
    assert not re.search(r"<(script|link|img|iframe)\b|\bsrc=|@import|url\(", answer.text)
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        answer.headers["content-security-policy"],
    )


def check(value: Any, schema: dict[str, Any], openapi: dict[str, Any], where: str = "$") -> None:
    """The part of JSON Schema that the document uses. Objects may hold nothing that is not described."""
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if value is None:
            assert {"type": "null"} in schema["anyOf"], where
            return
        schema = next(choice for choice in schema["anyOf"] if choice != {"type": "null"})
        check(value, schema, openapi, where)
        return
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    assert isinstance(value, kinds[schema["type"]]), (where, value)
    if "enum" in schema:
        assert value in schema["enum"], where
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), where
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(item, schema["items"], openapi, f"{where}[{index}]")
    if isinstance(value, dict):
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), (where, value)
        for name, item in value.items():
            check(item, schema["properties"][name], openapi, f"{where}.{name}")
