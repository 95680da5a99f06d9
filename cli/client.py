"""A polite client of the public API: waits as long as a 429 asks, tries again what may be tried again."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from cli.environment import Failure
from core.network import asks_proxy

# A server that has answered before is restarting; one that never did is not there.
_TRIES, _FIRST_TRIES = 6, 3
_LONGEST_WAIT = 120


class ApiClient:
    """Calls of one API key. Answers that are no success become `Failure` with the server's own sentence."""

    def __init__(self, url: str, api_key: str, on_wait: Callable[[str], None] = lambda _: None) -> None:
        headers = {"X-API-Key": api_key}
        self._http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=asks_proxy(url))
        self._url = url
        self._on_wait = on_wait
        self._has_answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create_report(self, urls: list[str], name: str | None, idempotency_key: str) -> dict[str, Any]:
        """The accepted report. With the key, a try whose answer was lost is not charged twice."""
        body = {"urls": urls, "reportName": name}
        answer: dict[str, Any] = self._send(
            "POST", "/reports", json=body, headers={"Idempotency-Key": idempotency_key}
        ).json()
        return answer

    def report(self, report_id: str) -> dict[str, Any]:
        """Its status."""
        answer: dict[str, Any] = self._send("GET", f"/reports/{report_id}").json()
        return answer

    def items(self, report_id: str) -> list[dict[str, Any]]:
        """Its first 500 items."""
        answer: list[dict[str, Any]] = self._send("GET", f"/reports/{report_id}/items", params={"limit": 500}).json()[
            "data"
        ]
        return answer

    def html(self, report_id: str) -> bytes:
        """The report as one self-contained file."""
        return self._send("GET", f"/reports/{report_id}/html", params={"images": "inline"}).content

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(_TRIES):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt + 1 >= (_TRIES if self._has_answered else _FIRST_TRIES):
                    raise Failure(f"The server at {self._url} cannot be reached: {error}.") from None
                self._wait(2**attempt, "The server does not answer. Trying again in")
                continue
            self._has_answered = True
            if answer.status_code not in (429, 503) or attempt == _TRIES - 1:
                break
            after = answer.headers.get("retry-after", "")
            self._wait(int(after) if after.isdigit() else 2**attempt, "The server asks to wait. Trying again in")
        if answer.is_success:
            return answer
        raise Failure(_sentence(answer), 2 if answer.status_code in (400, 401) else 1)

    def _wait(self, seconds: int, why: str) -> None:
        seconds = min(max(seconds, 1), _LONGEST_WAIT)
        self._on_wait(f"{why} {seconds} s …")
        time.sleep(seconds)


def _sentence(answer: httpx.Response) -> str:
    try:
        body = answer.json()
        sentence = str(body["error"])
    except (ValueError, KeyError, TypeError):
        return f"The server answered with status {answer.status_code}."
    if "required" in body:
        sentence += f": the report costs {body['required']}, the account has {body['available']}."
    request_id = body.get("requestId")
    return f"{sentence} (request {request_id})" if answer.status_code >= 500 and request_id else sentence
