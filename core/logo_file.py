"""The picture somebody uploads as a logo: decoded within limits, and written anew as a small PNG without metadata."""

import io

from PIL import Image, ImageOps, ImageStat

MAX_BYTES = 2 * 2**20
MAX_SIDE = 4096
# A report shows it 64 pixels high, 320 wide at most; a sharp screen takes twice that.
_FITS = (800, 400)
_FORMATS = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WebP"}
# Lighter than this on average, of 255, a logo without a ground of its own is not seen on white paper.
_LIGHT = 205
_VISIBLE_ALPHA = 64
_DARK_GROUND = (23, 25, 26, 255)


class NotALogo(Exception):
    """The file cannot be a logo; the text says why, and what to do."""


class LogoFile:
    """A PNG that any browser shows. `on_dark`: it was light, and has been given a dark ground."""

    def __init__(self, png: bytes, size: tuple[int, int], *, on_dark: bool) -> None:
        self.png = png
        self.width, self.height = size
        self.on_dark = on_dark


def read_logo(data: bytes) -> LogoFile:
    """Makes a logo of the bytes of a PNG, JPEG or WebP file. Raises `NotALogo`. Takes a second and 200 MB at worst."""
    if len(data) > MAX_BYTES:
        raise NotALogo("The file is too large. The limit is 2 MB.")
    try:
        with Image.open(io.BytesIO(data), formats=list(_FORMATS)) as picture:
            _check_size(picture.size)
            return _made(picture)
    except NotALogo:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:
        # A broken file makes the decoders raise whatever they stumble over.
        raise NotALogo("This is not a picture we can read. Upload a PNG, JPEG or WebP file.") from error


def _made(picture: Image.Image) -> LogoFile:
    # A JPEG decodes to a fraction of its size at a fraction of the cost.
    picture.draft("RGB", (2 * _FITS[0], 2 * _FITS[1]))
    logo = _small(_rgba(picture))
    on_dark = _is_lost_on_white(logo)
    if on_dark:
        logo = _on_dark_ground(logo)
    out = io.BytesIO()
    # A new picture: nothing of the file it came from but its pixels.
    Image.frombytes("RGBA", logo.size, logo.tobytes()).save(out, "PNG", optimize=True)
    return LogoFile(out.getvalue(), logo.size, on_dark=on_dark)


def _rgba(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Of 16 bits the upper ones.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    picture.load()
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")


def _small(picture: Image.Image) -> Image.Image:
    """What is seen of the picture, upright and no larger than it is shown. Room around a logo makes it look small."""
    edges = picture.getchannel("A").getbbox()
    if edges is None:
        raise NotALogo("Nothing is seen in this picture: all of it is transparent.")
    width, height = edges[2] - edges[0], edges[3] - edges[1]
    share = min(1.0, max(_FITS) / width, max(_FITS) / height)
    size = max(1, round(width * share)), max(1, round(height * share))
    small = picture.resize(size, Image.Resampling.LANCZOS, edges, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(small)
    upright.thumbnail(_FITS, Image.Resampling.LANCZOS)
    return upright


def _check_size(size: tuple[int, int]) -> None:
    if max(size) > MAX_SIDE:
        raise _too_many_pixels()


def _too_many_pixels() -> NotALogo:
    return NotALogo(f"The picture is too large. The limit is {MAX_SIDE:,} pixels a side.")


def _is_lost_on_white(logo: Image.Image) -> bool:
    alpha = logo.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return False
    seen = alpha.point(lambda value: 255 if value >= _VISIBLE_ALPHA else 0)
    return seen.getbbox() is not None and ImageStat.Stat(logo.convert("L"), seen).mean[0] > _LIGHT


def _on_dark_ground(logo: Image.Image) -> Image.Image:
    room = max(4, logo.height // 6)
    ground = Image.new("RGBA", (logo.width + 2 * room, logo.height + 2 * room), _DARK_GROUND)
    ground.alpha_composite(logo, (room, room))
    return ground
