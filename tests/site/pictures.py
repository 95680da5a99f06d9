"""Drawn pictures: SVG scenes, each made from its name (`wind-3`) alone, always the same for the same name."""

import math
from collections.abc import Callable
from random import Random

WIDTH, HEIGHT = 1200, 700

# Sky top, sky bottom, sun, then three layers of land from far to near.
_PALETTES = (
    ("#f6c89f", "#fdf0dc", "#fff6e0", "#c98b6b", "#8d5a4a", "#4a2f33"),
    ("#7fb2d6", "#e6f1f5", "#fffdf2", "#7da39a", "#4c7a72", "#234a4b"),
    ("#2a2f5b", "#d9768a", "#ffd9a8", "#6a4672", "#43305c", "#1f1b3a"),
    ("#9cc7c1", "#f7ecd2", "#fffaf0", "#b7b07e", "#7f8a5c", "#3f5142"),
    ("#e58f5d", "#fbd9a5", "#fff3cf", "#b5573f", "#7c3434", "#3c1d2b"),
    ("#10293f", "#3d7f95", "#e8f4dd", "#2c5f73", "#1b4257", "#0b2233"),
)


def picture(name: str) -> bytes:
    """The scene called `name` (kind, a hyphen, a number); an unknown kind is a landscape."""
    kind, _, number = name.partition("-")
    random = Random(name)
    palette = _PALETTES[int(number) % len(_PALETTES) if number.isdecimal() else 0]
    body = _SCENES.get(kind, _hills)(random, palette)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{palette[0]}"/><stop offset="1" stop-color="{palette[1]}"/></linearGradient>'
        f'<radialGradient id="g"><stop offset="0" stop-color="{palette[2]}"/><stop offset=".35" '
        f'stop-color="{palette[2]}" stop-opacity=".55"/><stop offset="1" stop-color="{palette[2]}" stop-opacity="0"/>'
        f'</radialGradient></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#s)"/>{body}</svg>'
    ).encode()


def _sun(random: Random, palette: tuple[str, ...]) -> str:
    x, y = random.randint(240, 960), random.randint(150, 280)
    return (
        f'<circle cx="{x}" cy="{y}" r="330" fill="url(#g)"/>'
        f'<circle cx="{x}" cy="{y}" r="58" fill="{palette[2]}" opacity=".95"/>'
    )


def _ridge(random: Random, base: float, swing: float, colour: str) -> str:
    phase, length = random.uniform(0, 6.3), random.uniform(220, 420)
    points = [
        f"{x},{base + swing * math.sin(x / length + phase) + swing * 0.4 * math.sin(x / (length / 2.7) + phase * 2):.0f}"
        for x in range(0, WIDTH + 1, 20)
    ]
    return f'<polygon points="0,{HEIGHT} {" ".join(points)} {WIDTH},{HEIGHT}" fill="{colour}"/>'


def _hills(random: Random, palette: tuple[str, ...]) -> str:
    far = _ridge(random, 430, 46, palette[3])
    return _sun(random, palette) + far + _ridge(random, 515, 38, palette[4]) + _ridge(random, 610, 26, palette[5])


def _turbine(x: float, y: float, size: float, turn: float, colour: str) -> str:
    blade = f"M0,0 C{size * 0.09:.1f},{-size * 0.25:.1f} {size * 0.05:.1f},{-size * 0.75:.1f} 0,{-size:.1f} Z"
    blades = "".join(f'<path d="{blade}" transform="rotate({turn + angle})"/>' for angle in (0, 120, 240))
    mast = f"{-size * 0.035:.1f},{size * 1.75:.1f} {-size * 0.014:.1f},0 {size * 0.014:.1f},0 {size * 0.035:.1f},{size * 1.75:.1f}"
    return f'<g transform="translate({x:.0f},{y:.0f})" fill="{colour}"><polygon points="{mast}"/>{blades}</g>'


def _wind(random: Random, palette: tuple[str, ...]) -> str:
    far = "".join(
        _turbine(90 + i * 165 + random.randint(-30, 30), random.randint(320, 370), 62, random.randint(0, 119), "#fff8")
        for i in range(7)
    )
    near = "".join(
        _turbine(x, y, size, random.randint(0, 119), "#fffffff0") for x, y, size in ((300, 270, 150), (840, 215, 190))
    )
    land = _ridge(random, 500, 36, palette[4])
    return (
        _sun(random, palette)
        + _ridge(random, 440, 46, palette[3])
        + far
        + land
        + near
        + _ridge(random, 615, 24, palette[5])
    )


def _windows(random: Random, x: int, y: int, wide: int, tall: int, light: str) -> str:
    return "".join(
        f'<rect x="{x + dx}" y="{y + dy}" width="13" height="19" fill="{light}" opacity="{random.choice((0.15, 0.8, 0.95))}"/>'
        for dx in range(16, wide - 20, 30)
        for dy in range(22, tall - 24, 40)
    )


def _town(random: Random, palette: tuple[str, ...]) -> str:
    parts = [_sun(random, palette), _ridge(random, 400, 40, palette[3])]
    for layer, base in ((4, 470), (5, 560)):
        x = -30
        while x < WIDTH:
            wide, tall = random.randint(80, 150), random.randint(60, 170)
            top = base - tall + 60
            parts.append(f'<rect x="{x}" y="{top}" width="{wide}" height="{HEIGHT - top}" fill="{palette[layer]}"/>')
            if random.random() < 0.75:
                peak = f"{x - 8},{top} {x + wide / 2:.0f},{top - random.randint(34, 66)} {x + wide + 8},{top}"
                parts.append(f'<polygon points="{peak}" fill="{palette[layer]}"/>')
            if layer == 5:
                parts.append(_windows(random, x, top, wide, HEIGHT - top, "#ffdf9e"))
            x += wide + random.randint(-4, 10)
    return "".join(parts)


def _water(random: Random, top: int, palette: tuple[str, ...]) -> str:
    glints = "".join(
        f'<rect x="{random.randint(-40, WIDTH)}" y="{random.randint(top + 12, HEIGHT)}" width="{random.randint(50, 240)}" '
        f'height="{random.randint(2, 5)}" rx="2" fill="{palette[2]}" opacity="{random.uniform(0.12, 0.5):.2f}"/>'
        for _ in range(70)
    )
    return f'<rect y="{top}" width="{WIDTH}" height="{HEIGHT - top}" fill="{palette[4]}"/>{glints}'


def _harbour(random: Random, palette: tuple[str, ...]) -> str:
    boats = "".join(
        f'<g transform="translate({x},{y}) scale({scale})"><path d="M-120,0 L120,0 L92,42 L-96,42 Z" fill="{palette[5]}"/>'
        f'<rect x="-62" y="-46" width="112" height="46" fill="#fff" opacity=".92"/><rect x="-30" y="-78" width="44" '
        f'height="32" fill="#fff" opacity=".92"/><rect x="22" y="-96" width="16" height="50" fill="{palette[3]}"/></g>'
        for x, y, scale in ((random.randint(330, 480), 520, 1.5), (random.randint(860, 1000), 440, 0.7))
    )
    return _sun(random, palette) + _ridge(random, 395, 26, palette[3]) + _water(random, 425, palette) + boats


def _pool(random: Random, palette: tuple[str, ...]) -> str:
    panes = "".join(
        f'<rect x="{x}" y="60" width="128" height="230" fill="#fff" opacity="{random.uniform(0.22, 0.5):.2f}"/>'
        for x in range(30, WIDTH, 146)
    )
    lanes = "".join(
        f'<line x1="{600 + (i - 3.5) * 60:.0f}" y1="360" x2="{600 + (i - 3.5) * 340:.0f}" y2="700" stroke="#fff" '
        f'stroke-width="7" stroke-dasharray="22 12" opacity=".8"/>'
        for i in range(8)
    )
    floor = f'<rect y="300" width="{WIDTH}" height="62" fill="{palette[1]}"/>'
    return _sun(random, palette) + panes + floor + _water(random, 360, (*palette[:4], "#2f95a8", palette[5])) + lanes


def _bricks(random: Random, top: int, colours: tuple[str, ...]) -> str:
    return "".join(
        f'<rect x="{x + (34 if row % 2 else 0)}" y="{y}" width="64" height="26" rx="2" fill="{random.choice(colours)}"/>'
        for row, y in enumerate(range(top, HEIGHT, 30))
        for x in range(-68, WIDTH, 68)
    )


def _oven(random: Random, palette: tuple[str, ...]) -> str:
    wall = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#3b201a"/>' + _bricks(
        random, 0, ("#8a4a36", "#7c4030", "#96553e", "#6f382b")
    )
    arch = "M300,640 L300,380 A300,280 0 0 1 900,380 L900,640 Z"
    loaves = "".join(
        f'<g transform="translate({430 + i * 165},{590 - (i % 2) * 46})"><ellipse rx="92" ry="52" fill="#c98544"/>'
        f'<path d="M-50,-18 q50,-26 100,0 M-44,2 q46,-22 92,0" stroke="#f2cf93" stroke-width="8" fill="none" '
        f'stroke-linecap="round"/></g>'
        for i in (1, 0, 2)
    )
    glow = '<ellipse cx="600" cy="560" rx="430" ry="330" fill="#ffab45" opacity=".28"/>'
    return (
        f'{wall}<path d="{arch}" fill="#24110d" stroke="#c9a98c" stroke-width="34"/><path d="{arch}" fill="#e2702a" '
        f'opacity=".75"/><ellipse cx="600" cy="610" rx="270" ry="190" fill="#ffd27a" opacity=".85"/>{loaves}{glow}'
    )


def _kiln(random: Random, palette: tuple[str, ...]) -> str:
    stacks = "".join(
        f'<polygon points="{x},640 {x + 12},{top} {x + 52},{top} {x + 64},640" fill="{palette[5]}"/>'
        f'<rect x="{x + 10}" y="{top + 14}" width="44" height="10" fill="#fff" opacity=".5"/>'
        + "".join(
            f'<circle cx="{x + 32 + puff * 34}" cy="{top - 22 - puff * 26}" r="{24 + puff * 12}" fill="#fff" opacity="{0.5 - puff * 0.09:.2f}"/>'
            for puff in range(5)
        )
        for x, top in ((210, 300), (330, 250), (880, 285))
    )
    sheds = "".join(
        f'<polygon points="{x},{HEIGHT} {x},520 {x + 110},455 {x + 110},520 {x + 220},455 {x + 220},{HEIGHT}" fill="{palette[5]}"/>'
        + _windows(random, x, 520, 220, 140, "#ffcf87")
        for x in (420, 640)
    )
    return (
        _sun(random, palette)
        + _ridge(random, 450, 40, palette[3])
        + stacks
        + sheds
        + _ridge(random, 625, 14, palette[5])
    )


def _glass(random: Random, palette: tuple[str, ...]) -> str:
    house = "".join(
        f'<g transform="translate({x},0)"><path d="M0,640 V440 Q125,300 250,440 V640 Z" fill="#e9fff2" opacity=".62"/>'
        + "".join(
            f'<line x1="{i}" y1="400" x2="{i}" y2="640" stroke="#fff" stroke-width="4" opacity=".85"/>'
            for i in range(0, 251, 50)
        )
        + "".join(
            f'<circle cx="{random.randint(16, 234)}" cy="{random.randint(500, 630)}" r="{random.randint(12, 30)}" '
            f'fill="{random.choice(("#3f8f4f", "#5aa758", "#2f7444"))}" opacity=".85"/>'
            for _ in range(16)
        )
        + "".join(
            f'<circle cx="{random.randint(16, 234)}" cy="{random.randint(510, 630)}" r="8" fill="#e0453a"/>'
            for _ in range(9)
        )
        + "</g>"
        for x in (70, 340, 610, 880)
    )
    return _sun(random, palette) + _ridge(random, 430, 40, palette[3]) + house + _ridge(random, 650, 12, palette[5])


def _chart(random: Random, palette: tuple[str, ...]) -> str:
    level, heights = 240.0, []
    for _ in range(15):
        level = max(90.0, min(520.0, level + random.uniform(-55, 85)))
        heights.append(level)
    bars = "".join(
        f'<rect x="{60 + i * 73}" y="{640 - height:.0f}" width="46" height="{height:.0f}" rx="4" fill="{palette[4]}" '
        f'opacity="{0.35 + 0.04 * i:.2f}"/>'
        for i, height in enumerate(heights)
    )
    line = " ".join(f"{83 + i * 73},{600 - height:.0f}" for i, height in enumerate(heights))
    grid = "".join(
        f'<line x1="0" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="#fff" opacity=".35"/>' for y in range(80, 660, 80)
    )
    return f'{grid}{bars}<polyline points="{line}" fill="none" stroke="{palette[5]}" stroke-width="7" stroke-linejoin="round"/>'


def _circuit(random: Random, palette: tuple[str, ...]) -> str:
    paths = []
    for _ in range(34):
        x, y = random.randrange(0, WIDTH, 40), random.randrange(0, HEIGHT, 40)
        turns = [f"M{x},{y}"]
        turns += [
            random.choice(("h", "h", "v")) + str(random.choice((-160, -80, 80, 120, 200)))
            for _ in range(random.randint(2, 5))
        ]
        colour = random.choice(("#63f5d2", "#9a7bff", "#ff7ac6", "#4ea1ff"))
        paths.append(f'<path d="{" ".join(turns)}" fill="none" stroke="{colour}" stroke-width="3" opacity=".7"/>')
        paths.append(f'<circle cx="{x}" cy="{y}" r="8" fill="{colour}"/>')
    x, y = random.choice((260, 470, 640)), random.choice((150, 220, 260))
    light = random.choice(("#ff9a4d", "#9a7bff", "#ff7ac6", "#63f5d2"))
    core = (
        f'<rect x="{x}" y="{y}" width="260" height="260" rx="26" fill="#12142b" stroke="{light}" stroke-width="5"/>'
        f'<rect x="{x + 60}" y="{y + 60}" width="140" height="140" rx="14" fill="{light}" opacity=".92"/>'
    )
    return f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#0d0f22"/>{"".join(paths)}{core}'


_SCENES: dict[str, Callable[[Random, tuple[str, ...]], str]] = {
    "bricks": lambda random, palette: _bricks(random, 0, palette[3:]),
    "chart": _chart,
    "circuit": _circuit,
    "glass": _glass,
    "harbour": _harbour,
    "hills": _hills,
    "kiln": _kiln,
    "oven": _oven,
    "pool": _pool,
    "town": _town,
    "wind": _wind,
}
