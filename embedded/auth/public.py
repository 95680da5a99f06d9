"""What everybody may know: health, settings, the public key."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth.context import auth_of, require_key
from embedded.auth.errors import AuthError

_NOT_HERE = (
    "anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "figma", "fly", "github", "gitlab",
    "google", "kakao", "keycloak", "linkedin", "linkedin_oidc", "notion", "phone", "slack", "slack_oidc", "snapchat",
    "spotify", "twitch", "twitter", "workos", "zoom",
)  # fmt: skip


async def health(_: Request) -> Response:
    """Name and version, as Supabase Auth tells them."""
    return JSONResponse({"version": "embedded", "name": "GoTrue", "description": "Stand-in for Supabase Auth"})


async def settings(request: Request) -> Response:
    """Which ways of signing in there are."""
    auth = require_key(request)
    return JSONResponse(
        {
            "external": dict.fromkeys(_NOT_HERE, False) | {"email": True},
            "disable_signup": False,
            "mailer_autoconfirm": not auth.rules.confirm_email,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
            "saml_private_key_next_configured": False,
            "passkeys_enabled": False,
        }
    )


async def jwks(request: Request) -> Response:
    """The public half of the signing key."""
    return JSONResponse(auth_of(request).tokens.jwks, headers={"Cache-Control": "public, max-age=600"})


async def sso(_: Request) -> Response:
    """There is no single sign-on."""
    raise AuthError(404, "saml_provider_disabled", "SAML 2.0 is disabled")
