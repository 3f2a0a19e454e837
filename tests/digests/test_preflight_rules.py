"""Each rule by an example that breaks it, beside the one that keeps it."""

import pytest

from colporteur.digests.fitting import WARN_ABOVE
from colporteur.digests.preflight import (
    ERROR,
    WARNING,
    Finding,
    Material,
    judge,
    letterhead,
    links,
    parts,
    pictures,
    placeholders,
    subjects,
    support,
    tongues,
    weight,
)
from colporteur.digests.preflight import contrast as contrast_rule
from colporteur.digests.preflight.material import Answers, Letterhead, Message, Picture, Piece
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering

URL = "https://ailleurs.example/un-port"
FRENCH = "Un port mesure ses fumées, et publie désormais chaque heure ce qu’il a mesuré la veille."


def rendering(html: str = "<p>Bonjour</p>", text: str = "Bonjour", subject: str = "Un port"):
    return Rendering(subject, text, f"<!DOCTYPE html><html><body>{html}</body></html>")


def piece(title: str = "Un port mesure", teaser: str = "", **more: object) -> Piece:
    return Piece(7, title, teaser, URL, **more)  # type: ignore[arg-type]


def kinds(found: object) -> list[tuple[str, str]]:
    return [(one.severity, one.check) for one in found]  # type: ignore[attr-defined]


# Size


@pytest.mark.parametrize(("size", "found"), [(79_000, []), (81_000, [WARNING]), (101_000, [ERROR])])
def test_html_that_gmail_would_cut_off_is_an_error(size: int, found: list[str]):
    html = ("a" * 70 + "\n") * (size // 72 - 2)  # each line's end is two bytes in a mail
    assert [one.severity for one in weight.check(rendering(html))] == found


def test_the_size_is_that_of_the_encoded_part():
    arabic = "الحكامة والقانون\n" * 2000  # 62 KB of UTF-8, 84 in base64
    assert len(arabic.encode()) < WARN_ABOVE
    assert kinds(weight.check(rendering(arabic))) == [(WARNING, "size")]


# Who writes


LETTERHEAD = Letterhead("fr", "Le Relais", "1 rue du Test", "https://relais.example", True)


def test_a_mail_with_a_sender_an_address_and_https_is_fine():
    assert list(letterhead.check(LETTERHEAD)) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"sender_name": " "}, [(ERROR, "sender")]),
        ({"postal_address": "\n"}, [(ERROR, "postal-address")]),
        ({"site": "http://relais.example"}, [(ERROR, "unsubscribe-link")]),
        ({"site": "http://localhost:8000"}, [(WARNING, "unsubscribe-link")]),
        ({"site": "http://localhost:8000", "real_relay": False}, []),
    ],
)
def test_what_law_and_providers_ask_for_is_missed(
    changes: dict[str, object], found: list[tuple[str, str]]
):
    assert kinds(letterhead.check(Letterhead(**(vars(LETTERHEAD) | changes)))) == found  # type: ignore[arg-type]


# Placeholders


@pytest.mark.parametrize(
    "left",
    ["{{ card.title }}", "{% if x %}", "%(title)s", "[TODO] chiffre", "Lorem ipsum dolor"],
)
def test_a_placeholder_left_in_any_part_is_an_error(left: str):
    wrong = [
        rendering(subject=left),
        rendering(text=left),
        rendering(html=f"<p>{left}</p>"),
    ]
    for one in wrong:
        assert kinds(placeholders.check(one)) == [(ERROR, "placeholder")]


def test_a_placeholder_in_an_address_is_one_too_and_css_is_none():
    found = list(placeholders.check(rendering('<a href="https://x.example/{{ slug }}">x</a>')))
    assert kinds(found) == [(ERROR, "placeholder")]
    css = "<style>@media print{.a{color:red}}{{}</style><p>1 % de 100%</p>"
    assert list(placeholders.check(rendering(css))) == []


def test_three_x_may_be_a_roman_thirty():
    assert kinds(placeholders.check(rendering(text="Prix : XXX dirhams"))) == [
        (WARNING, "placeholder")
    ]


def test_a_mark_of_ours_that_nobody_replaces_is_left_over():
    fine = rendering(f'<a href="{UNSUBSCRIBE_MARK}">x</a>', text=UNSUBSCRIBE_MARK)
    assert list(placeholders.check(fine)) == []
    other = rendering('<a href="https://colporteur.invalid/view">x</a>')
    assert kinds(placeholders.check(other)) == [(ERROR, "placeholder")]


# Subjects


@pytest.mark.parametrize(
    "subject",
    [
        "URGENT : LE PORT MESURE",
        "Un port mesure !!",
        "Enfin ! Un port mesure !",
        "Un mois gratuit !",
        "100% free, act now",
        "مجانا! اشترك",
        "Re: Un port",
        "Fwd: Un port",
        "رد: الميناء",
        "Un port 🎉🎉 mesure",
        "🇫🇷 🇲🇦 Un port",
        "Un port " * 12,
    ],
)
def test_a_subject_that_looks_like_spam_is_told(subject: str):
    assert kinds(subjects.check(rendering(subject=subject))) == [(WARNING, "subject")]


@pytest.mark.parametrize(
    "subject",
    [
        "L’IA à l’ONU (et 3 autres)",
        "OCDE, UE",
        "Enfin un port qui mesure !",
        "Logiciel libre et gratuit à l’école",
        "Free software in schools",
        "🎉 Un port mesure",
        "🇫🇷 Un port",
        "👩‍👩‍👧 Une famille mesure",
        "Recherche : un port",
        "الحكامة والقانون",
    ],
)
def test_an_honest_subject_is_left_alone(subject: str):
    assert list(subjects.check(rendering(subject=subject))) == []


@pytest.mark.parametrize("subject", ["", "  \n", "\u200b\u2066\u2069", "\u3164", "\u2800 ", "…"])
def test_a_subject_that_nobody_can_see_is_an_error(subject: str):
    assert kinds(subjects.check(rendering(subject=subject))) == [(ERROR, "subject")]


@pytest.mark.parametrize("subject", ["A", "7", "€", "🚢", "م"])
def test_a_subject_of_one_sign_is_one(subject: str):
    assert kinds(subjects.check(rendering(subject=subject))) == []


# Pictures


def test_a_picture_in_the_template_says_what_it_shows_or_that_it_is_an_ornament():
    assert kinds(pictures.check_markup(rendering('<img src="a.png">'))) == [(WARNING, "alt")]
    assert list(pictures.check_markup(rendering('<img src="a.png" alt="">'))) == []


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Picture("u", "Un quai", 1200, 800, 90_000), ""),
        (Picture("u", "Un quai"), ""),
        (Picture("u", " "), "no alternative text"),
        (Picture("u", "Un quai", 3001, 800), "3001 pixels wide"),
        (Picture("u", "Un quai", length=1_500_000), "1.5 MB heavy"),
        (Picture("u", "Un quai", problem="it is an SVG"), "cannot be shown: it is an SVG"),
    ],
)
def test_an_articles_picture_is_small_shown_and_described(picture: Picture, said: str):
    found = list(pictures.check_piece(piece(picture=picture)))
    assert len(found) == (1 if said else 0)
    assert all(said in one.text and one.severity == WARNING for one in found)


# Contrast


PAPER = "background-color: #fcfaf6"


@pytest.mark.parametrize(
    ("html", "severities"),
    [
        (f'<div style="{PAPER}"><p style="color: #1b1c20">Lisible</p></div>', []),
        (f'<div style="{PAPER}"><p style="color: #999">Pâle</p></div>', [WARNING]),
        (f'<div style="{PAPER}"><p style="color: #fffdfa">Invisible</p></div>', [ERROR]),
        ('<table bgcolor="black"><tr><td style="color:#333">Sombre</td></tr></table>', [WARNING]),
        ('<p style="color: rgb(128, 128, 128)">Gris</p>', [WARNING]),
        ('<p style="color: #808080; font-size: 24px">Gris, mais grand</p>', []),
        ('<p style="color: #808080; font-size: 19px; font-weight: bold">Gris, gras</p>', []),
        ('<div style="display: none; color: #fff">Caché</div>', []),
        ('<p style="color: #fff; background: url(x.png)">Sur une image</p>', []),
        ('<p style="background: #000">Noir sur noir</p>', [ERROR]),
        ('<div style="color: #fff"><p style="background: #000">x</p> après</div>', [ERROR]),
    ],
)
def test_words_are_readable_on_what_is_behind_them(html: str, severities: list[str]):
    assert [one.severity for one in contrast_rule.check(rendering(html))] == severities


def test_words_are_readable_in_the_dark_too():
    def dark(ink: str) -> Rendering:
        rules = (
            f".paper {{ background-color: #111 !important; }} .ink {{ color: {ink} !important; }}"
        )
        style = f"<style>@media (prefers-color-scheme: dark) {{ {rules} }}</style>"
        light = '<div class="paper" style="background: #fff"><p class="ink" style="color: #000">x'
        return rendering(f"{style}{light}</p></div>")

    assert list(contrast_rule.check(dark("#eee"))) == []
    (found,) = contrast_rule.check(dark("#444"))
    assert (found.severity, "in the dark" in found.text) == (WARNING, True)


# What mail programs support


@pytest.mark.parametrize(
    ("html", "what", "who"),
    [
        ('<div style="display: flex">x</div>', "display: flex", "Outlook"),
        ('<div style="position: absolute">x</div>', "position", "Gmail"),
        ('<div style="width: calc(100% - 3px)">x</div>', "calc", "Orange"),
        ('<div style="width: 50vw">x</div>', "vw", "Outlook"),
        ('<div style="color: var(--ink)">x</div>', "var", "Gmail"),
        ('<div style="margin-inline: 3px">x</div>', "margin-inline", "Yahoo"),
        ("<picture><img src=a alt=a></picture>", "picture", "Gmail"),
        ('<img src=a alt=a srcset="b 2x">', "srcset", "Outlook"),
        ("<video src=a></video>", "video", "La Poste"),
    ],
)
def test_what_some_mail_programs_do_not_show_is_told_with_their_names(
    html: str, what: str, who: str
):
    (found,) = support.check(rendering(html))
    assert (found.severity, found.where) == (WARNING, what)
    assert who in found.text


def test_tables_pixels_and_what_only_outlook_sees_are_fine():
    html = """<!--[if mso]><v:rect style="position: absolute"></v:rect><![endif]-->
    <table role="presentation" width="100%"><tr><td style="padding: 3px; background: url(50vw.png)">
    <p style="font-family: 'flex; position: absolute'; max-width: 600px">50vw</p></td></tr></table>"""
    assert list(support.check(rendering(html))) == []


# Text and HTML


def compared(html: str, text: str, title: str = "Un port : « mesure »") -> list[Finding]:
    return list(parts.check(Message(rendering(html, text), (7,)), {7: piece(title)}))


def test_an_article_in_one_part_alone_is_an_error():
    both = f'<a href="{URL}">Un port\u202f: «\u202fmesure\u202f»</a>'
    assert compared(both, f"1. Un port : « mesure\n»\n{URL}") == []
    for found, part in ((compared(both, "Rien"), "text"), (compared("<p>Rien</p>", URL), "HTML")):
        assert kinds(found) == [(ERROR, "parts")]
        assert f"the {part} part" in found[0].text
    assert compared("<p>Rien</p>", "Rien") == []  # left out of both, to save room


def test_an_address_is_the_same_however_it_is_escaped():
    own = Piece(7, "Un port", "", "https://ailleurs.example/é?a=1&b=2")
    html = '<a href="https://ailleurs.example/%C3%A9?a=1&amp;b=2">Un port</a>'
    message = Message(rendering(html, f"Un port\n{own.url}"), (7,))
    assert list(parts.check(message, {7: own})) == []
    assert links.linked([message], [own]) == [own.url]


def test_a_title_or_link_in_one_part_alone_is_told():
    (found,) = compared(f'<a href="{URL}">Lire</a>', f"Un port : « mesure »\n{URL}")
    assert (found.severity, "title" in found.text) == (WARNING, True)
    (found,) = compared("<p>Un port : « mesure »</p>", f"Un port : « mesure »\n{URL}")
    assert (found.severity, "link" in found.text) == (WARNING, True)


# Languages


@pytest.mark.parametrize(
    ("title", "spoken", "language", "said"),
    [
        ("Un port mesure ses fumées", ("fr", 0.99), "fr", ""),
        ("Un port mesure ses fumées", None, "fr", ""),
        ("ميناء يقيس دخانه كل ساعة", None, "ar", ""),
        ("ميناء يقيس دخانه كل ساعة", None, "fr", "other letters"),
        ("Un port mesure ses fumées", None, "ar", "other letters"),
        ("A port measures its smoke", ("en", 0.95), "fr-FR", "seems to be in 'en'"),
        ("A port measures its smoke", ("en", 0.5), "fr", ""),
        ("GPT-5", None, "ar", ""),
    ],
)
def test_an_article_in_another_language_than_the_digest_is_told(
    title: str, spoken: tuple[str, float] | None, language: str, said: str
):
    found = list(tongues.check(piece(title, spoken=spoken), language))
    assert len(found) == (1 if said else 0)
    assert all(said in one.text and one.severity == WARNING for one in found)


# All together


def test_errors_come_first_and_each_thing_once():
    wrong = Message(rendering("<p>{{ x }}</p>", subject="Re: x"), ())
    material = Material(LETTERHEAD, (wrong, wrong), {}, broken=("The template x: y.",))
    assert kinds(judge(material, Answers({}))) == [
        (ERROR, "template"),
        (ERROR, "placeholder"),
        (WARNING, "subject"),
    ]
