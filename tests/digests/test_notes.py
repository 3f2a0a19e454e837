from colporteur.digests.notes import note_html, note_lines

NOTE = """Le port est **fermé**.

- un quai
- deux quais

## Après

Lire [l’article](https://relais.example/a) ou <https://relais.example/b>.

> On attend.
"""


def test_the_text_of_a_note_has_all_of_it_with_the_addresses_of_its_links():
    assert note_lines(note_html(NOTE)) == [
        "Le port est fermé.",
        "- un quai",
        "- deux quais",
        "Après",
        "Lire l’article (https://relais.example/a) ou https://relais.example/b.",
        "On attend.",
    ]


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
