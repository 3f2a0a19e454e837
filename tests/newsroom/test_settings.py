"""The settings' forms over the real application: looked at, put in force, taken back."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from asking import asker, make_app
from house import House, publication
from newsroom import ON_SQLITE, Editor, sign_in

from colporteur.db import reading
from colporteur.publication import Publication
from colporteur.publication.exporting import to_files
from colporteur.publication.files import read_publication
from colporteur.publication.revisions import require
from colporteur.staff import audit
from colporteur.staff.people import Role
from colporteur.web.newsroom.settings.channels import channel_sheets
from colporteur.web.newsroom.settings.whole import whole_sheets

pytestmark = ON_SQLITE
HOME = "/newsroom/settings"


@pytest.fixture
def admin(house: House, tmp_path: Path) -> Editor:
    return sign_in(house, asker(make_app(house, tmp_path)), Role.ADMIN)


def in_force(house: House) -> Publication:
    with reading(house.engine) as connection:
        return require(connection).publication


def number(house: House) -> int:
    with reading(house.engine) as connection:
        return require(connection).number


def fields_of(page: str) -> dict[str, Any]:
    """What the page's first large form would send as it is."""
    form = re.search(
        r'<form method="post" action="/newsroom/settings[^"]*".*?</form>', page, re.DOTALL
    )
    assert form
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and (' type="checkbox"' not in tag or " checked" in tag):
            text = html.unescape(value[1]) if value else ""
            found.setdefault(html.unescape(name[1]), []).append(text)
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form[0], re.DOTALL
    ):
        found.setdefault(name, []).append(html.unescape(text))
    for name, inner in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[0], re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    return dict(found)


def change(admin: Editor, path: str, **typed: Any) -> tuple[Any, Any]:
    """Type into a form, look at what it changes, put it in force; both answers."""
    sent = fields_of(admin.get(f"{HOME}/{path}").text) | {
        name.replace("__", "."): value for name, value in typed.items()
    }
    looked = admin.post(f"{HOME}/{path}", sent)
    if looked.status_code != 200:
        return looked, looked
    return looked, admin.post(f"{HOME}/{path}", fields_of(looked.text))


def test_a_change_is_looked_at_before_it_is_in_force(house: House, admin: Editor) -> None:
    house.subscribe("leila@example.org")
    looked, done = change(admin, "publication", title="La Relève")
    assert "Le Relais" in looked.text
    assert "La Relève" in looked.text
    assert "readers it touches: 1" in looked.text
    assert done.headers["location"] == f"{HOME}?done=saved"
    assert in_force(house).title == "La Relève"
    assert in_force(house) == publication(title="La Relève")  # and nothing else
    with reading(house.engine) as connection:
        assert audit.noted(connection, limit=1)[0].action == "settings.changed"


def test_a_form_that_is_sent_as_it_is_changes_nothing(house: House, admin: Editor) -> None:
    paths = [one.path for one in (*whole_sheets(in_force(house)), *channel_sheets(in_force(house)))]
    for path in (*paths, f"{HOME}/topics/law", f"{HOME}/groups/orange"):
        answer = admin.post(path, fields_of(admin.get(path).text))
        assert "Nothing would change" in answer.text, path
    assert number(house) == 1


def test_what_cannot_be_is_said_beside_its_field_and_keeps_what_was_typed(admin: Editor) -> None:
    path = f"{HOME}/publication"
    typed = fields_of(admin.get(path).text)
    wrong = {
        "sender.address": "nobody",
        "timezone": "Paris",
        "title": "x" * 10_000,
        "reply_to": "é@a.fr",
    }
    answer = admin.post(path, typed | wrong)
    assert answer.status_code == 422
    for name, said in (
        ("sender.address", "This is no e-mail address."),
        ("timezone", "Write the name of a time zone"),
        ("title", "Write at most 100 characters."),
        ("reply_to", "without accents"),
    ):
        assert re.search(rf'id="{re.escape(name)}-fault">{said}|{said}', answer.text), name
    assert 'value="nobody"' in answer.text
    arabic = admin.post(path, typed | wrong, headers={"Accept-Language": "ar"})
    assert "This is no" not in arabic.text


def test_colours_that_cannot_be_read_are_refused_beside_the_colour(admin: Editor) -> None:
    looked, _ = change(admin, "look", look__light__ink="#eeeeee")
    assert looked.status_code == 422
    assert "look.light.ink-fault" in looked.text
    assert "It cannot be read on its paper" in looked.text


def test_a_look_is_shown_in_a_frame_that_can_run_nothing(house: House, admin: Editor) -> None:
    sent = fields_of(admin.get(f"{HOME}/look").text) | {"look.light.accent": "#0b4f9c"}
    looked = admin.post(f"{HOME}/look", sent)
    address = html.unescape(re.search(r'<iframe src="([^"]+)" sandbox=""', looked.text)[1])  # type: ignore[index]
    assert looked.text.count('class="difference"') == 1
    frame = admin.get(address)
    assert "#0b4f9c" in frame.text
    assert "sandbox" in frame.headers["content-security-policy"]
    assert number(house) == 1


def test_two_admins_lose_nothing_of_each_other(house: House, admin: Editor) -> None:
    mine = fields_of(admin.get(f"{HOME}/publication").text) | {"title": "Mine"}
    change(admin, "channels/actualites/digest", max_items="20")
    stale = admin.post(f"{HOME}/publication", mine)
    assert stale.status_code == 409
    assert "Most articles" in stale.text
    assert admin.person.address in stale.text
    again = fields_of(stale.text)
    looked = admin.post(f"{HOME}/publication", again)
    admin.post(f"{HOME}/publication", fields_of(looked.text))
    assert in_force(house).title == "Mine"
    digest = in_force(house).channel("actualites").digest
    assert digest is not None
    assert digest.max_items == 20


def test_sending_a_confirmation_twice_changes_once(house: House, admin: Editor) -> None:
    sent = fields_of(admin.get(f"{HOME}/publication").text) | {"title": "Mine"}
    confirm = fields_of(admin.post(f"{HOME}/publication", sent).text)
    assert admin.post(f"{HOME}/publication", confirm).status_code == 303
    assert admin.post(f"{HOME}/publication", confirm).status_code == 409
    assert number(house) == 2


def test_a_channel_is_added_with_its_rhythm_and_dates_without_editions(
    house: House, admin: Editor
) -> None:
    typed = {"title": "Revue", "slug": "revue", "language": "fr", "rule": "weekly"}
    _, done = change(admin, "channels/new", **typed, weekdays=["sun"], at="09:00")
    assert done.status_code == 303
    change(admin, "channels/revue/skip", skip=["2026-12-25", "", "2026-12-24"])
    made = in_force(house).channel("revue")
    assert made.digest is not None
    assert [str(day) for day in made.digest.skip] == ["2026-12-24", "2026-12-25"]
    assert made.digest.cadences["weekly"].weekdays == ("sun",)


def test_a_rhythm_changes_and_leaves_behind_what_belongs_to_the_former(
    house: House, admin: Editor
) -> None:
    path = "channels/actualites/cadences/matin"
    change(admin, path, rule="weekly", weekdays=["mon"], name__fr="Le lundi", name__ar="الإثنين")
    looked, _ = change(admin, path, rule="monthly", at="7h")
    assert looked.status_code == 422
    assert "Write hours and minutes" in looked.text
    _, done = change(admin, path, rule="monthly", day="1")
    assert done.status_code == 303
    rule = in_force(house).channel("actualites").cadence("matin")
    assert (rule.rule, rule.day, rule.weekdays) == ("monthly", 1, ())
    looked, _ = change(admin, path, day="", on="last friday")
    assert "Last Friday" in looked.text
    rule = in_force(house).channel("actualites").cadence("matin")
    assert (rule.day, rule.on) == (None, "last friday")


def test_what_would_leave_readers_with_nothing_is_told_and_not_done(
    house: House, admin: Editor
) -> None:
    house.subscribe("leila@example.org")
    path = f"{HOME}/channels/actualites/cadences/matin"
    seen = fields_of(admin.get(path).text)["seen"]
    looked = admin.post(path, {"act": "remove", "seen": seen})
    assert "would leave readers with nothing" in looked.text
    assert "Actualites: readers who chose “matin”: 1. Keep it." in looked.text
    assert "Put this in force" not in looked.text
    forced = admin.post(path, {"act": "remove", "seen": seen, "step": "apply"})
    assert forced.status_code == 422
    assert number(house) == 1


def test_a_topic_is_added_renamed_and_keeps_the_names_it_had(house: House, admin: Editor) -> None:
    change(admin, "topics/new", name__fr="Énergie & eau", name__ar="طاقة")
    assert "energie-eau" in in_force(house).topics
    change(admin, "topics/health", slug="care", name__fr="Soins", name__ar="رعاية")
    made = in_force(house)
    assert made.topics["care"].formerly == ("health",)
    assert made.channel("actualites").topics == ("care", "law")


def test_limits_are_said_anew_and_as_shipped_again(house: House, admin: Editor) -> None:
    change(admin, "groups/orange", connections="1", limits="5/second, 1000/hour")
    group = in_force(house).domain_groups["orange"]
    assert (group.connections, [str(one) for one in group.limits or ()]) == (
        1,
        ["5/second", "1000/hour"],
    )
    looked, _ = change(admin, "groups/new", name="school", domains="orange.fr")
    assert looked.status_code == 200
    path = f"{HOME}/groups/orange"
    seen = fields_of(admin.get(path).text)["seen"]
    looked = admin.post(path, {"act": "remove", "seen": seen})
    admin.post(path, fields_of(looked.text))
    assert "orange" not in in_force(house).domain_groups


def test_a_new_sending_domain_begins_with_few_messages(house: House, admin: Editor) -> None:
    domain = "warm_up.relais.example"
    few = {f"{domain}.start": "2026-11-23", f"{domain}.days": "50, 20"}
    looked, _ = change(admin, "sending", **few)
    assert "No day may have fewer than the day before." in looked.text
    looked, _ = change(admin, "sending", **few | {f"{domain}.days": "50, 100"})
    assert "50, 100" in looked.text
    assert in_force(house).warm_up["relais.example"].days == (50, 100)


def test_a_change_is_taken_back_and_what_came_after_it_stays(house: House, admin: Editor) -> None:
    change(admin, "publication", title="Mine")
    change(admin, "channels/actualites/digest", max_items="20")
    listed = admin.get(f"{HOME}/history").text
    assert listed.count(admin.person.address) >= 2
    looked = admin.post(f"{HOME}/history/2", {"act": "undo", "seen": "3"})
    assert "Mine" in looked.text
    admin.post(f"{HOME}/history/2", fields_of(looked.text))
    made = in_force(house)
    assert made.title == "Le Relais"
    assert "Take change 2 back" in admin.get(f"{HOME}/history").text
    assert made.channel("actualites").digest.max_items == 20  # type: ignore[union-attr]
    assert admin.post(f"{HOME}/history/2", {"act": "return", "seen": "3"}).status_code == 409


def test_what_was_changed_again_since_is_not_taken_back_alone(house: House, admin: Editor) -> None:
    change(admin, "publication", title="Mine")
    change(admin, "publication", title="Ours")
    looked = admin.post(f"{HOME}/history/2", {"act": "undo", "seen": "3"})
    assert "changed again since" in looked.text
    looked = admin.post(f"{HOME}/history/1", {"act": "return", "seen": "3"})
    admin.post(f"{HOME}/history/1", fields_of(looked.text))
    assert in_force(house).title == "Le Relais"


def test_what_the_newsroom_changed_is_exported_as_files_that_apply(
    house: House, admin: Editor, tmp_path: Path
) -> None:
    change(admin, "look", look__light__accent="#0b4f9c")
    change(admin, "channels/actualites/sources/new", url="https://news.example.org/feed")
    for name, text in to_files(in_force(house), number(house)).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    read = read_publication(tmp_path)
    assert (read.publication, read.based_on) == (in_force(house), 3)


@pytest.mark.parametrize(
    "path", ["history/0", "history/99999999999", "channels/none", "topics/none", "groups/none", "x"]
)
def test_what_is_not_there_is_a_page_that_says_so(admin: Editor, path: str) -> None:
    assert admin.get(f"{HOME}/{path}").status_code == 404
