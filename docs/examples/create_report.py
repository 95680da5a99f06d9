#!/usr/bin/env python3
"""Makes a coverage report of the links it is given, and saves the report as report.html.

    export COVERAGEREPORT_URL=http://127.0.0.1:8000 COVERAGEREPORT_API_KEY=cr_live_…
    python docs/examples/create_report.py https://news.example/one https://news.example/two

It needs requests.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import requests


class Api:
    """The REST API, asked with one key."""

    def __init__(self, url: str, key: str) -> None:
        self._base = f"{url.rstrip('/')}/api/v1"
        self._session = requests.Session()
        self._session.headers["X-API-Key"] = key

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, sent again after as long as a 429 asks for. Exits with the server's sentence on errors."""
        while True:
            answer = self._session.request(method, self._base + path, timeout=60, **options)
            if answer.status_code != 429:
                break
            seconds = int(answer.headers.get("Retry-After", 60))
            print(f"The server asks to wait {seconds} s …")
            time.sleep(seconds)
        if not answer.ok:
            sys.exit(f"{answer.json()['error']} (status {answer.status_code})")
        return answer


def main() -> None:
    """Balance, report, status until it has ended, page."""
    links = sys.argv[1:]
    if not links:
        print(f"Usage: {sys.argv[0]} LINK…", file=sys.stderr)
        sys.exit(2)
    api = Api(os.environ["COVERAGEREPORT_URL"], os.environ["COVERAGEREPORT_API_KEY"])

    print(f"Credits: {api.call('GET', '/credits/balance').json()['balance']}")

    report = api.call("POST", "/reports", json={"urls": links, "reportName": "My first report"}).json()
    print(f"Report {report['id']} of {report['urlCount']} links, for {report['creditsUsed']} credits")

    while report["status"] == "processing":
        report = api.call("GET", f"/reports/{report['id']}").json()
        print(f"Status: {report['status']}")
        if report["status"] == "processing":
            time.sleep(2)

    if report["status"] != "completed":
        sys.exit(report["error"])
    print(f"Screenshots: {report['stats']['screenshots']} of {report['stats']['totalLinks']}")
    print(f"To share: {report['shareUrl']}")
    Path("report.html").write_bytes(api.call("GET", f"/reports/{report['id']}/html").content)
    print("Saved as report.html")


if __name__ == "__main__":
    main()
