"""The publications of the site. All are invented."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Publication:
    """A title with its own look. teasers: (headline, picture) of other stories on its pages."""

    slug: str
    name: str
    tagline: str
    language: str
    sections: tuple[str, ...]
    teasers: tuple[tuple[str, str], ...]
    direction: Literal["ltr", "rtl"] = "ltr"


_ALL = (
    Publication(
        "wexcombe-ledger",
        "The Wexcombe Ledger",
        "News of the vale since 1871",
        "en",
        ("News", "Council", "Business", "Sport", "Countryside", "Letters", "Notices"),
        (
            ("Market hall roof to be finished before the frost", "town-3"),
            ("Ringers wanted: St Osyth's is two short for Christmas", "hills-0"),
            ("The ferry that would not retire", "harbour-1"),
            ("Letters: a word for the hedgehogs of Mill Lane", "hills-3"),
        ),
    ),
    Publication(
        "kilowatt-weekly",
        "Kilowatt Weekly",
        "The trade paper of heat and power",
        "en",
        ("Markets", "Grid", "Storage", "Policy", "Projects", "Tenders", "Jobs"),
        (
            ("Balancing costs fall for a third month", "chart-1"),
            ("Two more islands ask to leave the diesel list", "wind-5"),
            ("Who buys a used transformer?", "kiln-4"),
            ("Tender watch: nine heat networks, one deadline", "town-5"),
        ),
    ),
    Publication(
        "ferment-and-loaf",
        "Ferment & Loaf",
        "A quarterly for people who bake, brew and wait",
        "en",
        ("Bread", "Ferments", "Makers", "Recipes", "Table"),
        (
            ("Rye, slowly: a loaf for the dark months", "oven-0"),
            ("The orchard that makes only vinegar", "hills-3"),
            ("Salt from the marsh, dried by hand", "harbour-4"),
        ),
    ),
    Publication(
        "stackpoint",
        "Stackpoint",
        "software, close up",
        "en",
        ("Systems", "Data", "Open source", "Security", "Careers"),
        (
            ("Why our queue is a table, and stays one", "circuit-1"),
            ("The compiler that says sorry", "circuit-2"),
            ("A field guide to clocks that lie", "circuit-4"),
        ),
    ),
    Publication(
        "penrose-brief",
        "The Penrose Brief",
        "Money, read closely",
        "en",
        ("Markets", "Companies", "Deals", "Opinion", "Work", "Data"),
        (
            ("Small caps wake up to a strange dawn", "chart-3"),
            ("The pension fund that bought a quarry", "kiln-3"),
            ("Bond desks learn to love the weather", "chart-0"),
            ("Opinion: the price of patience", "town-3"),
        ),
    ),
    Publication(
        "pellmarsh-post",
        "Pellmarsh Post",
        "Coast, creek and marsh",
        "en",
        ("Today", "Coast", "People", "What's on", "Tides"),
        (
            ("Oyster beds reopen after clean tests", "harbour-3"),
            ("The signal box that became a library", "town-1"),
            ("Tide tables for the weekend", "harbour-5"),
        ),
    ),
    Publication(
        "quellenfelder-bote",
        "Quellenfelder Bote",
        "Unabhängige Zeitung für das obere Quelltal",
        "de",
        ("Lokales", "Region", "Wirtschaft", "Kultur", "Sport", "Meinung"),
        (
            ("Brücke am Mühlgraben bleibt bis Ostern gesperrt", "town-0"),
            ("Kirchenchor sucht tiefe Stimmen", "hills-1"),
            ("Der letzte Korbmacher im Tal", "hills-4"),
            ("Apfelernte: so süß wie lange nicht", "hills-3"),
        ),
    ),
    Publication(
        "diario-valdemora",
        "Diario de Valdemora",
        "El periódico de la sierra y la vega",
        "es",
        ("Portada", "Comarca", "Economía", "Cultura", "Deportes", "Opinión"),
        (
            ("La vendimia termina con menos uva y mejor vino", "hills-4"),
            ("El tren de la sierra recupera el domingo", "town-4"),
            ("Un archivo de voces para no olvidar", "hills-0"),
        ),
    ),
    Publication(
        "minatozaka-shinpo",
        "港坂新報",
        "港と坂のまちの新聞",
        "ja",
        ("総合", "地域", "経済", "暮らし", "文化", "スポーツ"),
        (
            ("朝市に新しい屋根 来春完成へ", "town-1"),
            ("灯台守の日記、百年ぶりに公開", "harbour-2"),
            ("坂道マラソン、参加者が過去最多", "hills-0"),
        ),
    ),
    Publication(
        "difaf",
        "صحيفة ضفاف",
        "يومية مستقلة من وادي السدر",
        "ar",
        ("الرئيسية", "محليات", "اقتصاد", "ثقافة", "رياضة", "رأي"),
        (
            ("موسم التمور يبدأ مبكرًا هذا العام", "hills-4"),
            ("مكتبة متنقلة تصل إلى آخر القرى", "town-2"),
            ("صيادو الخليج الصغير يستعدون للشتاء", "harbour-3"),
        ),
        "rtl",
    ),
)

PUBLICATIONS: dict[str, Publication] = {publication.slug: publication for publication in _ALL}
