"""In which language words are, for pages that do not tell it: by their letters, or by the smallest words."""

import re
from collections import defaultdict
from collections.abc import Iterable

_LETTERS = 200
_SHARE = 0.08
_LEAD = 1.5
_SMALL_WORDS = {
    "cs": "a se na je že v to s z do ale jako za by po jsem od jeho který nebo byl jsou už při také aby",
    "da": "og i at det er en til på af den med for ikke der de et som har jeg fra kan men hun blev efter hvad mig",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er",
    "en": "the of and to in a is that for it was on as with be by at this have from are his but an they which you",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya o fue este",
    "fi": "ja on ei että oli se hän mutta ovat kun niin myös joka sen mukaan ole olla vain tai sitä jos hänen jo",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son aux",
    "hu": "a az és hogy nem is egy ez volt meg csak de már azt el még mint ha van vagy szerint ki után",
    "id": "yang dan di dengan untuk dari ini tidak dalam itu pada akan ke juga adalah ada oleh saat kata tersebut",
    "it": "di e che la il in un a per è una sono non del con della da si al le ha i nel alla dei più come anche lo",
    "nb": "og i å det er en til på av den med for ikke som de et har jeg fra kan men hun ble etter eller også hva meg",
    "nl": "de van het een en in is dat op te zijn met voor niet die aan er om ook als maar door bij uit nog naar wordt",
    "pl": "w i na z się nie że do to jest o jak za od po przez ale jego które dla są tym był oraz tego co",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas foi ao ele das tem à seu",
    "ro": "de și în a la cu care pe nu o un din că este mai pentru să se au fost sau după ale lui",
    "sv": "och i att det som en på är av för med den till inte har de ett om han var jag men sig från så kan hon efter",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi sonra kadar olduğu ise en ne o var ama her",
    "vi": "và của là có không được cho trong với các một đã người những này để khi từ ông đến",
}
_LANGUAGES: dict[str, list[str]] = {}
for _language, _list in _SMALL_WORDS.items():
    for _word in set(_list.split()):
        _LANGUAGES.setdefault(_word, []).append(_language)
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
)
# Letters that one of the languages of a script has and the others lack.
_OWN_LETTERS = (
    (re.compile(r"[\u0400-\u04ff]"), (("uk", "їєґ"), ("ru", "ыэё"))),
    (re.compile(r"[\u0600-\u06ff]"), (("ur", "ٹڈڑں"), ("fa", "پچگژ"), ("ar", "ةىإأ"))),
)


def language_of(paragraphs: Iterable[str]) -> str | None:
    """The code of the language in which most is written; None when there is doubt, or too little to tell."""
    text = " ".join(paragraphs)[:6000].casefold()
    letters = sum(1 for character in text if character.isalpha())
    for language, script in _SCRIPTS:
        # A Japanese sentence may have few kana, and Chinese none.
        if len(script.findall(text)) > (0.1 if language == "ja" else 0.5) * letters and letters >= 60:
            return language
    if letters < _LETTERS:
        return None
    for script, languages in _OWN_LETTERS:
        if len(script.findall(text)) > 0.5 * letters:
            return next((language for language, own in languages if len(re.findall(f"[{own}]", text)) > 3), None)
    words = re.findall(r"[^\W\d_]+", text)
    scores: dict[str, float] = defaultdict(float)
    for word in words:
        # What many languages have tells little.
        known = _LANGUAGES.get(word, [])
        for name in known:
            scores[name] += 1 / len(known)
    best, next_best, *_ = [*sorted(scores, key=scores.__getitem__, reverse=True), "", ""]
    most, next_most = scores[best], scores[next_best]
    return best if most >= _SHARE * len(words) and most >= _LEAD * next_most else None
