import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import PublicationInvalid
from colporteur.publication.exporting import to_files
from colporteur.publication.files import read_publication
from colporteur.publication.look import Look, contrast
from colporteur.publication.model import Publication

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
WRONG = [
    ("[look]\nsize = 12", "look.size", "must be 16 or more"),
    ("[look]\nair = 3.0", "look.air", "1.6"),
    ('[look]\ntext = "x; } body { color: red"', "look.text", "list of fonts"),
    ("[look]\ntext = \"'Open\"", "look.text", "single quotes"),
    ('[look]\nlogo = "logo.png"', "look.logo", "/static/logo.png"),
    ('[look]\nlogo = "/static/logo.svg"', "look.logo", "make a PNG of it"),
    ('[look]\nlogo = "http://cdn.example/a.png"', "look.logo", "https://cdn.example/a.png or /static/"),
    ('[look.light]\naccent = "red"', "look.light.accent", "#a5331b"),
    ('[look.light]\naccent = "#f2c14e"', "look.light", "accent on paper has a contrast of 1.6"),
    ('[look.dark]\nink = "#333333"', "look.dark", "words need 4.5"),
    ('[look.light]\nacent = "#a5331b"', "look.light.acent", "accent"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "key", "cure"), WRONG)
def test_a_look_that_cannot_be_read_or_is_none_is_told_with_its_key(feeds, lines, key, cure):
    file = feeds / "publication.toml"
    file.write_text(f"{file.read_text()}\n{lines}\n")
    with pytest.raises(PublicationInvalid) as caught:
        read_publication(feeds)
    told = str(caught.value)
    assert key in told
    assert cure in told


def test_a_look_says_only_what_differs_and_is_exported_and_read_back(feeds, tmp_path):
    file = feeds / "publication.toml"
    more = '[look]\nsize = 18\n[look.light]\naccent = "#0B4F9C"\n[footer]\nfr = "SARL"\n'
    file.write_text(f"{file.read_text()}\n{more}")
    read = read_publication(feeds).publication
    assert read.look.light.accent == "#0b4f9c"
    assert read.look.light.ink == Look().light.ink
    assert read.look.dark == Look().dark
    folder = tmp_path / "exported"
    folder.mkdir()
    for name, text in to_files(read, 1).items():
        (folder / name).write_text(text)
    assert read_publication(folder).publication == read
    assert Publication.model_validate(read.model_dump(mode="json")) == read


@pytest.mark.parametrize("logo", ["/static/logo.png", "https://cdn.example/logo.png"])
def test_a_logo_is_ours_or_comes_by_https(logo: str):
    assert Look(logo=logo).logo == logo


@given(colours, colours)
def test_contrast_is_the_same_both_ways_and_between_1_and_21(one: str, other: str):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.001
    assert contrast(one, one) == 1


def test_contrast_is_that_of_the_standard():
    assert round(contrast("#000000", "#ffffff"), 1) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
