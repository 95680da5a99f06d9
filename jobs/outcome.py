"""From a capture to what the database records: facts as JSON, pictures as files with random ids."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.store import ObjectStore
from core.turns import Link
from jobs.capture import Capture

SCREENSHOT_SIZE = (1280, 800)
THUMBNAIL_WIDTH = 640


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG on its way into the object store. The id is 128 random bits."""

    id: str
    report_id: UUID
    data: bytes
    width: int
    height: int

    @property
    def object_key(self) -> str:
        """Below the folder of the report, so that all of it can be removed at once."""
        return f"reports/{self.report_id.hex}/{self.id}.jpg"

    def row(self) -> dict[str, Any]:
        """What the database keeps of it."""
        return {
            "id": self.id,
            "object_key": self.object_key,
            "bytes": len(self.data),
            "width": self.width,
            "height": self.height,
        }


def pictures(link: Link, capture: Capture) -> dict[str, Picture]:
    """The two pictures of a captured link, by kind; none of a failed one."""
    if capture.reason is not None or capture.screenshot is None or capture.thumbnail is None:
        return {}
    width, height = SCREENSHOT_SIZE
    small = THUMBNAIL_WIDTH, THUMBNAIL_WIDTH * height // width
    return {
        "screenshot": Picture(secrets.token_hex(16), link.report_id, capture.screenshot, width, height),
        "thumbnail": Picture(secrets.token_hex(16), link.report_id, capture.thumbnail, *small),
    }


async def upload(store: ObjectStore, kinds: dict[str, Picture]) -> None:
    """Writes the pictures. Raises what the store raises."""
    for picture in kinds.values():
        await store.put(picture.object_key, picture.data)


def outcome(capture: Capture, kinds: dict[str, Picture]) -> dict[str, Any]:
    """The JSON that `core.turns.record_outcome` takes."""
    article = capture.article
    return {
        "reason": capture.reason,
        "http_status": capture.http_status,
        "final_url": capture.final_url,
        "headline": article.headline,
        "outlet": article.outlet,
        "author": article.author,
        "published_on": article.published_on.isoformat() if article.published_on else None,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "language": article.language,
        "excerpt": article.excerpt,
        "access": article.access,
    } | {kind: picture.row() for kind, picture in kinds.items()}
