"""Every endpoint of the stand-in, and how its errors are rendered."""

from starlette.routing import Route

from embedded.auth import administration, grants, invitations, own_user, public, recovery, sign_up, verification
from embedded.auth.errors import HANDLERS

__all__ = ["HANDLERS", "ROUTES"]

ROUTES = [
    Route("/health", public.health),
    Route("/settings", public.settings),
    Route("/.well-known/jwks.json", public.jwks),
    Route("/signup", sign_up.sign_up, methods=["POST"]),
    Route("/otp", sign_up.otp, methods=["POST"]),
    Route("/token", grants.token, methods=["POST"]),
    Route("/user", own_user.read),
    Route("/user", own_user.update, methods=["PUT"]),
    Route("/logout", own_user.sign_out, methods=["POST"]),
    Route("/recover", recovery.recover, methods=["POST"]),
    Route("/resend", recovery.resend, methods=["POST"]),
    Route("/verify", verification.follow),
    Route("/verify", verification.verify, methods=["POST"]),
    Route("/invite", invitations.invite, methods=["POST"]),
    Route("/sso", public.sso, methods=["POST"]),
    Route("/admin/generate_link", invitations.generate_link, methods=["POST"]),
    Route("/admin/users", administration.index),
    Route("/admin/users", administration.create, methods=["POST"]),
    Route("/admin/users/{user_id}", administration.read),
    Route("/admin/users/{user_id}", administration.update, methods=["PUT"]),
    Route("/admin/users/{user_id}", administration.delete, methods=["DELETE"]),
]
