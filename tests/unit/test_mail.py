"""Mails: what a message may hold, the outbox on a real disk, and reading it back."""

import asyncio
import os
import stat
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from core import mail as mail_module
from core.mail import Mail, Mailer, MailError, compose
from core.mail_address import parse_sender, valid_address
from core.mail_pages import invitation_mail, render_mail
from core.outbox import newest_mails
from core.settings import ROOT, Settings

SENDER = parse_sender("Coverage Report <reports@example.com>")
VALUES = {
    "url": "https://reports.example.com/confirm?token=a&type=b",
    "code": "123456",
    "email": "ada@example.com",
    "new_email": "countess@example.com",
    "account_name": "Acme",
    "inviter": "Ada",
    "role": "member",
    "days": 7,
}


def mailer(folder: Path) -> Mailer:
    return Mailer.open(Settings(mail_url=str(folder)))


def send(folder: Path, *, to: str = "ada@example.com", subject: str = "Hello", text: str = "Text\n") -> None:
    asyncio.run(mailer(folder).send(Mail(to, subject, text, "<p>HTML</p>")))


# -- Messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\r\nBcc: eve@example.com",
        "Hello\nBcc: eve@example.com",
        "Hello\r\n\r\n<p>",
        "Hello\x0b\x85\u2028\u2029Bcc: x",
    ],
)
def test_a_subject_adds_no_header(subject: str) -> None:
    raw = compose(Mail("ada@example.com", subject, "Text", "<p>HTML</p>"), SENDER).as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert message["Subject"] == " ".join(subject.split())


def test_any_text_becomes_a_message() -> None:
    text = "".join(map(chr, range(0x250))) + "\ud800\U0001f600" + "x" * 100_000
    raw = compose(Mail("ada@example.com", text, text, text), SENDER).as_bytes()
    assert raw.isascii() and b"\0" not in raw
    message = message_from_bytes(raw, policy=default)
    assert 190 < len(message["Subject"]) <= 200
    body = message.get_body(("plain",))
    assert body is not None and body.get_content().rstrip("\r\n").endswith("?\U0001f600" + "x" * 100_000)


@pytest.mark.parametrize(
    "to",
    [
        "", "ada", "ada@", "@example.com", "ada@localhost", "ada@example..com", "ada@example.com, eve@example.com",
        "Ada <ada@example.com>", "ada@example.com\n", "ada@example.com\r\nBcc: eve@example.com", "a da@example.com",
        "ada@-example.com", "ada@example.com ", "adá@example.com", "x" * 65 + "@example.com", '"a\n"@example.com',
    ],
)  # fmt: skip
def test_what_is_not_one_address_gets_no_mail(tmp_path: Path, to: str) -> None:
    assert not valid_address(to)
    with pytest.raises(MailError):
        send(tmp_path, to=to)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["ada@example.com", "a.b+c@sub.example.co.uk", "o'hara@example.com", "a..b@example.com"])
def test_an_address_arrives_as_it_is(tmp_path: Path, to: str) -> None:
    send(tmp_path, to=to)
    assert newest_mails(tmp_path)[0].to.replace('"', "") == to


# -- The outbox -----------------------------------------------------------------------------------------------------


def test_the_outbox_is_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "outbox"
    send(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_mails_are_read_back_the_newest_first(tmp_path: Path) -> None:
    for number in range(5):
        send(tmp_path, subject=f"Mail {number}", text="Open https://example.com/a?b=1&c=2.\n<http://example.com/d>\n")
    mails = newest_mails(tmp_path, 3)
    assert [mail.subject for mail in mails] == ["Mail 4", "Mail 3", "Mail 2"]
    first = mails[0]
    assert (first.sender, first.to) == ("Coverage Report <coverage-report@localhost>", "ada@example.com")
    assert first.links == ["https://example.com/a?b=1&c=2", "http://example.com/d"]
    assert first.date is not None and first.date.tzinfo is not None


def test_an_outbox_holds_so_many_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail_module.KEPT == 500
    monkeypatch.setattr(mail_module, "KEPT", 3)
    (tmp_path / "notes.txt").write_text("not ours")
    for number in range(5):
        send(tmp_path, subject=f"Mail {number}")
    assert [mail.subject for mail in newest_mails(tmp_path)] == ["Mail 4", "Mail 3", "Mail 2"]
    assert len(list(tmp_path.glob("*.eml"))) == 3 and (tmp_path / "notes.txt").exists()


def test_mails_sent_at_once_are_all_written(tmp_path: Path) -> None:
    async def all_at_once() -> None:
        own = mailer(tmp_path)
        await asyncio.gather(*(own.send(Mail("ada@example.com", f"{n}", "Text", "HTML")) for n in range(40)))

    asyncio.run(all_at_once())
    assert {mail.subject for mail in newest_mails(tmp_path)} == {f"{n}" for n in range(40)}
    assert all(file.suffix == ".eml" for file in tmp_path.iterdir()), "a half-written file is left"


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(MailError, match="could not be written"):
        send(tmp_path / "outbox")


def test_hostile_files_do_no_harm(tmp_path: Path) -> None:
    send(tmp_path)
    secret = tmp_path / "secret.txt"
    secret.write_text("Subject: secret\n\nsecret")
    os.mkfifo(tmp_path / "z-pipe.eml")
    (tmp_path / "z-link.eml").symlink_to(secret)
    (tmp_path / "z-folder.eml").mkdir()
    (tmp_path / "z-empty.eml").write_bytes(b"")
    (tmp_path / "z-large.eml").write_bytes(b"Subject: large\n\n" + b"x" * 2**20)
    (tmp_path / "z-bytes.eml").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "z-charset.eml").write_bytes(b"Content-Type: text/plain; charset=none-such\n\n\xff")
    (tmp_path / "z-date.eml").write_bytes(b"Date: yesterday\nTo: =?utf-8?b?//8=?=\nSubject: odd\n\nText")
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    (tmp_path / "z-deep.eml").write_bytes(deep)
    (tmp_path / "z-links.eml").write_bytes(b"Subject: links\n\n" + b"http://a/%d " * 50_000 + b"http" * 50_000)
    mails = {mail.name: mail for mail in newest_mails(tmp_path)}
    assert not {"z-pipe.eml", "z-link.eml", "z-folder.eml", "z-large.eml"} & set(mails)
    assert mails["z-date.eml"].date is None and mails["z-date.eml"].subject == "odd"
    assert any(mail.subject == "Hello" for mail in mails.values())


def test_only_so_many_links_are_kept(tmp_path: Path) -> None:
    send(tmp_path, text=" ".join(f"https://example.com/{n}" for n in range(1000)))
    assert len(newest_mails(tmp_path)[0].links) == 20


def test_a_folder_that_is_not_there_holds_no_mail(tmp_path: Path) -> None:
    assert newest_mails(tmp_path / "nowhere") == []


# -- Settings -------------------------------------------------------------------------------------------------------


def test_without_an_address_no_mail_goes_out() -> None:
    off = Mailer.open(Settings(mail_url=""))
    assert not off.is_on
    with pytest.raises(MailError, match="MAIL_URL"):
        asyncio.run(off.send(Mail("ada@example.com", "Hello", "Text", "HTML")))


def test_a_folder_may_be_named_as_a_file_url(tmp_path: Path) -> None:
    own = Mailer.open(Settings(mail_url=f"file://{tmp_path}", mail_from="Acme <pr@acme.example>"))
    asyncio.run(own.send(Mail("ada@example.com", "Hello", "Text", "HTML")))
    assert newest_mails(tmp_path)[0].sender == "Acme <pr@acme.example>"


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        Mailer.open(Settings(mail_url="smtp://mail.example.com"))


# -- What mails say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", sorted(path.stem for path in (ROOT / "templates" / "email").glob("*.txt")))
def test_every_mail_says_the_same_in_text_and_html(template: str) -> None:
    mail = render_mail(template, "ada@example.com", VALUES)
    assert mail.subject and "\n" not in mail.subject and not mail.subject.startswith("Subject")
    assert str(VALUES["url"]) in mail.text.splitlines()
    assert 'href="https://reports.example.com/confirm?token=a&amp;type=b"' in mail.html
    assert ("123456" in mail.text) == ("123456" in mail.html) == (template != "invitation")


def test_names_in_an_invitation_are_text() -> None:
    mail = invitation_mail(
        "ada@example.com",
        account_name="Acme\n\nBcc: eve@example.com",
        inviter="<script>alert(1)</script>",
        role="admin",
        url="https://reports.example.com/invitations/abc",
        days=7,
    )
    assert mail.subject == "<script>alert(1)</script> invites you to Acme Bcc: eve@example.com"
    assert "<script>" not in mail.html and "&lt;script&gt;" in mail.html
    assert "as an admin" in mail.text and "7 days" in mail.text
