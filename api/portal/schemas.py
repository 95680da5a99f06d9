"""What the portal answers to programs, field for field. The OpenAPI document is made from these."""

from typing import Annotated

from pydantic import Field

from api.v1.schemas import Answer, Timestamp

_KEY_ID = "0f8a6c1e-5b7d-4806-8f1e-2d3c4b5a6978"  # pragma: allowlist secret
Id = Annotated[str, Field(examples=[_KEY_ID])]
Prefix = Annotated[
    str, Field(description="The first characters of the key: by them it is told.", examples=["cr_live_7Kq2VxTb"])
]


class Key(Answer):
    id: Id
    name: str = Field(examples=["Newsroom dashboard"])
    prefix: Prefix
    created_by: str | None = Field(description="Who made it; null when they are gone.", examples=["Ada Okafor"])
    created_at: Timestamp = Field(examples=["2026-04-05T10:30:00.000Z"])
    last_used_at: Timestamp | None = Field(
        description="The last request with it, within seconds; null when there was none.",
        examples=["2026-04-07T08:12:44.120Z"],
    )
    request_count: int = Field(description="Requests so far.", examples=[1204])
    revoked_at: Timestamp | None = Field(description="Null while it is active.", examples=[None])
    unused: bool = Field(description="Active, and not used for 90 days.", examples=[False])


class KeyList(Answer):
    data: list[Key]
    active_limit: int = Field(description="How many active keys an account may have.", examples=[5])


class CreatedKey(Answer):
    id: Id
    prefix: Prefix
    key: str = Field(
        description="The key. It is told here and never again.",
        examples=["cr_live_7Kq2VxTbN0wRz8LdYc5mHj3PsUe1Ag6FiBk4"],  # pragma: allowlist secret
    )
