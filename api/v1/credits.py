"""The balance of the account."""

from fastapi import APIRouter, Request

from api.auth import RequiredCaller
from api.services import services_of
from api.v1.documented import errors
from api.v1.schemas import Balance
from core import reports

router = APIRouter(tags=["Credits"])


@router.get("/api/v1/credits/balance", summary="Get credit balance", responses=errors(401, 403, 429, 503))
async def get_balance(request: Request, caller: RequiredCaller) -> Balance:
    """Returns the credits of the account now."""
    return Balance(balance=await reports.credit_balance(services_of(request).db, caller.account_id))
