"""Sample messages in three languages, of the shape of a real publication's, for tests of looks."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from house import TEMPLATES, channel, publication

from colporteur.articles.pictures.sizes import Picture, Size
from colporteur.digests import samples
from colporteur.digests.cards import Card
from colporteur.digests.letters import render_letter
from colporteur.digests.rendering import Brought, Rendering, Words, render
from colporteur.publication import Publication

SITE = "https://relais.example"
SATURDAY = datetime(2026, 11, 21, 7, tzinfo=UTC)
LANGUAGES, LAYOUTS = ("fr", "en", "ar"), ("briefing", "headlines", "text-first")
KINDS = ("digest", "special", "correction", "article")
LETTERS = ("confirm", "welcome", "goodbye", "reconfirm", "alert")
_DATES = {"fr": "20 novembre 2026", "en": "20 November 2026", "ar": "20 نونبر 2026"}
_PICTURE = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='675'>"
    "<rect width='1200' height='675' fill='#577'/><circle cx='600' cy='300' r='180' fill='#dca'/>"
    "</svg>"
)
_ALT = {
    "fr": "Une salle d’attente, vue de haut",
    "en": "A waiting room, from above",
    "ar": "قاعة انتظار من الأعلى",
}
_INTRO = {
    "fr": "Bonjour,\n\nCette semaine : **qui vérifie** ? Voir [notre enquête]"
    "(https://relais.example/articles/enquete).",
    "en": "Good morning.\n\nThis week: **who checks**?\n\n- Sixty-two towns\n- Three hospitals",
    "ar": "صباح الخير.\n\nهذا الأسبوع: **من يراقب**؟",
}
_ARTICLES = {
    "fr": [
        (
            "Marchés publics & logiciels : la clause d’audit sort de l’annexe",
            (
                "Un groupement de 62 communes exige désormais de pouvoir tester les logiciels "
                "qu’il achète. Neuf éditeurs ont signé ; deux se sont retirés. Que vaut une "
                "clause que personne ne vérifie ?"
            ),
            "Secteur public",
            "Hadrien Mestoul",
        ),
        (
            "Tri aux urgences : l’algorithme que les infirmières corrigent",
            "Dans trois hôpitaux, une commande sur cinq est modifiée à la main.",
            "Santé",
            "Salma Berrada",
        ),
        (
            "Ce que 12 % d’erreurs veulent dire",
            "Un chiffre rassurant, et pourtant : il cache 10 000 dossiers.",
            "Santé",
            "Yves Kermarec",
        ),
        (
            "Une ville publie le registre de ses 41 algorithmes, y compris les abandonnés",
            "Le registre compte aussi ceux qui n’ont jamais servi, avec la raison.",
            "Secteur public",
            "",
        ),
        ("« Nous ne savons plus qui décide »", "", "Secteur public", "Inès Caron"),
    ],
    "en": [
        (
            "Who audits the auditors of public algorithms?",
            (
                "Sixty-two towns now insist on testing the software they buy. Nine vendors "
                "signed; two walked away. What is a clause worth that nobody checks?"
            ),
            "Public sector",
            "Hadrien Mestoul",
        ),
        (
            "Triage by machine, corrected by nurses",
            "In three hospitals, one order in five is changed by hand.",
            "Health",
            "Salma Berrada",
        ),
        ("What 12% of errors means", "A reassuring figure, and yet.", "Health", "Yves Kermarec"),
        (
            "A city publishes the register of its 41 algorithms, abandoned ones included",
            "The register also counts those that were never used, and says why.",
            "Public sector",
            "",
        ),
        ("“We no longer know who decides”", "", "Public sector", "Inès Caron"),
    ],
    "ar": [
        (
            "من يدقق في خوارزميات المرافق العمومية؟",
            "أصبحت 62 جماعة تشترط اختبار البرامج التي تقتنيها. وقعت تسع شركات، وانسحبت اثنتان.",
            "القطاع العام",
            "هدى المنصوري",
        ),
        (
            "الفرز في المستعجلات: خوارزمية يصححها الممرضون",
            "في ثلاثة مستشفيات، يعدل أمر واحد من كل خمسة يدويا.",
            "الصحة",
            "سلمى برادة",
        ),
        ("ماذا تعني 12 في المئة من الأخطاء؟", "رقم مطمئن، ومع ذلك.", "الصحة", "يونس الخطابي"),
        (
            "مدينة تنشر سجل خوارزمياتها الإحدى والأربعين",
            "يضم السجل حتى تلك التي لم تستعمل قط، مع ذكر السبب.",
            "القطاع العام",
            "",
        ),
        ("«لم نعد نعرف من يقرر»", "", "القطاع العام", "إيناس كارون"),
    ],
}


@cache
def paper() -> Publication:
    """A publication with a channel in each language, set in fonts that tests install."""
    channels = {"actualites": "fr", "dispatch": "en", "nashra": "ar"}
    fonts = {"text": "'Noto Serif'", "labels": "'Noto Sans'", "arabic": "'Noto Naskh Arabic'"}
    return publication(
        languages=list(LANGUAGES),
        titles={"ar": "لو رولي"},
        postal_address={"fr": "1 rue du Test\n75001 Paris", "en": "1 Test Lane", "ar": "الرباط"},
        channels=[channel(slug, tag, title=_title(slug)) for slug, tag in channels.items()],
        topics={},
        look=fonts,
    )


def _title(slug: str) -> str:
    return {"actualites": "Actualités", "dispatch": "Dispatch", "nashra": "النشرة"}[slug]


def card(language: str, number: int = 0, **changes: Any) -> Card:
    """A sample article's card; every other one has a picture."""
    samples = _ARTICLES[language]
    title, teaser, topic, author = samples[number % len(samples)]
    values: dict[str, Any] = {
        "title": title,
        "teaser": teaser,
        "url": f"{SITE}/articles/{language}-{number}",
        "topics": [topic],
        "date": _DATES[language],
        "iso_date": "2026-11-20T08:00+01:00",
        "authors": [author] if author else [],
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "foreign": False,
        "image": None if number % 2 else _picture(language),
    }
    return Card(**values | changes)


def brought(
    language: str = "fr",
    layout: str = "briefing",
    kind: str = "digest",
    count: int = 5,
    **changes: Any,
) -> Brought:
    """A sample edition: so many articles, one of them Arabic in a digest of another language."""
    cards = [card(language, number) for number in range(1 if kind == "article" else count)]
    if language != "ar" and kind == "digest":
        cards.append(card("ar", 1, foreign=True, topics=cards[1].topics))
    one = next(one for one in paper().channels if one.language == language)
    values: dict[str, Any] = {
        "publication": paper(),
        "channel": one,
        "cards": tuple(cards),
        "more": 7 if kind == "digest" else 0,
        "day": SATURDAY,
        "site": SITE,
        "words": Words("" if kind == "article" else _INTRO[language]),
        "kind": kind,
        "layout": layout,
        "view_url": f"{SITE}/editions/abc/def",
    }
    return Brought(**values | changes)


@cache
def rendered(language: str = "fr", layout: str = "briefing", kind: str = "digest") -> Rendering:
    """A sample edition, rendered by the shipped templates."""
    return render(TEMPLATES, brought(language, layout, kind))


@cache
def letter(message: str, language: str = "fr") -> Rendering:
    """The first sample letter of a kind, rendered by the shipped templates."""
    content = next(one for kind, one in samples.letters(paper(), language, SITE) if kind == message)
    return render_letter(TEMPLATES, message, language, content, paper(), SITE)


def _picture(language: str) -> Picture:
    return Picture(_ALT[language], (Size(_PICTURE, 1200, 675),))
