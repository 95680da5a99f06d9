"""What the API answers, field for field. The OpenAPI document is made from these."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict


def timestamp(moment: datetime) -> str:
    """UTC, milliseconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Timestamp = Annotated[datetime, PlainSerializer(timestamp, return_type=str)]
Status = Annotated[Literal["processing", "completed", "failed"], Field(description="Where the report is.")]
_EXAMPLE_ID = "a1b2c3d4e5f60718293a4b5c6d7e8f90"  # pragma: allowlist secret
ReportId = Annotated[
    str,
    Field(
        description="32 lower-case hex digits.",
        pattern="^[0-9a-f]{32}$",
        examples=[_EXAMPLE_ID],  # pragma: allowlist secret
    ),
]


class Answer(BaseModel):
    """Python names inside, camelCase outside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Balance(Answer):
    balance: int = Field(description="Credits the account has now.", examples=[12])


class AcceptedReport(Answer):
    id: ReportId
    status: Literal["processing"]
    url_count: int = Field(description="Links in the report, after cleaning and without repetitions.", examples=[15])
    credits_used: int = Field(examples=[1])
    message: str = Field(examples=["Report is being generated. Poll GET /api/v1/reports/a1b2c3d4e5f6... for status."])


_COMPLETED: JsonDict = {
    "id": _EXAMPLE_ID,
    "status": "completed",
    "reportName": "January Campaign",
    "urlCount": 15,
    "creditsUsed": 1,
    "createdAt": "2026-04-05T10:30:00.000Z",
    "completedAt": "2026-04-05T10:31:42.000Z",
}


class ListedReport(Answer):
    model_config = ConfigDict(json_schema_extra={"examples": [_COMPLETED]})

    id: ReportId
    status: Status
    report_name: str = Field(examples=["January Campaign"])
    url_count: int = Field(examples=[15])
    credits_used: int = Field(examples=[1])
    created_at: Timestamp = Field(examples=["2026-04-05T10:30:00.000Z"])
    completed_at: Timestamp | None = Field(
        description="When the report ended; null while it is processing.", examples=["2026-04-05T10:31:42.000Z"]
    )
    error: str = Field(default="", description="What went wrong. Only when failed.")
    credits_refunded: int = Field(default=0, description="Credits that were given back. Only when failed.")


class Stats(Answer):
    total_links: int = Field(description="Links of the report.", examples=[15])
    screenshots: int = Field(description="Links with a real screenshot.", examples=[12])


class ReportStatus(ListedReport):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_COMPLETED,
                    "shareUrl": "https://app.coveragereport.ai/api/portal/reports/share/abc123...",
                    "stats": {"totalLinks": 15, "screenshots": 12},
                }
            ]
        }
    )

    share_url: str | None = Field(
        default=None, description="Public address of the report; null once it was revoked. Only when completed."
    )
    stats: Stats = Field(default=Stats(total_links=0, screenshots=0), description="Only when completed.")


class ReportList(BaseModel):
    data: list[ListedReport]
    has_more: bool = Field(description="Whether there are older reports.")


class Metric(Answer):
    value: float
    provider: str
    as_of: date


class ReportItem(Answer):
    position: int = Field(description="Place of the link in the report, from 1.", examples=[1])
    url: str = Field(examples=["https://www.theguardian.com/example"])
    final_url: str | None = Field(description="Where the link led in the end.")
    status: Literal["pending", "captured", "failed"]
    reason: str | None = Field(
        description="Null unless failed: dns, refused, connect, tls, timeout, http_error, blocked, not_a_page, "
        "too_large or crashed."
    )
    message: str | None = Field(description="The reason as a sentence.")
    http_status: int | None
    headline: str | None
    outlet: str | None
    author: str | None = Field(description='Names joined by ", ".')
    published_at: str | None = Field(
        description="Date, or date and time where the time is known; null when unsure.", examples=["2026-04-05"]
    )
    language: str | None = Field(examples=["en"])
    excerpt: str | None
    access: Literal["open", "paywalled"] | None
    screenshot_url: str | None
    authority: Metric | None
    monthly_visits: Metric | None


class ItemList(BaseModel):
    data: list[ReportItem]
    has_more: bool = Field(description="Whether there are more items after these.")


class RejectedUrl(Answer):
    index: int = Field(description="Place in the array as sent, from 0.")
    value: str = Field(description="The first 200 characters of what was sent.")
    reason: Literal["not_a_string", "not_a_url", "not_http", "has_credentials", "too_long"]
    message: str


class Estimate(Answer):
    url_count: int = Field(description="Links the report would have.", examples=[2])
    duplicates: int = Field(examples=[1])
    rejected: list[RejectedUrl]
    credits_required: int = Field(examples=[1])
    balance: int = Field(description="Credits the account has now.", examples=[12])


class Error(Answer):
    error: str = Field(description="What went wrong, as a sentence for a person.")
    code: str = Field(description="What went wrong, for a program. It stays the same when the sentence changes.")
    request_id: str = Field(description="The Request-Id of this answer. Name it when you contact support.")


class CreditsError(Error):
    required: int = Field(description="Credits the report costs.", examples=[2])
    available: int = Field(description="Credits the account has.", examples=[1])


class StatusError(Error):
    status: Status
