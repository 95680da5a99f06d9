"""From rows to what the API answers."""

from uuid import UUID

from api.v1.schemas import ItemList, ListedReport, ReportItem, ReportStatus, Stats, timestamp
from core.reasons import describe
from core.reports import Item, Report


def listed_report(report: Report) -> ListedReport:
    """A report as one of a list."""
    answer = ListedReport(
        id=report.id.hex,
        status=report.status,
        report_name=report.name,
        url_count=report.url_count,
        credits_used=report.credits_used,
        created_at=report.created_at,
        completed_at=report.completed_at,
    )
    if report.status == "failed":
        answer.error = report.error or ""
        answer.credits_refunded = report.credits_refunded
    return answer


def report_status(report: Report, origin: str) -> ReportStatus:
    """A report by itself; `origin` begins every absolute link."""
    answer = ReportStatus.model_validate(listed_report(report).model_dump(exclude_unset=True))
    if report.status == "completed":
        answer.share_url = f"{origin}{share_path(report.share_token)}" if report.share_token else None
        answer.stats = Stats(total_links=report.url_count, screenshots=report.screenshots)
    return answer


def item_list(items: list[Item], limit: int, origin: str) -> ItemList:
    """One page of items; `items` has one more than `limit` when there are more."""
    return ItemList(data=[_item(item, origin) for item in items[:limit]], has_more=len(items) > limit)


def poll_message(report_id: UUID) -> str:
    """What to do after a report was accepted."""
    return f"Report is being generated. Poll GET /api/v1/reports/{report_id.hex} for status."


def share_path(token: str) -> str:
    """The public page of a report."""
    return f"/api/portal/reports/share/{token}"


def image_path(image_id: str) -> str:
    """A picture, for whoever knows its id."""
    return f"/api/portal/images/{image_id}.jpg"


def _item(item: Item, origin: str) -> ReportItem:
    published = item.published_on.isoformat() if item.published_on else None
    return ReportItem(
        position=item.position,
        url=item.url,
        final_url=item.final_url,
        status=item.status,
        reason=item.reason,
        message=describe(item.reason, item.http_status) if item.reason else None,
        http_status=item.http_status,
        headline=item.headline,
        outlet=item.outlet,
        author=item.author,
        published_at=timestamp(item.published_at) if item.published_at else published,
        language=item.language,
        excerpt=item.excerpt,
        access=item.access,
        screenshot_url=f"{origin}{image_path(item.screenshot_id)}" if item.screenshot_id else None,
        authority=None,
        monthly_visits=None,
    )
