import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.cleaning import clean_text
from colporteur.articles.teasers import cut_teaser

LONG = "et la phrase se poursuit sans jamais finir " * 8
NO_BREAK = "\u00a0"
texts = st.text(st.sampled_from("abé MDrs.art 5?!…؟«»()“”,;\u00a0") | st.characters()).map(
    clean_text
)


def _first(sentence: str) -> str:
    """The teaser of a sentence that is followed by one too long to be taken."""
    return cut_teaser([f"{sentence} {LONG.capitalize()}"])


@pytest.mark.parametrize(
    "sentence",
    [
        "Selon M. Dorval, chargé du registre, l’inventaire a pris neuf mois et deux étés.",
        "Le rapport de Mme. Roux et de J. P. Morin cite l’art. 5 de la loi, cf. p. 12 du texte.",
        "L’équipe a trouvé 3,5 fois plus d’outils, soit 2.5 par service, que l’an passé.",
        f"«{NO_BREAK}Qui répond ? Personne. C’est le sujet.{NO_BREAK}» Mme Roux n’en dira pas plus.",
        "La question « Qui répond ? » reste posée à tous les services de la ville.",
        "Le conseil (voté hier. Sans débat.) a retenu la proposition de la ville.",
        "هل تستطيع المدينة أن تشرح قرارات خوارزمياتها للسكان؟",
        "La ville hésite… puis publie tout, jusqu’aux outils abandonnés.",
        "Est-ce une loi de plus pour les services de la ville ?!",
    ],
)
def test_a_sentence_is_taken_whole(sentence):
    assert _first(sentence) == sentence


def test_sentences_are_taken_up_to_about_two_hundred_characters():
    sentence = "Une phrase de quarante signes exactement."
    taken = cut_teaser([" ".join([sentence] * 20)])
    assert taken == " ".join([sentence] * 4)


def test_a_short_first_sentence_brings_the_next_one_along():
    second = "La ville publie " + "une liste et " * 15 + "rien de plus."
    assert (
        cut_teaser([f"Il était temps. {second} {LONG.capitalize()}"]) == f"Il était temps. {second}"
    )


def test_captions_and_taglines_are_passed_over():
    assert cut_teaser(
        ["Photo : M. Roux", "x" * 39, "Le texte commence ici, enfin, après deux lignes."]
    ) == ("Le texte commence ici, enfin, après deux lignes.")


def test_short_paragraphs_are_better_than_none():
    assert cut_teaser(["Un mot.", "Deux mots."]) == "Un mot. Deux mots."
    assert cut_teaser([]) == ""


def test_a_long_sentence_is_cut_between_words_with_one_ellipsis():
    taken = cut_teaser([LONG])
    assert taken.endswith("…")
    assert LONG.startswith(taken[:-1] + " ")


def test_a_cut_after_an_ellipsis_does_not_double_it():
    text = "mot " * 49 + "la… suite " + "mot " * 49
    assert "……" not in cut_teaser([text])


@pytest.mark.parametrize("before", [20, 60, 150, 190])
@pytest.mark.parametrize("inside", [40, 80])
def test_a_long_sentence_is_not_cut_inside_quotation_marks(before, inside):
    text = "a " * (before // 2) + "« " + "b (c) " * (inside // 6) + "» " + "d " * 200
    taken = cut_teaser([text])
    assert taken.count("«") == taken.count("»")


def test_a_quotation_longer_than_a_teaser_is_cut_between_words():
    text = "« " + "mot " * 200 + "»"
    assert text.startswith(cut_teaser([text])[:-1] + " ")


@pytest.mark.parametrize("text", ["« Une phrase. " * 50_000, "!" * 500_000 + "x", "(" * 500_000])
def test_a_megabyte_in_one_line_takes_no_time(text):
    assert len(cut_teaser([text])) <= 281


@given(st.lists(texts, max_size=4) | texts.map(lambda text: [text * 40]))
def test_a_teaser_is_the_beginning_of_a_text_and_never_long(paragraphs):
    taken = cut_teaser(paragraphs)
    assert len(taken) <= 281
    beginnings = [*paragraphs, " ".join(paragraphs).strip()]
    assert any(text.startswith((taken, taken.removesuffix("…"))) for text in beginnings)
