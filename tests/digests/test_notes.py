import re
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from colporteur.digests.notes import note_html, note_lines

NOTE = """Le port est **fermé**.

- un quai
- deux quais

## Après

Lire [l’article](https://relais.example/a) ou <https://relais.example/b>.

> On attend.
"""
PICTURE = "https://img.example/carte.png"
_LEVELS = {"#": "h2", "##": "h3", "###": "h4", "####": "h4", "######": "h4"}


@dataclass
class Writing:
    """Markdown in the making; no word of it comes twice."""

    words: list[str] = field(default_factory=list)

    def word(self) -> str:
        self.words.append(f"mot{len(self.words)}z")
        return self.words[-1]


PARAGRAPHS = st.sampled_from(
    [
        lambda one: [f"{one.word()} **{one.word()}** *{one.word()}*"],
        lambda one: [f"{one.word()} [{one.word()}](https://relais.example/a) {one.word()}"],
        lambda one: [f"{one.word()}\\", one.word(), f"`{one.word()}`"],
        lambda one: [f"![{one.word()}]({PICTURE})"],
        lambda _: [f"![]({PICTURE})"],
        lambda one: [f"[![{one.word()}]({PICTURE}) {one.word()}](https://relais.example/b)"],
        lambda one: [f"<{one.word()}@relais.example>"],
        lambda one: ["```", f"  {one.word()}", "", one.word(), "```"],
        lambda _: ["***"],
        *[lambda one, marks=marks: [f"{marks} {one.word()}"] for marks in _LEVELS],
    ]
)


def _quoted(inside):
    return lambda one: [f"> {line}".rstrip() for line in inside(one)]


def _listed(items, sign, *, loose):
    def written(one):
        lines = []
        for number, item in enumerate(items, 1):
            first = "- " if sign == "-" else f"{number}. "
            body = item(one)
            lines += [first + body[0], *(" " * len(first) + line for line in body[1:])]
            lines += [""] if loose else []
        return lines

    return written


def _together(blocks, *, close):
    def written(one):
        lines = []
        for block in blocks:
            lines += [*block(one), *([] if close else [""])]
        return lines

    return written


def _nested(blocks):
    several = st.builds(_together, st.lists(blocks, min_size=1, max_size=3), close=st.booleans())
    lists = st.builds(
        _listed,
        st.lists(several, min_size=1, max_size=3),
        st.sampled_from("-1"),
        loose=st.booleans(),
    )
    return st.one_of(several, lists, st.builds(_quoted, several))


NOTES = st.recursive(PARAGRAPHS, _nested, max_leaves=12)


@given(NOTES)
def test_every_word_of_a_note_is_in_its_text_once_however_it_nests(written):
    writing = Writing()
    lines = note_lines(note_html("\n".join(written(writing))))
    said = "\n".join(lines)
    assert {word: len(re.findall(rf"\b{word}\b", said)) for word in writing.words} == dict.fromkeys(
        writing.words, 1
    )
    assert all(line.strip() and "\n" not in line for line in lines)


def test_the_text_of_a_note_has_all_of_it_with_the_addresses_of_its_links():
    assert note_lines(note_html(NOTE)) == [
        "Le port est fermé.",
        "- un quai",
        "- deux quais",
        "Après",
        "Lire l’article (https://relais.example/a) ou https://relais.example/b.",
        "On attend.",
    ]


def test_a_note_that_is_a_heading_alone_is_read_in_both_parts_of_a_mail():
    for marks, tag in _LEVELS.items():
        html = note_html(f"{marks} Le port est fermé")
        assert html == f"<{tag}>Le port est fermé</{tag}>"
        assert note_lines(html) == ["Le port est fermé"]


def test_lists_say_each_item_once_loose_or_nested():
    note = "1. un\n\n   suite\n\n2. deux\n   - a\n\n     ```\n     x = 1\n       y\n     ```\n\n***\n\n> - cité"
    assert note_lines(note_html(note)) == [
        "1. un",
        "suite",
        "2. deux",
        "- a",
        "x = 1",
        "  y",
        "- cité",
    ]


def test_a_picture_in_a_note_is_a_link_that_says_what_it_shows():
    html = note_html(f"Avant.\n\n![La *carte* du port]({PICTURE})\n\nAprès.")
    assert "<img" not in html
    assert f'<a class="accent" href="{PICTURE}">La <em>carte</em> du port</a>' in html
    assert note_lines(html) == ["Avant.", f"La carte du port ({PICTURE})", "Après."]


def test_a_picture_without_words_or_address_says_what_it_has():
    assert note_lines(note_html(f"![]({PICTURE})")) == [PICTURE]
    assert note_lines(note_html("![La carte](carte.png)")) == ["La carte"]
    assert note_html("![](carte.png)\n\nAprès.").endswith("<p>Après.</p>")
    assert note_lines(note_html("![](carte.png)\n\nAprès.")) == ["Après."]
    inside = note_html(f"[![La carte]({PICTURE})](https://relais.example/a)")
    assert inside == '<p><a class="accent" href="https://relais.example/a">La carte</a></p>'


def test_links_have_the_publications_colour_in_the_light_and_in_the_dark():
    assert '<a class="accent" href="https://relais.example/a">' in note_html(NOTE)


def test_html_in_a_note_is_shown_and_not_obeyed():
    found = note_html("<script>x</script> <img src=x> [a](javascript:x)")
    assert "<script" not in found
    assert "<img" not in found
    assert "javascript" not in found.partition("href")[2]


def test_no_note_is_nothing():
    assert note_html("  \n") == ""
    assert note_lines("") == []
