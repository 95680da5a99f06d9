"""What the log of the web process does not hold."""

import pytest

from tests.integration.api.stand import Stand
from tests.integration.portal.people import Team


def test_no_token_no_key_and_no_cookie_is_in_the_log(
    people: Team, portal: Stand, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    key = people.owner.post("/api/portal/keys", json={"name": "key"}).json()["key"]
    invited = {"email": f"{people.account.hex}@example.com", "role": "member"}
    path = (
        people.owner.post("/api/portal/invitations", json=invited)
        .json()["url"]
        .removeprefix("https://coverage.example")
    )
    people.outsider.get(path)
    people.outsider.post(path, data={"x": ""})
    portal.client.get("/sign-in", params={"next": path})
    bearer = people.owner.bearer["Authorization"]
    portal.client.get("/api/portal/keys", headers={"Authorization": bearer})
    portal.client.get("/api/portal/keys", headers={"Authorization": bearer + "x"})
    out, err = capfd.readouterr()
    log = out + err + caplog.text
    assert "route=/invitations/{token}" in log or '"/invitations/{token}"' in log, log
    for secret in (key, path.rpartition("/")[2], bearer.partition(" ")[2], people.owner.cookie, people.outsider.cookie):
        assert secret not in log
