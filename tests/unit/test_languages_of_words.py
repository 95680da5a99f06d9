# ruff: noqa: E501, RUF001
"""The language of words that do not tell theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.languages import language_of

SENTENCES = {
    "cs": "Rada se sešla v úterý večer a dvě hodiny mluvila o ceně tepla, která je vyšší, než byla, a to se nikomu nelíbí.",
    "da": "Rådet mødtes tirsdag aften og talte i to timer om prisen på varme, og hvad det er for en del af den, der blev glemt.",
    "de": "Der Rat traf sich am Dienstag und sprach zwei Stunden über den Preis der Wärme und wer für sie zahlen soll.",
    "en": "The council met on Tuesday evening and talked for two hours about the price of heat and who should pay for it.",
    "es": "El consejo se reunió el martes por la tarde y habló durante dos horas del precio del calor y de quién lo paga.",
    "fi": "Valtuusto kokoontui tiistaina ja puhui kaksi tuntia siitä, mitä lämpö maksaa, mutta hän ei ole siitä iloinen.",
    "fr": "Le conseil s'est réuni mardi soir et a parlé pendant deux heures du prix de la chaleur et de qui la paie.",
    "it": "Il consiglio si è riunito martedì sera e ha parlato per due ore del prezzo del calore e di chi lo deve pagare.",
    "nl": "De raad kwam op dinsdag bijeen en sprak twee uur over de prijs van warmte en wie er voor het huis moet betalen.",
    "pl": "Rada spotkała się we wtorek i rozmawiała o cenie ciepła, ale nie jest jasne, kto za to zapłaci i co się stanie.",
    "pt": "O conselho reuniu-se na terça e falou durante duas horas do preço do calor e de quem o vai pagar, mas não só.",
    "sv": "Rådet möttes på tisdagen och talade i två timmar om vad det kostar att värma ett hus och vem som ska betala.",
    "tr": "Meclis salı akşamı toplandı ve ısının fiyatı için iki saat konuştu, ama bu kadar çok para ne olarak ödenir.",
    "ru": "Совет собрался вечером и два часа говорил о ценах: вырастут ли они, и кто будет платить, ещё не ясно никому.",
    "uk": "Рада зібралася ввечері і дві години говорила про ціни: чи зростуть її витрати і хто їх буде платити далі.",
    "el": "Το συμβούλιο συνήλθε την Τρίτη το βράδυ και μίλησε για δύο ώρες για την τιμή της θέρμανσης και ποιος πληρώνει.",
    "ja": "市議会は火曜日の夜に開かれ、暖房の料金について二時間にわたり話し合った。だれが払うのかはまだ決まっていない。",
    "ko": "시의회는 화요일 저녁에 모여 난방 요금에 대해 두 시간 동안 이야기했다. 누가 낼지는 아직 정해지지 않았다고 한다.",
    "zh": "市议会周二晚上开会，就供暖价格以及由谁支付讨论了两个小时。会后没有人说明最终的决定是什么，居民只好继续等待消息。",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_words_tell_their_language(language: str) -> None:
    assert language_of([SENTENCES[language]] * 3) == language


@pytest.mark.parametrize(
    "words",
    [
        "",
        "The council met.",
        "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore. " * 5,
        "1 2 3 " * 500,
        "Kwok Zhang Obi Wan Kenobi " * 30,
    ],
)
def test_doubt_is_no_language(words: str) -> None:
    assert language_of([words]) is None


@given(st.lists(st.text(max_size=300), max_size=5))
def test_nothing_raises(paragraphs: list[str]) -> None:
    language_of(paragraphs)
