"""Users, as an administrator sees and changes them, and links that are handed over by other means than a mail."""

from typing import Any

import bcrypt
import pytest

from embedded.running import Running
from tests.integration.embedded.client import (
    PASSWORD,
    admin_call,
    call,
    digits_in,
    follow,
    fragment,
    is_signed_in,
    link_in,
    mail_to,
    mails_to,
    new_email,
    new_user,
    official,
    said,
    sign_in,
    signed_in,
)

TOO_SHORT, TOO_LONG = "x" * 5, "x" * 73


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


# -- Users ----------------------------------------------------------------------------------------------------------


def test_users_are_listed_the_newest_first(running: Running) -> None:
    name = new_email().partition("@")[0]
    made = [new_user(running, user_metadata={"full_name": f"{name} {n}"}, password=None)["id"] for n in range(5)]
    first = admin_call(running, "GET", f"/admin/users?filter={name}&per_page=2")
    assert [user["id"] for user in first.json()["users"]] == made[:2:-1]
    assert first.json()["aud"] == "authenticated" and first.json()["users"][0]["identities"]
    assert first.headers["x-total-count"] == "5"
    assert 'page=2>; rel="next"' in first.headers["link"] and 'page=3>; rel="last"' in first.headers["link"]
    last = admin_call(running, "GET", f"/admin/users?filter={name}&per_page=2&page=3")
    assert [user["id"] for user in last.json()["users"]] == made[:1]
    assert "next" not in last.headers["link"]
    assert admin_call(running, "GET", f"/admin/users?filter={name[:8]}%25{name[9:]}").json()["users"] == []


def test_the_official_client_administers(running: Running) -> None:
    admin = official(running, key=running.secret_key).auth.admin
    made = admin.create_user({"email": new_email(), "email_confirm": True, "user_metadata": {"name": "Ada"}}).user
    assert made.id in [user.id for user in admin.list_users(page=1, per_page=10)]
    assert admin.get_user_by_id(made.id).user.user_metadata["name"] == "Ada"
    changed = admin.update_user_by_id(made.id, {"app_metadata": {"plan": "pro"}, "password": PASSWORD}).user
    assert changed.app_metadata == {"provider": "email", "providers": ["email"], "plan": "pro"}
    assert made.email is not None
    session = signed_in(running, made.email)
    admin.sign_out(session["access_token"], "global")
    assert not is_signed_in(running, session)
    admin.delete_user(made.id)
    assert sign_in(running, made.email).status_code == 400


@pytest.mark.parametrize("query", ["page=x", "per_page=-1", "page=1.5", "per_page=99999999999", "page=%F0%9D%9F%99"])
def test_a_page_has_a_number(running: Running, query: str) -> None:
    assert refused(admin_call(running, "GET", f"/admin/users?{query}")) == (400, "validation_failed")


def test_a_user_is_made_as_wanted(running: Running) -> None:
    wanted = "5c0c4c9e-3c7b-4f0e-9a53-2f6d6f1b7a01"
    admin_call(running, "DELETE", f"/admin/users/{wanted}")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    body = {"id": wanted, "email": new_email(), "email_confirm": True, "password_hash": hashed, "role": "staff"}
    user = admin_call(running, "POST", "/admin/users", body).json()
    assert (user["id"], user["role"]) == (wanted, "staff")
    assert sign_in(running, user["email"]).status_code == 200
    assert refused(admin_call(running, "POST", "/admin/users", body | {"email": new_email()})) == (422, "email_exists")


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None},
        {"phone": "+49123"},
        {"id": "x"},
        {"id": "00000000-0000-0000-0000-000000000000"},
        {"password_hash": TOO_LONG},
        {"password": PASSWORD, "password_hash": TOO_LONG},
        {"password": TOO_LONG},
        {"ban_duration": "soon"},
        {"ban_duration": "-1h"},
        {"ban_duration": "9" * 400 + "h"},
        {"ban_duration": "99999999h"},
    ],
)
def test_a_bad_user_is_not_made(running: Running, changes: dict[str, object]) -> None:
    answer = admin_call(running, "POST", "/admin/users", {"email": new_email(), **changes})
    assert answer.status_code in (400, 422)
    assert answer.json()["error_code"] in ("validation_failed", "phone_provider_disabled")


def test_a_user_is_changed_at_once(running: Running) -> None:
    user, new = new_user(running, user_metadata={"name": "Ada", "team": "x"}), new_email()
    path = f"/admin/users/{user['id']}"
    body = {
        "email": new,
        "email_confirm": True,
        "user_metadata": {"team": None},
        "app_metadata": {"plan": "pro"},
        "role": "staff",
        "ban_duration": "1h30m",
    }
    changed = admin_call(running, "PUT", path, body).json()
    assert (changed["email"], changed["role"]) == (new, "staff")
    assert changed["user_metadata"] == {"name": "Ada", "email_verified": True}
    assert changed["app_metadata"]["plan"] == "pro" and "banned_until" in changed
    assert changed["identities"][0]["email"] == new
    assert sign_in(running, new).json()["code"] == "user_banned"
    assert "banned_until" not in admin_call(running, "PUT", path, {"ban_duration": "none"}).json()
    assert sign_in(running, new).status_code == 200
    taken = new_user(running, password=None)["email"]
    assert refused(admin_call(running, "PUT", path, {"email": taken})) == (422, "email_exists")
    assert refused(admin_call(running, "PUT", path, {"password": TOO_SHORT})) == (
        422,
        "weak_password",
    )
    assert admin_call(running, "PUT", path, {"password": None, "email": None}).json()["email"] == new


def test_a_user_is_removed_for_good_or_not_at_all(running: Running) -> None:
    path = f"/admin/users/{new_user(running, password=None)['id']}"
    assert refused(admin_call(running, "DELETE", path, {"should_soft_delete": True})) == (400, "validation_failed")
    assert admin_call(running, "DELETE", path, {"should_soft_delete": False}).json() == {}
    for method in ("GET", "DELETE"):
        assert refused(admin_call(running, method, path)) == (404, "user_not_found")
        assert refused(admin_call(running, method, "/admin/users/nonsense")) == (404, "validation_failed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/users"),
        ("POST", "/admin/users"),
        ("PUT", "/admin/users/00000000-0000-0000-0000-000000000001"),
        ("DELETE", "/admin/users/00000000-0000-0000-0000-000000000001"),
        ("POST", "/admin/generate_link"),
        ("POST", "/invite"),
    ],
)
def test_nobody_else_administers(running: Running, method: str, path: str) -> None:
    body = None if method == "GET" else {"email": new_email()}
    assert said(call(running, method, path, body)) == (403, "not_admin", "User not allowed")


# -- Invitations and links ------------------------------------------------------------------------------------------


def test_an_invited_user_confirms_and_chooses_a_password(running: Running) -> None:
    email, client = new_email(), official(running, key=running.secret_key)
    invited = client.auth.admin.invite_user_by_email(email, {"data": {"team": "Acme"}}).user
    assert invited.invited_at is not None and invited.user_metadata["team"] == "Acme"
    # As often as an administrator wants.
    admin_call(running, "POST", "/invite", {"email": email, "data": None})
    newest, _ = mails_to(running, email)
    session = fragment(follow(link_in(newest)))
    assert session["type"] == "invite"
    changed = call(running, "PUT", "/user", {"password": PASSWORD}, token=session["access_token"])
    assert changed.status_code == 200 and sign_in(running, email).status_code == 200
    assert refused(admin_call(running, "POST", "/invite", {"email": email})) == (422, "email_exists")


@pytest.mark.parametrize(
    ("kind", "known", "becomes"),
    [
        ("signup", None, "signup"),
        ("signup", False, "signup"),
        ("invite", None, "invite"),
        ("magiclink", None, "signup"),
        ("magiclink", True, "magiclink"),
        ("recovery", True, "recovery"),
    ],
)
def test_a_link_is_made_without_a_mail(running: Running, kind: str, known: bool | None, becomes: str) -> None:
    email = new_email()
    if known is not None:
        new_user(running, email=email, email_confirm=known)
    admin = official(running, key=running.secret_key).auth.admin
    body: Any = {"type": kind, "email": email, "options": {"redirect_to": "http://127.0.0.1:9/x"}}
    made = admin.generate_link(body | ({"password": PASSWORD} if kind == "signup" else {}))
    assert made.user.email == email and mails_to(running, email) == []
    properties = made.properties
    assert (properties.verification_type, properties.redirect_to) == (becomes, "http://127.0.0.1:9/x")
    target = follow(properties.action_link)
    assert (target.port, fragment(target)["type"]) == (9, becomes)
    spent = {"type": becomes, "token_hash": properties.hashed_token}
    assert call(running, "POST", "/verify", spent).status_code == 403


def test_links_for_another_address_are_made_one_a_mailbox(running: Running) -> None:
    old, new = new_user(running)["email"], new_email()

    def made(kind: str) -> dict[str, Any]:
        body = {"type": f"email_change_{kind}", "email": old, "new_email": new}
        answer: dict[str, Any] = admin_call(running, "POST", "/admin/generate_link", body).json()
        return answer

    first, second = made("current"), made("new")
    assert "message" in fragment(follow(first["action_link"]))
    assert "access_token" in fragment(follow(second["action_link"]))
    assert sign_in(running, new).status_code == 200


def test_a_link_that_makes_no_sense_is_not_made(running: Running) -> None:
    def made(**body: object) -> tuple[int, str]:
        return refused(admin_call(running, "POST", "/admin/generate_link", body))

    known = new_user(running, password=None)["email"]
    assert made(type="recovery", email=new_email()) == (404, "user_not_found")
    assert made(type="email_change_new", email=new_email(), new_email=new_email()) == (404, "user_not_found")
    assert made(type="email_change_new", email=known, new_email="x") == (400, "validation_failed")
    assert made(type="email_change_new", email=known, new_email=new_user(running)["email"]) == (422, "email_exists")
    assert made(type="signup", email=known, password=PASSWORD) == (422, "email_exists")
    assert made(type="invite", email=known) == (422, "email_exists")
    assert made(type="signup", email=new_email()) == (400, "validation_failed")
    assert made(type="signup", email=new_email(), password="12345") == (422, "weak_password")
    assert made(type="nonsense", email=known) == (400, "validation_failed")
    assert made(type="recovery", email=None) == (400, "validation_failed")


def test_digits_of_an_invitation_are_in_its_mail(running: Running) -> None:
    email = new_email()
    admin_call(running, "POST", "/invite", {"email": email})
    body = {"type": "invite", "email": email, "token": digits_in(mail_to(running, email))}
    assert call(running, "POST", "/verify", body).json()["user"]["email"] == email


def test_single_sign_on_is_not_here(running: Running) -> None:
    assert said(call(running, "POST", "/sso", {"domain": "x"}))[:2] == (404, "saml_provider_disabled")
