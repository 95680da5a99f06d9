"""What an operator decides about sign-in; on a hosted Supabase this is set in its dashboard."""

from dataclasses import dataclass, field

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Rules:
    """`mail_interval` is the pause in seconds between two mails of one purpose to one user.

    An empty `mail_url` means the outbox in the state folder. Links of mails lead back to `site_url`, see
    `redirects.py`: by way of us, as in Supabase's own templates, or, with `token_hash_links`, straight there with a
    token that the site verifies itself, as in templates for sites that a server renders. `password_cost` is bcrypt's.
    """

    site_url: str = "http://127.0.0.1:8000"
    confirm_email: bool = True
    mail_interval: int = 60
    mail_url: str = field(default="", repr=False)
    mail_from: str = ""
    token_hash_links: bool = False
    password_cost: int = 10

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """The rules that the environment sets."""
        return cls(
            site_url=settings.origin,
            confirm_email=settings.embedded_confirm_email == "on",
            mail_interval=settings.embedded_mail_interval,
            mail_url=settings.mail_url,
            mail_from=settings.mail_from,
            token_hash_links=settings.embedded_mail_links == "token_hash",
        )
