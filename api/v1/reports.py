"""Reports: create, status, HTML, list."""

import hashlib
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse

from api.auth import Caller, RequiredCaller, deactivated
from api.body import parse_object, read_body
from api.errors import ApiError
from api.report_page import Pictures, page_response
from api.services import Services, services_of
from api.v1 import fields
from api.v1.answers import listed_report, poll_message, report_status
from api.v1.documented import BODY, ESTIMATE_BODY, HTML, IDEMPOTENCY_KEY, IMAGES, LIST_PARAMETERS, IdInPath, errors
from api.v1.schemas import AcceptedReport, CreditsError, Estimate, RejectedUrl, ReportList, ReportStatus, StatusError
from core import reports
from core.links import CleanedLinks, clean_links

router = APIRouter(tags=["Reports"])
# Declared before the caller, so that 413 and 415 come before 401.
RawBody = Annotated[bytes, Depends(read_body)]


@router.post(
    "/api/v1/reports",
    status_code=202,
    summary="Create report",
    response_model=AcceptedReport,
    responses=errors(400, 401, 402, 403, 409, 413, 415, 422, 429, 503, models={402: CreditsError}),
    openapi_extra={"requestBody": BODY, "parameters": [IDEMPOTENCY_KEY]},
)
async def create_report(request: Request, raw: RawBody, caller: RequiredCaller) -> JSONResponse:
    """Submits links for a report. Credits are deducted immediately, the report is made in the background: poll its
    status. A report none of whose links could be captured fails and gives its credits back."""
    body = parse_object(raw)
    links = _links(body)
    name = fields.name_of(body)
    key = fields.idempotency_key_of(request.headers.getlist("idempotency-key"))
    outcome = await reports.create_report(
        services_of(request).db,
        caller.account_id,
        caller.key_id,
        name,
        links.accepted,
        key,
        _fingerprint(request, body),
    )
    match outcome:
        case reports.Created():
            return _accepted(outcome)
        case reports.InsufficientCredits():
            raise ApiError(
                402,
                "insufficient_credits",
                "Insufficient credits",
                headers=_replay_header(outcome.replayed),
                required=outcome.required,
                available=outcome.available,
            )
        case reports.AccountDeactivated():
            raise deactivated()
        case reports.IdempotencyConflict("in_progress"):
            raise ApiError(
                409,
                "idempotency_key_in_use",
                "A request with this Idempotency-Key is still being processed. Try again in a moment.",
                headers={"Retry-After": "1"},
            )
        case reports.IdempotencyConflict():
            raise ApiError(
                422, "idempotency_key_reused", "This Idempotency-Key was used with another body. Use a new key."
            )


@router.post(
    "/api/v1/reports/estimate",
    summary="Estimate a report",
    responses=errors(400, 401, 403, 413, 415, 429, 503),
    openapi_extra={"requestBody": ESTIMATE_BODY},
)
async def estimate_report(request: Request, raw: RawBody, caller: RequiredCaller) -> Estimate:
    """Cleans the links as a report would, says which are refused and why, and what the report would cost. Nothing is
    charged and nothing is kept."""
    db = services_of(request).db
    links = _links(parse_object(raw))
    return Estimate(
        url_count=len(links.accepted),
        duplicates=links.duplicates,
        rejected=[
            RejectedUrl(index=one.index, value=one.value, reason=one.reason.value, message=one.message)
            for one in links.rejected
        ],
        credits_required=await reports.report_price(db, len(links.accepted)),
        balance=await reports.credit_balance(db, caller.account_id),
    )


@router.get(
    "/api/v1/reports/{report_id}",
    summary="Get report status",
    response_model_exclude_unset=True,
    responses=errors(401, 403, 404, 429, 503),
)
async def get_report(request: Request, report_id: IdInPath, caller: RequiredCaller) -> ReportStatus:
    """Returns the status of a report and, once it is completed, its public address and its numbers."""
    services = services_of(request)
    report = await _find(services, caller, fields.report_id_of(report_id))
    return report_status(report, services.settings.origin)


@router.get(
    "/api/v1/reports/{report_id}/html",
    summary="Get report HTML",
    response_class=Response,
    responses={200: HTML, **errors(400, 401, 403, 404, 409, 429, 503, models={409: StatusError})},
    openapi_extra={"parameters": [IMAGES]},
)
async def get_report_html(request: Request, report_id: IdInPath, caller: RequiredCaller) -> Response:
    """Returns the whole report as one HTML page. Only of completed reports."""
    services = services_of(request)
    pictures = _pictures_of(request.query_params.get("images"))
    report = await _find(services, caller, fields.report_id_of(report_id))
    if report.status != "completed":
        sentence = "Report not ready yet" if report.status == "processing" else "The report failed: it has no page."
        raise ApiError(409, f"report_{report.status}", sentence, status=report.status)
    response = await page_response(request, services, caller.account_id, report.id, pictures)
    if response is None:
        raise fields.report_not_found()
    return response


@router.get(
    "/api/v1/reports",
    summary="List reports",
    response_model_exclude_unset=True,
    responses=errors(400, 401, 403, 429, 503),
    openapi_extra={"parameters": LIST_PARAMETERS},
)
async def list_reports(request: Request, caller: RequiredCaller) -> ReportList:
    """Returns the most recent reports, newest first."""
    db = services_of(request).db
    limit = fields.limit_of(request.query_params.get("limit"), default=20, maximum=100)
    cursor = request.query_params.get("starting_after")
    starting_after = None if cursor is None else fields.cursor_of(cursor)
    found = await reports.list_reports(db, caller.account_id, limit, starting_after)
    # An empty page is the end of the list, or a cursor that is none.
    if not found and starting_after and await reports.get_report(db, caller.account_id, starting_after) is None:
        raise fields.unknown_cursor()
    return ReportList(data=[listed_report(report) for report in found[:limit]], has_more=len(found) > limit)


def _links(body: dict[str, Any]) -> CleanedLinks:
    links = clean_links(fields.urls_of(body))
    if not links.accepted:
        raise ApiError(400, "no_valid_urls", "No valid URLs were found")
    return links


def _fingerprint(request: Request, body: dict[str, Any]) -> bytes:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.url.path}\n{canonical}".encode()).digest()


def _accepted(created: reports.Created) -> JSONResponse:
    answer = AcceptedReport(
        id=created.report_id.hex,
        status="processing",
        url_count=created.url_count,
        credits_used=created.credits_used,
        message=poll_message(created.report_id),
    )
    headers = {"Location": f"/api/v1/reports/{created.report_id.hex}", **_replay_header(created.replayed)}
    return JSONResponse(answer.model_dump(by_alias=True), 202, headers)


def _replay_header(replayed: bool) -> dict[str, str]:
    return {"Idempotent-Replayed": "true"} if replayed else {}


def _pictures_of(text: str | None) -> Pictures:
    match text:
        case None | "linked":
            return Pictures.LINKED
        case "inline":
            return Pictures.INLINE
        case _:
            raise ApiError(400, "invalid_images", "images must be linked or inline.")


async def _find(services: Services, caller: Caller, report_id: UUID) -> reports.Report:
    report = await reports.get_report(services.db, caller.account_id, report_id)
    if report is None:
        raise fields.report_not_found()
    return report
