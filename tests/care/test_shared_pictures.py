"""Pictures and links are the same from every web server: they share no folder."""

from io import BytesIO
from pathlib import Path

from asking import asker, make_app
from house import SITE, House
from PIL import Image

from colporteur.articles.pictures.uploading import keep_upload, read_upload


def test_what_was_uploaded_on_one_machine_is_served_by_the_other(
    sqlite_house: House, tmp_path: Path
):
    drawn = BytesIO()
    Image.new("RGB", (700, 400), "navy").save(drawn, "JPEG")
    with sqlite_house.open() as (connection, _, _):
        url = keep_upload(connection, read_upload(drawn.getvalue()), SITE, sqlite_house.now)
    answers = []
    for name in ("one", "two"):  # data folders of two machines
        (tmp_path / name).mkdir()
        ask = asker(make_app(sqlite_house, tmp_path / name))
        answers.append(ask("GET", url.removeprefix(SITE)))
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["etag"] == answers[1].headers["etag"]
    assert not [*tmp_path.glob("*/*")]
