"""What is small to send and large to read."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from colporteur.articles.cleaning import one_ellipsis
from colporteur.audience.addresses import mask_in
from colporteur.audience.importing import opening
from colporteur.audience.importing.opening import look_at
from colporteur.audience.importing.terms import Terms
from colporteur.exceptions import ImportRefused
from colporteur.syndication.polls import READERS_AT_MOST, Tally


def archive(path: Path, files: int, each: int) -> Path:
    """An archive of lists that are all zeros: a thousandth of their size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(files):
            with made.open(f"{number}.csv", "w", force_zip64=True) as file:
                for _ in range(each >> 20):
                    file.write(bytes(1 << 20))
    return path


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(opening, "_UNPACKED_AT_MOST", 10 << 20)
    path = archive(tmp_path / "bomb.zip", 3, 4 << 20)
    began = time.process_time()
    with pytest.raises(ImportRefused, match="holds 3 lists of 12 MB"):
        look_at(path, Terms())
    assert time.process_time() - began < 0.5


def test_an_archive_of_very_many_lists_is_refused(tmp_path: Path):
    with pytest.raises(ImportRefused, match="101 lists"):
        look_at(archive(tmp_path / "many.zip", 101, 0), Terms())


def test_an_archive_whose_parts_lie_about_their_size_is_refused(tmp_path: Path):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("list.csv", "email\n" + "lea@example.org\n" * 1000)
    body = path.read_bytes()
    size = (6 + 16 * 1000).to_bytes(4, "little")
    path.write_bytes(body.replace(size, (20).to_bytes(4, "little")))
    with pytest.raises(ImportRefused):
        look_at(path, Terms())


@pytest.mark.parametrize("cut", [30, 60, -30, -10])
def test_a_damaged_archive_is_refused_in_words(tmp_path: Path, cut: int):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("list.csv", "email\n" + "lea@example.org\n" * 10)
    body = bytearray(out.getvalue())
    body[cut : cut + 4] = b"\xff\xff\xff\xff"
    path = tmp_path / "list.zip"
    path.write_bytes(body)
    with pytest.raises(ImportRefused):
        look_at(path, Terms())


def test_aggregators_that_a_stranger_makes_up_fill_no_memory():
    tally = Tally()
    for number in range(READERS_AT_MOST + 500):
        tally.note("feeds/a.rss", 200, (f"Made up {number}", 5))
    assert len(tally.readers) == READERS_AT_MOST
    tally.note("feeds/a.rss", 200, ("Made up 1", 7))
    assert tally.readers["feeds/a.rss", "Made up 1"] == 7


@pytest.mark.parametrize("piece", ["0", "a@", "@", "a.", "<a@b.example> "])
def test_addresses_in_a_long_answer_are_masked_in_no_time(piece: str):
    began = time.process_time()
    said = mask_in("550 lea@example.org " + piece * 20_000)
    assert time.process_time() - began < 0.5
    assert "lea@" not in said


@pytest.mark.parametrize("piece", [" ", "…", ".", " .", "\u00a0…"])
def test_a_title_of_nothing_but_dots_and_spaces_takes_no_time(piece: str):
    began = time.process_time()
    one_ellipsis(piece * 20_000)
    assert time.process_time() - began < 0.5
