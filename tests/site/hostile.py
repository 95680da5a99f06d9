"""Pages whose words or scripts mean harm."""

from tests.site.layout import trouble_article

_SCRIPT = '</title></style></script><script>document.title="owned"</script><img src=x onerror="document.title=1">"\''

# Words that must come out as words: mark-up, quotes, direction controls, control characters, length.
PAGES: dict[str, str] = {
    "markup": trouble_article("hostile", headline=f"Council {_SCRIPT} votes", author=f"Ana {_SCRIPT} Pereira"),
    "style": trouble_article("hostile", headline="Pool opens </style><style>*{display:none}", author="A</style>B"),
    "bidi": trouble_article(
        "hostile", headline="Pool \u202egnp.exe\u202c opens \u2066\u200f", author="\u202eAna\u2069 Pereira"
    ),
    "control": trouble_article(
        "hostile", headline="Pool\u0001 re\u0008opens\u007f \ufffe\ufeff&#0; today", author="Ana\u0002\u001f Pereira"
    ),
    "long": trouble_article("hostile", headline="Long " * 1000, author="Pereira " * 625),
    "formula": trouble_article("hostile", headline='=HYPERLINK("http://127.0.0.1:1/","Pool")', author="+Ana, @Pereira"),
    "template": trouble_article("hostile", headline="{{ 7 * 7 }} {% raw %} ${7*7} %(headline)s", author="{{ config }}"),
}

NO_HEADLINE = "<!doctype html><html lang=en><head><meta charset=utf-8></head><body>" + (
    "<div>Lorem words that go on and on, yet nothing on this page says what it is about.</div>" * 12
)

# Elements nested so deep that laying them out overflows the renderer's stack. It dies at once and needs little memory.
CRASH = """
let inner = document.body;
for (let i = 0; i < 200000; i++) inner = inner.appendChild(document.createElement("div"));
inner.textContent = "deep"; inner.offsetHeight;
"""

DIALOGS = """
addEventListener("beforeunload", (event) => { event.preventDefault(); event.returnValue = "Stay?"; });
alert("Subscribe!"); confirm("Really not?"); prompt("Your name?"); print();
"""

POPUPS = """
for (let i = 0; i < 5; i++) open("/trouble/short?" + i, "_blank");
const link = document.createElement("a"); link.href = "/trouble/short"; link.target = "_blank"; link.click();
"""
