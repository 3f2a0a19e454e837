import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from colporteur.typography import fine, isolated, one_line, shorten


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Que faire ?", "Que faire\u202f?"),
        ("Assez ! Et puis ; enfin", "Assez\u202f! Et puis\u202f; enfin"),
        ("Un titre : la suite", "Un titre\u00a0: la suite"),
        ("« Oui »", "«\u00a0Oui\u00a0»"),
        ("«Oui»", "«\u00a0Oui\u00a0»"),
        ("10 000 dossiers, 12 %, 3 €", "10\u202f000 dossiers, 12\u00a0%, 3\u00a0€"),
        ("en 2026 1500 pages", "en 2026 1500 pages"),
        ("https://relais.example/a?b:c", "https://relais.example/a?b:c"),
        ("12:30", "12:30"),
    ],
)
def test_french_keeps_its_tall_punctuation_with_the_word_before(typed: str, set_: str):
    assert fine(typed, "fr") == fine(typed, "fr-CA") == set_
    assert fine(set_, "fr") == set_


def test_other_languages_are_left_as_they_are():
    assert fine("Why ? « Yes »", "en") == "Why ? « Yes »"


@given(st.text(max_size=200))
def test_setting_a_text_changes_nothing_but_spaces(text: str):
    def letters(one: str) -> str:
        return "".join(char for char in one if char not in " \u00a0\u202f")

    assert letters(fine(text, "fr")) == letters(text)


@given(st.text(max_size=200), st.integers(2, 80))
def test_what_is_shortened_fits_and_ends_at_the_end_of_a_word_or_a_grapheme(text: str, room: int):
    found = shorten(text, room)
    assert len(found) <= max(room, 1)
    if found != text:
        kept = found.removesuffix("…")
        assert text.startswith(kept)
        graphemes = regex.findall(r"\X", text)
        ends = {0}
        for one in graphemes:
            ends.add(max(ends) + len(one))
        rest = text[len(kept) :].lstrip(" ,;:–—-…\u202f\u00a0«(\"'")
        at_grapheme = len(kept) in ends
        assert at_grapheme or not rest


def test_a_name_of_the_other_direction_is_isolated_and_no_other():
    assert isolated("Leïla", "rtl") == "\u2068Leïla\u2069"
    assert isolated("هدى", "ltr") == "\u2068هدى\u2069"
    assert isolated("Leïla", "ltr") == "Leïla"
    assert isolated("12", "rtl") == "12"


def test_one_word_too_long_is_cut_and_two_are_cut_between():
    assert shorten("Donaudampfschifffahrtsgesellschaft", 10) == "Donaudamp…"
    assert shorten("Le Donaudampfschifffahrtsgesellschaft", 12) == "Le…"


def test_a_flag_or_a_family_is_never_cut_in_two():
    assert shorten("🇲🇦" * 20, 8) == "🇲🇦🇲🇦🇲🇦…"
    assert shorten("👩‍👩‍👧" * 20, 20) == "👩‍👩‍👧" * 3 + "…"


def test_a_line_has_no_breaks_and_nothing_that_turns_it_round():
    assert one_line("Un\r\ntitre\u202e \x00 et\tdemi") == "Un titre et demi"
    assert one_line(" M.\u00a0Dupont,  n°\u202f3 ") == "M.\u00a0Dupont, n°\u202f3"
