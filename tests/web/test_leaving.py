import re
from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask
from house import House
from lxml import html as lxml_html
from posting import frozen, mails_in, page_of, posted
from sqlalchemy import select

from colporteur.audience.erasing import erase
from colporteur.audience.leaving import leave
from colporteur.audience.links import return_link
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscriber_events, subscriptions
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.delivery.to_readers import IN_A_DAY
from colporteur.tokens import UNSUBSCRIBE, make_token

KEY = "k" * 32
PART = (None, "One-Click")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(house: House) -> str:
    subscribed = house.subscribe("amina@example.org")
    house.subscribe("amina@example.org", channel="nashra")
    return f"/unsubscribe/{make_token(KEY, UNSUBSCRIBE, subscribed.subscription_id)}"


def states(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return list(connection.scalars(select(subscriptions.c.state).order_by(subscriptions.c.id)))


def test_looking_at_the_link_changes_nothing_however_often(ask: Ask, house: House, link: str):
    for method in ("GET", "HEAD", "GET"):
        assert ask(method, link).status_code == 200
    assert states(house) == ["active", "active"]
    assert "a…@example.org" in ask("GET", link).text
    assert "amina" not in ask("GET", link).text


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": PART}},
        {"data": {}},
    ],
    ids=["urlencoded", "multipart", "button"],
)
def test_one_post_leaves_that_channel_at_once(ask: Ask, house: House, link: str, body: dict):
    done = ask("POST", link, **body)
    assert done.status_code == 200
    assert states(house) == ["unsubscribed", "active"]
    assert "Désabonnement" in done.text


def test_leaving_twice_is_leaving_once(ask: Ask, house: House, link: str):
    assert [ask("POST", link).status_code for _ in range(2)] == [200, 200]
    with reading(house.engine) as connection:
        kinds = list(connection.scalars(select(subscriber_events.c.kind)))
    assert kinds.count("unsubscribed") == 1


@pytest.mark.parametrize("cut", [slice(0, -1), slice(0, 20), slice(1, None)])
def test_a_link_that_is_cut_or_forged_leaves_nobody(ask: Ask, house: House, link: str, cut: slice):
    token = link.rpartition("/")[2]
    assert ask("POST", f"/unsubscribe/{token[cut]}").status_code == 404
    assert "n’est pas complet" in ask("GET", f"/unsubscribe/{token[cut]}").text
    other_purpose = make_token(KEY, "preferences", 1)
    assert ask("POST", f"/unsubscribe/{other_purpose}").status_code == 404
    assert states(house) == ["active", "active"]


def test_the_page_is_kept_out_of_caches_indexes_and_referrers(ask: Ask, link: str):
    headers = ask("GET", link).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"


def events(house: House, kind: str = "unsubscribed") -> list[dict]:
    with reading(house.engine) as connection:
        found = select(subscriber_events.c.detail).where(subscriber_events.c.kind == kind)
        return list(connection.scalars(found.order_by(subscriber_events.c.id)))


def farewells(house: House) -> list[dict]:
    with reading(house.engine) as connection:
        found = select(letters.c.content).where(letters.c.message == "goodbye")
        return list(connection.scalars(found))


def press(ask: Ask, link: str):
    """As a browser presses the page's button."""
    (form,) = lxml_html.document_fromstring(ask("GET", link).text).forms
    return ask("POST", form.get("action"), data=dict(form.form_values()))


@pytest.mark.parametrize("body", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": PART}}])
def test_a_mail_providers_one_click_is_answered_plainly_and_by_no_further_mail(
    ask: Ask, house: House, link: str, body: dict
):
    done = ask("POST", f"{link}?edition=ed-unknown", **body)
    assert (done.status_code, done.headers.get("set-cookie")) == (200, None)
    assert farewells(house) == []
    (kept,) = events(house)
    assert (kept["by"], "edition" in kept) == ("one-click", False)


def test_who_leaves_and_undoes_it_over_and_over_fills_no_mailbox(ask: Ask, house: House, link: str):
    for _ in range(IN_A_DAY + 2):
        (undo,) = re.findall(r'action="(/unsubscribe/undo/[^"]+)"', press(ask, link).text)
        ask("POST", undo)
    assert len(farewells(house)) == IN_A_DAY


def test_who_presses_the_pages_button_gets_a_farewell_with_the_way_back(
    ask: Ask, house: House, link: str
):
    done = press(ask, link)
    assert states(house) == ["unsubscribed", "active"]
    (farewell,) = farewells(house)
    assert farewell["channels"] == ["Actualites"]
    (undo,) = re.findall(r'action="(/unsubscribe/undo/[^"]+)"', done.text)
    for method in ("GET", "HEAD"):
        assert ask(method, undo).status_code == 200
    assert states(house) == ["unsubscribed", "active"]
    assert "Heureux de vous retrouver" in ask("POST", undo).text
    assert states(house) == ["active", "active"]
    assert ask("POST", undo).status_code == 200
    assert len(events(house, "returned")) == 1


def test_the_link_of_a_mail_grants_no_way_back(ask: Ask, house: House, link: str):
    press(ask, link)
    assert "/unsubscribe/undo/" not in ask("GET", link).text
    assert "/unsubscribe/undo/" not in ask("POST", link).text
    token = link.rpartition("/")[2]
    for path in (f"/unsubscribe/undo/{token}", "/unsubscribe/undo/x"):
        assert ask("POST", path).status_code == 404
    assert states(house) == ["unsubscribed", "active"]


def test_the_way_back_of_one_leaving_does_not_undo_the_next(ask: Ask, house: House, link: str):
    (undo,) = re.findall(r'action="(/unsubscribe/undo/[^"]+)"', press(ask, link).text)
    ask("POST", undo)
    with writing(house.engine) as connection:
        leave(connection, 1, by="test", now=database_now(connection) + timedelta(seconds=2))
    assert [ask(method, undo).status_code for method in ("GET", "POST")] == [410, 410]
    assert states(house) == ["unsubscribed", "active"]


def test_an_edition_that_can_be_none_hinders_nobody_from_leaving(ask: Ask, house: House, link: str):
    assert ask("POST", f"{link}?edition=%00", data=ONE_CLICK).status_code == 200
    assert states(house) == ["unsubscribed", "active"]


def test_after_seven_days_the_way_back_is_closed(ask: Ask, house: House, link: str):
    ask("POST", link)
    with reading(house.engine) as connection:
        then = database_now(connection) - timedelta(days=8)
    undo = return_link(KEY, "", 1, then)
    for method in ("GET", "POST"):
        answer = ask(method, undo)
        assert answer.status_code == 410
        assert "ne fonctionne plus" in answer.text
    assert states(house) == ["unsubscribed", "active"]


def test_why_they_left_is_kept_if_they_say_and_the_way_back_stays(
    ask: Ask, house: House, link: str
):
    done = press(ask, link)
    form = lxml_html.document_fromstring(done.text).forms[-1]
    said = dict(form.form_values()) | {"reason": "too_many", "words": "Trop <b>long</b>\0"}
    thanks = ask("POST", form.get("action"), data=said)
    assert thanks.status_code == 200
    assert 'action="/unsubscribe/undo/' in thanks.text
    (kept,) = events(house)
    assert (kept["reason"], kept["words"]) == ("too_many", "Trop <b>long</b>")
    for hostile in ({"reason": "'; --"}, {"undo": "https://elsewhere.example/"}, {}):
        assert "elsewhere" not in ask("POST", f"{link}/why", data=hostile).text
    assert events(house) == [kept]


def test_what_is_queued_already_does_not_leave_for_who_left_between_freeze_and_sending(
    ask: Ask, house: House, link: str, tmp_path: Path
):
    house.take("Une nouvelle", language="fr")
    house.subscribe("noe@example.org")
    edition = frozen(house)
    public_id = page_of(house, edition).rpartition("/")[2]
    assert ask("POST", f"{link}?edition={public_id}", data=ONE_CLICK).status_code == 200
    assert posted(house, edition, tmp_path) == 1
    assert [mail["To"] for mail in mails_in(tmp_path)] == ["noe@example.org"]
    with reading(house.engine) as connection:
        rows = connection.execute(select(deliveries.c.status, deliveries.c.reason)).all()
    assert sorted(rows, key=str) == [("sent", None), ("skipped", "unsubscribed")]
    assert events(house)[0]["edition"] == public_id


def test_what_is_queued_does_not_leave_for_who_was_erased_meanwhile(house: House, tmp_path: Path):
    house.take("Une nouvelle", language="fr")
    house.subscribe("amina@example.org")
    house.subscribe("noe@example.org")
    edition = frozen(house)
    with house.open() as (connection, _revision, _names):
        erase(connection, 1, by="page", now=database_now(connection))
    assert posted(house, edition, tmp_path) == 1
    assert [mail["To"] for mail in mails_in(tmp_path)] == ["noe@example.org"]
