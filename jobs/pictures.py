"""The two pictures of a page: the screenshot as Chromium gives it, and a small one for the card."""

import asyncio
import base64
import io

from PIL import Image

from jobs.tab import Tab

QUALITY = 80
THUMBNAIL = (640, 400)
# What a JPEG of one colour may differ by within a channel.
_FLAT = 3


async def screenshot(tab: Tab) -> bytes:
    """A JPEG of the viewport."""
    answer = await tab.send("Page.captureScreenshot", format="jpeg", quality=QUALITY, optimizeForSpeed=True)
    return base64.b64decode(answer["data"])


async def thumbnail(data: bytes) -> bytes | None:
    """The picture at half its width; None when it is blank, all of one colour."""
    return await asyncio.to_thread(_thumbnail, data)


def _thumbnail(data: bytes) -> bytes | None:
    with Image.open(io.BytesIO(data)) as picture:
        # JPEG decodes to half its size at a fraction of the cost.
        picture.draft("RGB", THUMBNAIL)
        small = picture if picture.size == THUMBNAIL else picture.resize(THUMBNAIL)
        bands = small.convert("RGB").split()
        spans = [band.getextrema() for band in bands]
        if all(int(high) - int(low) <= _FLAT for low, high in spans):  # type: ignore[arg-type]
            return None
        out = io.BytesIO()
        small.save(out, "JPEG", quality=QUALITY)
        return out.getvalue()
