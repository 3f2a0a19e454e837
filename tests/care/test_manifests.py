import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.care.manifest import Manifest, Member, read_manifest, write_manifest
from colporteur.exceptions import ArchiveRefused

MADE_AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WHOLE = Manifest(
    MADE_AT,
    "1.0",
    "0008",
    {"articles": 3},
    {"COLPORTEUR_PORT": "8000"},
    ("COLPORTEUR_MAIL_URL",),
    "ab" * 10,
    {"database.sqlite": Member(10, "0" * 64), "templates/a/b.j2": Member(1, "1" * 64)},
)


def changed(**said: object) -> bytes:
    return json.dumps(json.loads(write_manifest(WHOLE)) | said).encode()


@given(
    st.dictionaries(st.text(max_size=5), st.integers(0, 2**60), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    st.datetimes(timezones=st.just(UTC)),
)
def test_what_was_written_is_read(rows: dict[str, int], settings: dict[str, str], at: datetime):
    members = {"database.pgdump": Member(5, "a" * 64)}
    one = Manifest(at, "1.0", "0008", rows, settings, (), "m", members)
    assert read_manifest(write_manifest(one)) == one


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "/etc/passwd",
        "templates/../../x",
        "templates//x",
        "templates",
        "templates\\..\\x",
        "other/x",
        "keys/../x",
        "",
    ],
)
def test_no_file_may_lead_out_of_where_it_belongs(name: str):
    files = {"database.sqlite": {"size": 1, "sha256": ""}, name: {"size": 1, "sha256": ""}}
    with pytest.raises(ArchiveRefused, match="not ours"):
        read_manifest(changed(files=files))


@given(st.binary(max_size=60))
def test_anything_else_is_refused_in_a_sentence(data: bytes):
    with pytest.raises(ArchiveRefused) as refused:
        read_manifest(data)
    assert refused.value.cure


def test_a_newer_form_names_the_release_that_wrote_it():
    with pytest.raises(ArchiveRefused) as refused:
        read_manifest(changed(format=2, colporteur="7.1"))
    assert "7.1" in refused.value.cure


@pytest.mark.parametrize(
    "said",
    [{"made_at": "2026-11-22T03:00:00"}, {"files": {}}, {"rows": None}, {"made_at": "soon"}],
)
def test_a_manifest_that_lacks_something_is_refused(said: dict[str, object]):
    with pytest.raises(ArchiveRefused):
        read_manifest(changed(**said))
