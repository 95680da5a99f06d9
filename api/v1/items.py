"""The links of a report, one by one."""

from fastapi import APIRouter, Request

from api.auth import RequiredCaller
from api.services import services_of
from api.v1 import fields
from api.v1.answers import item_list
from api.v1.documented import ITEM_PARAMETERS, IdInPath, errors
from api.v1.schemas import ItemList
from core import reports

router = APIRouter(tags=["Reports"])


@router.get(
    "/api/v1/reports/{report_id}/items",
    summary="List the items of a report",
    responses=errors(400, 401, 403, 404, 429, 503),
    openapi_extra={"parameters": ITEM_PARAMETERS},
)
async def list_items(request: Request, report_id: IdInPath, caller: RequiredCaller) -> ItemList:
    """Returns what was found behind each link, in the order of the links, also while the report is processing."""
    services = services_of(request)
    identifier = fields.report_id_of(report_id)
    limit = fields.limit_of(request.query_params.get("limit"), default=100, maximum=500)
    after = fields.position_of(request.query_params.get("starting_after"))
    found = await reports.list_items(services.db, caller.account_id, identifier, limit, after)
    # Every report has items: none here is the end of the list, or no report.
    if not found and await reports.get_report(services.db, caller.account_id, identifier) is None:
        raise fields.report_not_found()
    return item_list(found, limit, services.settings.origin)
