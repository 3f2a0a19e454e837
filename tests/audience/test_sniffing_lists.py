import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.importing.columns import KNOWN, name_key
from colporteur.audience.importing.opening import look_at, records
from colporteur.audience.importing.sniffing import mend, sniff_delimiter, survey
from colporteur.audience.importing.terms import Terms
from colporteur.exceptions import ImportRefused

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


@pytest.mark.parametrize(
    "said", ["idna", "punycode", "undefined", "utf-16", "utf-32", "rot13", "none-such"]
)
def test_an_encoding_that_no_list_can_be_in_is_refused(tmp_path, said):
    path = tmp_path / "list.csv"
    path.write_bytes(FRENCH.encode())
    with pytest.raises(ImportRefused) as caught:
        look_at(path, Terms(encoding=said))
    assert said in caught.value.message
    assert "utf-8" in caught.value.cure


@pytest.mark.parametrize("said", ["shift_jis", "utf-7", "gb18030", "iso2022_jp", "unicode_escape"])
def test_bytes_that_are_not_in_the_said_encoding_cost_no_other_row(tmp_path, said):
    path = tmp_path / "list.csv"
    ends = [f"x{n}@example.org,\n".encode() for n in range(3000)]
    path.write_bytes(b"email,name\n" + b"".join(ends) + b"y@example.org,\x81\n" + b"".join(ends))
    file = look_at(path, Terms(encoding=said))
    assert sum(1 for _ in records(file, file.parts[0])) >= 6000


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dupont, Jean;jean@example.org\nRoux, Léa;lea@example.org\n", ";"),
        ("Dupont; Jean,jean@example.org\nRoux,lea@example.org\n", ","),
        ("Nom, prénom;Contact\nDupont, Jean;jean@example.org\n", ";"),
        ("Dupont, Jean\tjean@example.org\n", "\t"),
    ],
)
def test_the_delimiter_is_the_one_that_leaves_addresses_whole(text, found):
    assert sniff_delimiter(text, KNOWN, name_key) == found


def test_a_list_of_one_column_needs_no_delimiter():
    assert sniff_delimiter("a@example.org\nb@example.org\n", KNOWN, name_key) == ","
