"""Mails over SMTP, to a real server on loopback: under TLS, with a password, and refused."""

import asyncio
import socket
import ssl
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from core import mail as mail_module
from core.mail import Mail, Mailer, MailError
from core.settings import Settings
from tests.integration.mail_server import MailServer, certificate, mail_server

MAIL = Mail("ada@example.com", "Hello, Ada", "Text\n.\nmore text\n", "<p>HTML</p>")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, whose certificate is trusted here."""
    public, context = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    return context


def send(server: MailServer, *, scheme: str = "smtp", login: str = "", host: str = "127.0.0.1") -> None:
    url = f"{scheme}://{login}{host}:{server.port}"
    settings = Settings(mail_url=url, mail_from="Coverage Report <reports@example.com>")
    asyncio.run(Mailer.open(settings).send(MAIL))


def sent(server: MailServer) -> None:
    """Exactly our mail has arrived."""
    (raw,) = server.mails
    message = message_from_bytes(raw, policy=default)
    assert (message["From"], message["To"]) == ("Coverage Report <reports@example.com>", "ada@example.com")
    body = message.get_body(("plain",))
    assert body is not None and "more text" in body.get_content()
    said = [command for command, _ in server.said]
    assert any(command.startswith("mail FROM:<reports@example.com>") for command in said)
    assert "rcpt TO:<ada@example.com>" in said


def test_a_mail_goes_out_under_starttls_with_the_password(tls: ssl.SSLContext) -> None:
    with mail_server(context=tls) as server:
        send(server, login="ada%40example.com:p%3Ass%2Fw@")
    sent(server)
    assert all(secured for command, secured in server.said if not command.lower().startswith(("ehlo", "starttls")))
    (login,) = [command for command, _ in server.said if command.startswith("AUTH")]
    assert server.password_of(login) == ["ada@example.com", "p:ss/w"]


def test_a_mail_goes_out_under_tls_from_the_start(tls: ssl.SSLContext) -> None:
    with mail_server(context=tls, tls_at_once=True) as server:
        send(server, scheme="smtps", login="ada:secret@")
    sent(server)
    assert all(secured for _, secured in server.said)


def test_a_server_of_this_machine_may_do_without_tls() -> None:
    with mail_server() as server:
        send(server)
    sent(server)


def test_another_server_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "_is_here", lambda host: False)
    with mail_server() as server, pytest.raises(MailError):
        send(server, login="ada:secret@")
    assert not [command for command, _ in server.said if command.startswith(("AUTH", "mail"))]


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("mail.example.com", False)],
)
def test_only_loopback_is_this_machine(host: str, here: bool) -> None:
    assert mail_module._is_here(host) is here


@pytest.mark.parametrize("tls_at_once", [False, True])
def test_a_certificate_of_nobody_we_know_is_refused(tmp_path: Path, tls_at_once: bool) -> None:
    _, context = certificate(tmp_path, "127.0.0.1")
    with mail_server(context=context, tls_at_once=tls_at_once) as server, pytest.raises(MailError):
        send(server, scheme="smtps" if tls_at_once else "smtp", login="ada:secret@")
    assert not [command for command, _ in server.said if command.startswith(("AUTH", "mail"))]


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public, context = certificate(tmp_path, "mail.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with mail_server(context=context) as server, pytest.raises(MailError):
        send(server)
    assert server.mails == []


@pytest.mark.parametrize(
    ("command", "answer", "sentence"),
    [
        ("AUTH", "535 no ada@example.com", "user name and password"),
        ("rcpt", "550 no such ada@example.com", "recipient"),
        ("mail", "550 not you", "MAIL_FROM"),
        ("data", "554 no", "554"),
        ("ehlo", "421 later", "no TLS"),
    ],
)
def test_a_refusal_is_told_without_an_address_or_a_secret(
    tls: ssl.SSLContext, command: str, answer: str, sentence: str
) -> None:
    with mail_server(context=tls, refuse={command: answer}) as server, pytest.raises(MailError, match=sentence) as told:
        send(server, login="user:secret@")
    assert server.mails == []
    assert not any(word in str(told.value) for word in ("ada", "user:", "secret"))


def test_a_server_that_is_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(MailError, match="cannot be reached: Connection refused"):
        send(MailServer(port=port))


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail_module._SECONDS == 10
    monkeypatch.setattr(mail_module, "_SECONDS", 1)
    began = time.monotonic()
    with mail_server(silent=True) as server, pytest.raises(MailError, match="in time"):
        send(server)
    assert time.monotonic() - began < 8, "the server gave up, not we"
