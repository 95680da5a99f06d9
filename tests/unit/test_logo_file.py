"""A logo is read from any file that somebody may send, and from no other."""

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from core.logo_file import LogoFile, NotALogo, read_logo

RED, WHITE, NOTHING = (200, 30, 30, 255), (255, 255, 255, 255), (0, 0, 0, 0)


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def drawn(size: tuple[int, int] = (300, 100), ground: Any = NOTHING, ink: Any = RED, mode: str = "RGBA") -> Image.Image:
    """A disc that leaves a tenth of the height free on all sides."""
    picture = Image.new(mode, size, ground)
    room = size[1] // 10
    ImageDraw.Draw(picture).ellipse((room, room, size[0] - room - 1, size[1] - room - 1), fill=ink)
    return picture


def opened(logo: LogoFile) -> Image.Image:
    picture = Image.open(io.BytesIO(logo.png))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", (logo.width, logo.height))
    return picture


@pytest.mark.parametrize(
    ("kind", "mode", "ground", "ink"),
    [
        ("PNG", "RGBA", NOTHING, RED),
        ("PNG", "RGB", (255, 255, 255), (200, 30, 30)),
        ("PNG", "P", 0, 1),
        ("PNG", "L", 255, 20),
        ("PNG", "LA", (0, 0), (20, 255)),
        ("PNG", "1", 1, 0),
        ("JPEG", "RGB", (255, 255, 255), (200, 30, 30)),
        ("JPEG", "CMYK", (0, 0, 0, 0), (0, 200, 200, 30)),
        ("JPEG", "L", 255, 20),
        ("WEBP", "RGBA", NOTHING, RED),
    ],
)
def test_every_kind_of_picture_becomes_a_png(kind: str, mode: str, ground: Any, ink: Any) -> None:
    picture = opened(read_logo(file_of(drawn(ground=ground, ink=ink, mode=mode), kind)))
    assert picture.mode == "RGBA"
    assert picture.getpixel((picture.width // 2, picture.height // 2))[3] == 255  # type: ignore[index]


def test_sixteen_bits_stay_grey() -> None:
    picture = opened(read_logo(file_of(Image.new("I;16", (40, 40), 32768))))
    assert picture.getpixel((20, 20)) == (128, 128, 128, 255)


def test_a_large_logo_becomes_small_and_a_small_one_stays() -> None:
    assert (large := read_logo(file_of(drawn((4096, 1024), WHITE)))).width == 800
    assert large.height == 200
    assert (small := read_logo(file_of(drawn((60, 20), WHITE)))).width == 60
    assert small.height == 20


def test_room_around_it_goes() -> None:
    logo = read_logo(file_of(drawn((300, 100))))
    assert (logo.width, logo.height) == (280, 80)


def test_a_light_logo_without_ground_gets_a_dark_one() -> None:
    logo = read_logo(file_of(drawn(ink=WHITE)))
    assert logo.on_dark
    assert opened(logo).getpixel((0, 0)) == (23, 25, 26, 255)
    assert not read_logo(file_of(drawn(ink=RED))).on_dark
    assert not read_logo(file_of(drawn(ground=(30, 30, 30, 255), ink=WHITE))).on_dark


def test_a_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    logo = read_logo(file_of(drawn((300, 100), (255, 255, 255), (0, 0, 0), "RGB"), "JPEG", exif=exif))
    assert (logo.width, logo.height) == (100, 300)


def test_nothing_of_the_file_but_its_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a secret place")
    for data in (
        file_of(drawn(), exif=exif, pnginfo=text, icc_profile=b"a secret place" * 20),
        file_of(drawn(mode="RGB", ground=(9, 9, 9)), "JPEG", exif=exif, comment=b"a secret place"),
        file_of(drawn(), "WEBP", exif=exif, xmp=b"a secret place"),
        file_of(drawn()) + b"a secret place <script>alert(1)</script>",
    ):
        assert b"secret" in data or b"iCCP" in data
        png = read_logo(data).png
        assert b"secret" not in png and b"script" not in png
        chunks = {png[at + 4 : at + 8] for at in starts_of_chunks(png)}
        assert chunks == {b"IHDR", b"IDAT", b"IEND"}


def test_of_moving_pictures_the_first_is_taken() -> None:
    frames = [drawn((30, 30), color, color) for color in (RED, (0, 0, 255, 255))]
    for kind in ("PNG", "WEBP"):
        data = file_of(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        assert opened(read_logo(data)).getpixel((5, 5)) == RED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"MZ" + bytes(1000),
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"\xff\xd8\xff\xe0" + b"\xff" * 5000,
        bytes(range(256)) * 64,
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotALogo, match="not a picture we can read"):
        read_logo(data)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_no_other_kinds(kind: str) -> None:
    with pytest.raises(NotALogo, match="PNG, JPEG or WebP"):
        read_logo(file_of(drawn(mode="RGB", ground=(9, 9, 9)), kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_broken_pictures_are_refused_or_read_never_stumbled_over(kind: str) -> None:
    whole = file_of(drawn((200, 100), (255, 255, 255), (9, 9, 9), "RGB"), kind)
    for cut in range(0, len(whole), max(1, len(whole) // 40)):
        for data in (whole[:cut], whole[:cut] + b"\xff\x00\x80" + whole[cut + 3 :]):
            with suppress(NotALogo):
                read_logo(data)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(NotALogo, match="transparent"):
        read_logo(file_of(Image.new("RGBA", (50, 50), NOTHING)))


def test_too_many_bytes_are_not_looked_at() -> None:
    with pytest.raises(NotALogo, match="2 MB"):
        read_logo(file_of(drawn()) + bytes(2 * 2**20))


@pytest.mark.parametrize("size", [(4097, 1), (1, 4097), (65535, 65535), (30_000, 3_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_unpacked(size: tuple[int, int]) -> None:
    # A few bytes that say they are a picture of this size.
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    with pytest.raises(NotALogo, match=r"4,096 pixels|not a picture"):
        read_logo(data)


def test_text_that_unpacks_to_a_gigabyte_is_refused_or_ignored() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200 * 2**20)))
    whole = file_of(drawn())
    with suppress(NotALogo):
        assert len(read_logo(whole[:33] + bomb + whole[33:]).png) < 10_000


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def starts_of_chunks(png: bytes) -> list[int]:
    starts, at = [], 8
    while at < len(png):
        starts.append(at)
        at += 12 + int(struct.unpack(">I", png[at : at + 4])[0])
    return starts
