from hypothesis import given
from hypothesis import strategies as st

from colporteur.digests.subject import ABOUT, compose_subject
from colporteur.typography import shorten

titles = st.text(min_size=1, max_size=500).filter(lambda text: text.split() != [])


def test_a_short_lead_is_whole_and_the_count_follows():
    assert compose_subject("Tri aux urgences", "(et 4 autres)") == "Tri aux urgences (et 4 autres)"


def test_a_long_lead_is_cut_between_words():
    found = compose_subject(
        "Une ville publie le registre de ses 41 algorithmes, y compris les abandonnés",
        "(et 12 autres)",
    )
    assert found == "Une ville publie le registre de ses 41… (et 12 autres)"
    assert len(found) <= ABOUT


def test_a_cut_never_divides_a_letter_from_its_accent_or_a_family():
    text = "e\u0301" * 40
    assert shorten(text, 20).removesuffix("…") in {"e\u0301" * 9, "e\u0301" * 10}
    family = "👩‍👩‍👧" * 20
    assert shorten(family, 20).removesuffix("…") == "👩‍👩‍👧" * 3


@given(titles)
def test_a_subject_is_never_empty_too_long_or_of_two_lines(title: str):
    found = compose_subject(title, "(+4)")
    assert found.strip()
    assert len(found) <= ABOUT + 1
    assert len(found.splitlines()) == 1
