"""The ordinary articles, each with the truth about it and the way its page states that truth.

They tell one invented story: a maker of heat stores, Tarnwick Heat, as ten invented publications saw it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from tests.site.facts import Facts
from tests.site.publications import PUBLICATIONS

Style = Literal["json-ld", "graph", "open-graph", "microdata", "plain", "named-meta", "site-only", "scripted"]


@dataclass(frozen=True, slots=True)
class Article:
    """One article. byline and dateline are what a reader sees; title is set where <title> is not the headline."""

    path: str
    facts: Facts
    markup: Style
    section: str
    picture: str
    caption: str
    byline: str = ""
    dateline: str = ""
    title: str | None = None
    banner: bool = False

    @property
    def publication(self) -> str:
        return self.path.split("/")[1]


def _facts(
    path: str,
    headline: str,
    author: str | None,
    published: date | datetime | None,
    excerpt: str,
    paywalled: bool = False,
) -> Facts:
    publication = PUBLICATIONS[path.split("/")[1]]
    access: Literal["open", "paywalled"] = "paywalled" if paywalled else "open"
    return Facts(headline, publication.name, author, published, publication.language, excerpt, access)


def _at(month: int, day: int, hour: int, minute: int, offset: int) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=timezone(timedelta(hours=offset)))


def _article(
    path: str,
    markup: Style,
    headline: str,
    excerpt: str,
    *,
    author: str | None = None,
    byline: str = "",
    published: date | datetime | None = None,
    dateline: str = "",
    section: str,
    picture: str,
    caption: str,
    title: str | None = None,
    banner: bool = False,
    paywalled: bool = False,
) -> Article:
    facts = _facts(path, headline, author, published, excerpt, paywalled)
    return Article(path, facts, markup, section, picture, caption, byline, dateline, title, banner)


ARTICLE_LIST: tuple[Article, ...] = (
    _article(
        "/wexcombe-ledger/pool-reopens",
        "json-ld",
        "Swimming pool reopens, warmed by last night's wind",
        "After three cold years the Wexcombe baths are open again. Their heat comes out of a stack of bricks.",
        author="Harriet Vale, Tom Okafor",
        byline="By Harriet Vale and Tom Okafor",
        published=_at(10, 14, 6, 30, 1),
        dateline="Tuesday 14 October 2025, 6.30am",
        section="News",
        picture="pool-1",
        caption="The first swimmers were in the water at six. Drawing: Wexcombe Ledger",
    ),
    _article(
        "/wexcombe-ledger/council-vote",
        "plain",
        "Council votes nine to two for a second heat store",
        "Councillors have agreed to lend the baths company £1.4 million for a second stack of bricks on Quarry Road.",
        author="Edmund Frayle",
        byline="By Edmund Frayle, council correspondent",
        published=_at(10, 22, 21, 5, 1),
        dateline="22 October 2025, 9.05pm",
        section="Council",
        picture="town-3",
        caption="The council chamber stayed lit until half past nine.",
        title="Council votes nine to two for a second heat store | The Wexcombe Ledger",
    ),
    _article(
        "/kilowatt-weekly/heat-tariff",
        "graph",
        "Heat from bricks undercuts gas for the first time",
        "A winter tariff signed in the north prices stored heat at 4.1 pence a kilowatt-hour, below the gas benchmark.",
        author="Ingrid Solheim-Barr, Dev Raman",
        byline="Ingrid Solheim-Barr, Dev Raman",
        published=_at(10, 15, 9, 0, 0),
        dateline="15 Oct 2025 · 09:00 UTC",
        section="Markets",
        picture="wind-1",
        caption="Night wind fills the stores: turbines above Tarn Fell.",
    ),
    _article(
        "/kilowatt-weekly/brick-supply",
        "open-graph",
        "The bottleneck in heat storage is fired clay",
        "Order books at the three largest kilns are full until 2027, and makers of heat stores look to old moulds.",
        author="Marta Quiroga",
        byline="Marta Quiroga",
        published=_at(9, 30, 13, 45, 2),
        dateline="30 Sep 2025 · 11:45 UTC",
        section="Storage",
        picture="kiln-4",
        caption="Kilns run day and night to meet demand.",
        banner=True,
    ),
    _article(
        "/ferment-and-loaf/second-sun",
        "microdata",
        "Flour & fire: a baker’s “second sun” — and 1\u00a0000 loaves before dawn",
        "In a railway arch in Wexcombe, an oven without a flame bakes a thousand loaves from stored wind.",
        author="Odile Marchetti-Rhys",
        byline="Words by Odile Marchetti-Rhys",
        published=date(2025, 10, 9),
        dateline="9 October 2025",
        section="Makers",
        picture="oven-0",
        caption="Two hundred and sixty degrees, and not a flame in sight.",
    ),
    _article(
        "/stackpoint/scheduler",
        "named-meta",
        "The 400-line scheduler that keeps a town warm",
        "Forecasts are wrong, prices jump and bricks are patient. A look inside the program that decides when to heat.",
        author="Yusuf Adeyemi-Lund",
        byline="Yusuf Adeyemi-Lund",
        published=date(2025, 10, 16),
        dateline="2025-10-16",
        section="Systems",
        picture="circuit-2",
        caption="One decision every five minutes.",
        title="The 400-line scheduler that keeps a town warm | Stackpoint",
    ),
    _article(
        "/stackpoint/simulator",
        "scripted",
        "We simulated ten thousand winters in one afternoon",
        "Before a single brick was fired, the store had lived through ten thousand winters on a desk.",
        author="Lena Brandvold",
        byline="Lena Brandvold",
        published=_at(10, 2, 15, 20, 0),
        dateline="2025-10-02 15:20 UTC",
        section="Data",
        picture="circuit-4",
        caption="Each line is one winter.",
        title="Stackpoint",
    ),
    _article(
        "/penrose-brief/funding-round",
        "json-ld",
        "Tarnwick Heat raises £38m to build brick stores for towns",
        "The round, led by two pension funds, values the heat-storage company at £160m and pays for eleven sites.",
        author="Celia Hartnoll",
        byline="Celia Hartnoll",
        published=_at(10, 13, 7, 0, 1),
        dateline="October 13 2025, 7:00",
        section="Deals",
        picture="chart-3",
        caption="Orders signed, by quarter.",
        title="Tarnwick Heat: what the £38m round says about storage stocks – The Penrose Brief",
    ),
    _article(
        "/penrose-brief/patient-money",
        "json-ld",
        "Why patient money likes a pile of warm bricks",
        "Heat stores earn little and earn it for forty years. For some investors that is the whole appeal.",
        author="Julian Astley-Moor",
        byline="Julian Astley-Moor",
        published=_at(10, 18, 5, 0, 1),
        dateline="October 18 2025, 5:00",
        section="Opinion",
        picture="town-3",
        caption="Dull is beautiful.",
        paywalled=True,
    ),
    _article(
        "/pellmarsh-post/lido-winter",
        "site-only",
        "Lido swimmers keep their winter season",
        "The sea pool will stay at nineteen degrees until March, thanks to heat stored behind the changing rooms.",
        author="Ana Pereira",
        byline="By Ana Pereira",
        published=date(2025, 10, 3),
        dateline="Friday 3 October 2025",
        section="Coast",
        picture="harbour-1",
        caption="The creek below the lido on Thursday evening.",
    ),
    _article(
        "/pellmarsh-post/notebook",
        "site-only",
        "From the notebook: a warm wall to lean on",
        "There is a wall in Pellmarsh that is warm all night, and the town has begun to gather there.",
        section="People",
        picture="hills-0",
        caption="Dusk over the marsh.",
    ),
    _article(
        "/quellenfelder-bote/waermespeicher",
        "json-ld",
        "Ein Berg aus Ziegeln soll Quellenfeld durch den Winter bringen",
        "Der erste Wärmespeicher des Tals ist gefüllt. Ab November heizt er die Schule, das Rathaus und 140 Wohnungen.",
        author="Jonas Weidner, Käthe Brömmel",
        byline="Von Jonas Weidner und Käthe Brömmel",
        published=_at(10, 17, 5, 45, 2),
        dateline="17. Oktober 2025, 5.45 Uhr",
        section="Lokales",
        picture="kiln-1",
        caption="Der Speicher am alten Ziegelwerk. Zeichnung: Bote",
    ),
    _article(
        "/diario-valdemora/horno-viento",
        "open-graph",
        "El horno que guarda el viento llega a la sierra",
        "La cooperativa de Valdemora estrena un almacén de calor que secará el pimiento sin quemar un solo litro de"
        " gasóleo.",
        author="Lucía Benavente Ríos",
        byline="Lucía Benavente Ríos",
        published=_at(10, 11, 8, 15, 2),
        dateline="11 de octubre de 2025, 08:15",
        section="Comarca",
        picture="wind-4",
        caption="Los molinos de la sierra trabajan sobre todo de noche.",
    ),
    _article(
        "/minatozaka-shinpo/renga",
        "open-graph",
        "夜の風を蓄えるれんが、港坂の銭湯を温める",
        "廃業が決まっていた坂上の銭湯が、れんがの蓄熱装置で営業を続けることになった。",
        author="三枝 陽子",
        byline="三枝 陽子",
        published=_at(10, 20, 5, 0, 9),
        dateline="2025年10月20日 5時00分",
        section="地域",
        picture="harbour-2",
        caption="夕方の港坂。坂の上に銭湯の煙突が見える。",
    ),
    _article(
        "/difaf/dafia",
        "json-ld",
        "طوب يخزن حرارة الريح ويدفئ بيوت الزجاج في وادي السدر",
        "مزارعو الوادي يستغنون عن الديزل هذا الشتاء بعد تشغيل أول مخزن للحرارة في المنطقة.",
        author="سلمى الحداد",
        byline="سلمى الحداد",
        published=_at(10, 19, 10, 0, 3),
        dateline="19 أكتوبر 2025، العاشرة صباحًا",
        section="محليات",
        picture="glass-3",
        caption="بيوت الزجاج عند مدخل الوادي.",
    ),
)

BY_PATH: dict[str, Article] = {article.path: article for article in ARTICLE_LIST}
ARTICLES: dict[str, Facts] = {article.path: article.facts for article in ARTICLE_LIST}

# Where the redirects among the troubles lead.
TARGET = "/wexcombe-ledger/pool-reopens"

# A first report worth looking at: eight articles of six publications, and two links that honestly fail.
DEMO_PATHS: list[str] = [
    "/wexcombe-ledger/pool-reopens",
    "/penrose-brief/funding-round",
    "/kilowatt-weekly/heat-tariff",
    "/ferment-and-loaf/second-sun",
    "/trouble/404",
    "/stackpoint/scheduler",
    "/quellenfelder-bote/waermespeicher",
    "/penrose-brief/patient-money",
    "/trouble/bot-wall",
    "/wexcombe-ledger/council-vote",
]
