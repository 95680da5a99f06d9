"""API keys of an account, for owners and admins: list, create, revoke."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import JSONResponse, Response

from api.body import parse_object, read_body
from api.errors import ApiError
from api.portal.documented import ACCOUNT, SECURITY, name_body, portal_errors
from api.portal.ids import id_of
from api.portal.schemas import CreatedKey, Key, KeyList
from api.portal.visitor import RequiredAccount, RequiredVisitor
from core.keys import new_api_key

router = APIRouter(tags=["API keys"])
# Declared before the visitor, so that 413 and 415 come before 401.
RawBody = Annotated[bytes, Depends(read_body)]

ACTIVE_KEYS = 5
"""Active keys an account may have. The database keeps to it; pages say so."""


@router.get(
    "/api/portal/keys",
    summary="List API keys",
    responses=portal_errors(400, 401, 403, 404, 503),
    openapi_extra={"security": SECURITY, "parameters": [ACCOUNT]},
)
async def list_keys(visitor: RequiredVisitor, account: RequiredAccount) -> KeyList:
    """Every key of the account, active ones first, the newest of them first. Members may look, too."""
    found = await visitor.call("list_api_keys", p_account=account)
    return KeyList(data=[Key.model_validate(row) for row in found], active_limit=ACTIVE_KEYS)


@router.post(
    "/api/portal/keys",
    status_code=201,
    summary="Create API key",
    response_model=CreatedKey,
    responses=portal_errors(400, 401, 403, 404, 409, 413, 415, 503),
    openapi_extra={
        "security": SECURITY,
        "parameters": [ACCOUNT],
        "requestBody": name_body("What the key is for, as people know it.", "Newsroom dashboard"),
    },
)
async def create_key(raw: RawBody, visitor: RequiredVisitor, account: RequiredAccount) -> JSONResponse:
    """Makes a key, for owners and admins. `key` is told here and never again: only its hash is kept."""
    name = parse_object(raw).get("name")
    if not isinstance(name, str):
        raise ApiError(400, "invalid_name", "name is missing. Send a text of 1 to 100 characters.")
    new = new_api_key()
    key_id = await visitor.call(
        "create_api_key", p_account=account, p_name=name, p_prefix=new.prefix, p_hash=new.digest.hex()
    )
    return JSONResponse({"id": key_id, "prefix": new.prefix, "key": new.key}, 201)


@router.delete(
    "/api/portal/keys/{key_id}",
    status_code=204,
    summary="Revoke API key",
    responses=portal_errors(401, 403, 404, 503),
    openapi_extra={"security": SECURITY},
)
async def revoke_key(
    key_id: Annotated[str, Path(description="The id of the key.")], visitor: RequiredVisitor
) -> Response:
    """Ends a key with its next request, for owners and admins. A key that is revoked already stays so."""
    await visitor.call("revoke_api_key", p_key=id_of(key_id, "API key"))
    return Response(status_code=204)
