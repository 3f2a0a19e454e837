import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.importing.columns import KNOWN, name_key
from colporteur.audience.importing.sniffing import mend, sniff_delimiter, survey

FRENCH = "Prénom;Courriel\nLéa;lea@example.org\nFrançois;f@example.org\nNoël à Évry;n@example.org\n"
ARABIC = "الاسم;البريد\nليلى;l@example.org\nنور الهدى;n@example.org\n"
names = st.lists(
    st.sampled_from(["Léa", "Noël", "François", "Zoé", "Jérôme", "Mathilde"]), min_size=1
)


def chunked(data: bytes, size: int = 7) -> list[bytes]:
    """As a disk might give it: letters lie across the edges of chunks."""
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (FRENCH, "utf-8", "utf-8"),
        (FRENCH, "utf-8-sig", "utf-8-sig"),
        (FRENCH, "utf-16", "utf-16"),
        (FRENCH, "utf-32", "utf-32"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH, "iso-8859-1", "cp1252"),
        (FRENCH, "mac_roman", "mac_roman"),
        (ARABIC, "utf-8", "utf-8"),
        (ARABIC, "cp1256", "cp1256"),
        ("email\na@example.org\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_of_a_list_is_found(text, written, found):
    data = text.encode(written)
    seen = survey(chunked(data, 4096))
    assert (seen.encoding, seen.mixed, seen.size) == (found, False, len(data))
    assert data.decode(seen.encoding) == text


@given(names, st.sampled_from(["utf-8", "cp1252", "mac_roman"]), st.integers(1, 50))
def test_names_come_out_as_they_went_in(written, encoding, size):
    text = "".join(f"{name},x@example.org\n" for name in written)
    seen = survey(chunked(text.encode(encoding), size))
    assert text.encode(encoding).decode(seen.encoding) == text


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_have_some_encoding(data, size):
    codecs.lookup(survey(chunked(data, size)).encoding)


def test_some_rows_in_another_encoding_do_not_spoil_the_rest():
    data = b"".join(f"Zo\u00e9 {n}\n".encode("cp1252" if n == 50 else "utf-8") for n in range(100))
    seen = survey(chunked(data))
    assert (seen.encoding, seen.mixed) == ("utf-8", True)
    assert mend(data.decode("utf-8", "surrogateescape")).splitlines()[50] == "Zoé 50"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    rows = [["nom", "courriel", "sujets"], ["Roux, Léa; dite L.", "lea@example.org", "a,b;c|d"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert sniff_delimiter(text, KNOWN, name_key) == delimiter
    assert sniff_delimiter(f"sep={delimiter}\r\n{text}", KNOWN, name_key) == delimiter


def test_a_list_of_one_column_needs_no_delimiter():
    assert sniff_delimiter("a@example.org\nb@example.org\n", KNOWN, name_key) == ","
