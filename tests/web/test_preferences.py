import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from asking import Ask
from house import NOW, SITE, House, channel, digest, publication
from lxml import html as lxml_html
from sqlalchemy import func, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked, consents_of
from colporteur.audience.history import Standing, events_of
from colporteur.audience.links import erase_link, export_link, preferences_link
from colporteur.audience.moving import move
from colporteur.audience.new_address import move_to
from colporteur.audience.preferences import held_by, person, person_of
from colporteur.audience.signing_up import sign_up
from colporteur.audience.states import Event, Reason, State
from colporteur.audience.suppressing import suppress
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscriber_events
from colporteur.db.tables.delivery import letters
from colporteur.delivery.letters import write_letter
from colporteur.delivery.to_readers import IN_A_DAY
from colporteur.tokens import NEW_ADDRESS, make_passing, make_token

KEY = "k" * 32
WEEKLY = {"rule": "weekly", "at": ["08:00"], "weekdays": ["mon"]}
DAILY = {"rule": "daily", "at": ["07:00"], "name": {"fr": "Le matin"}}
RULES = digest(cadences={"matin": DAILY, "hebdo": WEEKLY, "direct": {"rule": "instant"}})


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """What these pages ask of a store is tested on both, in tests/audience; here a few are."""
    kind = "postgresql" if "postgresql" in request.keywords else "sqlite"
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
def home(published: House) -> House:
    """A house with a channel of three cadences, and a reader of it."""
    rules = [channel("actualites", "fr", digest=RULES), channel("nashra", "ar")]
    published.apply(publication(channels=rules))
    published.subscribe("lea@example.org", topics_in=("law",), minute=450)
    return published


@pytest.fixture
def page(home: House) -> str:
    return link(home)


def link(house: House, subscriber_id: int = 1, **ago: int) -> str:
    with reading(house.engine) as connection:
        then = database_now(connection) - timedelta(**ago)
    return urlsplit(preferences_link(KEY, SITE, subscriber_id, then)).path


def stands(house: House, number: int = 0) -> Standing:
    with reading(house.engine) as connection:
        return held_by(connection, 1)[number].standing


def sent_by(text: str, action: str) -> dict[str, list[str]]:
    """What a browser would send of a page's form."""
    form = next(
        one
        for one in lxml_html.document_fromstring(text).forms
        if one.get("action").endswith(action)
    )
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found


def fill(ask: Ask, page: str, **changes: object):
    """Load the page, change some fields, and save."""
    values = sent_by(ask("GET", page).text, page.rpartition("/")[2])
    values |= {name.replace("_", "-").lstrip("f"): value for name, value in changes.items()}
    return ask("POST", page, data={name: one for name, one in values.items() if one is not None})


def mail(house: House, message: str) -> list:
    with reading(house.engine) as connection:
        return connection.execute(
            select(letters).where(letters.c.message == message).order_by(letters.c.id)
        ).all()


def rows(house: House) -> int:
    with reading(house.engine) as connection:
        events = connection.scalar(select(func.count()).select_from(subscriber_events)) or 0
        return events + (connection.scalar(select(func.count()).select_from(letters)) or 0)


def test_the_page_shows_what_is_chosen_and_masks_the_address(ask: Ask, page: str):
    answer = ask("GET", page)
    values = sent_by(answer.text, page.rpartition("/")[2])
    assert answer.status_code == 200
    assert (values["1-cadence"], values["1-hour"], values["1-specials"]) == (
        ["matin"],
        ["07:30"],
        ["yes"],
    )
    assert len(values["1-only"]) == 1
    assert "l…@example.org" in answer.text
    assert "lea@" not in answer.text
    assert "Le matin : chaque jour, à 07:00" in answer.text
    for name, said in (
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ):
        assert answer.headers[name] == said


def test_saving_what_was_not_changed_changes_nothing(ask: Ask, home: House, page: str):
    before, count = stands(home), rows(home)
    assert fill(ask, page).status_code == 303
    assert (stands(home), rows(home)) == (before, count)


@pytest.mark.postgresql
def test_everything_that_can_be_chosen_is_kept_and_noted(ask: Ask, home: House, page: str):
    topics = [
        option.get("value")
        for option in lxml_html.document_fromstring(ask("GET", page).text).xpath(
            "//input[@name='1-only']"
        )
    ]
    done = fill(
        ask,
        page,
        f1_cadence="hebdo",
        f1_weekday="wed",
        f1_hour="19h",
        f1_layout="headlines",
        f1_specials=None,
        f1_only=None,
        f1_never=topics[:1],
        zone="casablanca",
        language="ar",
    )
    assert (done.status_code, done.headers["location"]) == (303, f"{page}?done=saved")
    choice = stands(home).choice
    assert (choice.cadence, choice.weekday, choice.minute) == ("hebdo", 2, 19 * 60)
    assert (choice.layout, choice.specials, choice.timezone) == (
        "headlines",
        False,
        "Africa/Casablanca",
    )
    assert (choice.topics_in, choice.topics_out) == ((), (int(topics[0]),))
    with reading(home.engine) as connection:
        assert [one.kind for one in events_of(connection, 1)][1:] == ["chose", "language"]
        assert events_of(connection, 1)[-1].detail["by"] == "page"
    answer = ask("GET", f"{page}?done=saved")
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert "تم الحفظ" in answer.text


def test_what_a_cadence_has_none_of_is_let_be(ask: Ask, home: House, page: str):
    fill(ask, page, f1_cadence="direct", f1_weekday="wed", f1_hour="19:30")
    choice = stands(home).choice
    assert (choice.cadence, choice.weekday, choice.minute) == ("direct", None, None)


WRONG = [
    ("1-hour", "25:00"),
    ("1-hour", "<b>noon</b>"),
    ("1-cadence", "never"),
    ("1-layout", "wide"),
    ("1-weekday", "someday"),
    ("zone", "Paris sur Seine"),
    ("zone", "../../etc/passwd"),
    ("pause", "demain"),
    ("pause", "2001-01-01"),
    ("language", "de"),
]


def test_what_is_not_understood_is_said_beside_it_and_nothing_typed_is_lost(
    ask: Ask, home: House, page: str
):
    before, name = stands(home), page.rpartition("/")[2]
    values = sent_by(ask("GET", page).text, name)
    values |= {"1-cadence": ["hebdo"], "1-hour": ["20:15"]}
    for field, typed in WRONG:
        answer = ask("POST", page, data={**values, field: [typed]})
        tree = lxml_html.document_fromstring(answer.text)
        (place,) = tree.xpath("//*[@aria-invalid='true']")
        assert (answer.status_code, place.get("name")) == (422, field)
        (said,) = tree.xpath(f"//*[@id='{place.get('aria-describedby')}']")
        assert said.text_content().strip()
        again = sent_by(answer.text, name)
        assert place.tag != "input" or again[field] == [typed]
        assert field == "1-hour" or again["1-hour"] == ["20:15"]
    assert stands(home) == before


def test_a_topic_is_not_both_wanted_and_unwanted(ask: Ask, home: House, page: str):
    (wanted,) = sent_by(ask("GET", page).text, page.rpartition("/")[2])["1-only"]
    answer = fill(ask, page, f1_never=[wanted])
    assert answer.status_code == 422
    assert "à la fois voulu et écarté" in answer.text
    assert sent_by(answer.text, page.rpartition("/")[2])["1-never"] == [wanted]


def test_a_pause_begins_ends_and_stays_while_other_things_change(ask: Ask, home: House, page: str):
    fill(ask, page, pause="2030-01-15", backlog="yes")
    paused = stands(home)
    assert (paused.state, paused.keeps_backlog) == ("paused", True)
    assert paused.paused_until.isoformat() == "2030-01-14T23:00:00+00:00"
    assert sent_by(ask("GET", page).text, page.rpartition("/")[2])["pause"] == ["2030-01-15"]
    fill(ask, page, f1_hour="21:00")
    assert replace(stands(home), choice=paused.choice) == paused
    assert stands(home).choice.minute == 21 * 60
    fill(ask, page, pause="")
    assert stands(home).state == "active"


@pytest.mark.postgresql
def test_another_channel_is_sent_at_once_with_a_record_of_consent(ask: Ask, home: House, page: str):
    text = ask("GET", page).text
    for _ in range(2):
        answer = ask("POST", f"{page}/join", data=sent_by(text, "/join"))
        assert answer.headers["location"].endswith("?done=joined")
    assert (stands(home, 1).state, stands(home, 1).choice.cadence) == ("active", "matin")
    with reading(home.engine) as connection:
        (kept,) = consents_of(connection, 1)
    assert (kept.method, kept.form_url, kept.ip) == ("form", f"{SITE}/preferences", "127.0.0.1")
    assert kept.confirmed_at is not None
    assert "vous nous demandez de vous écrire" in text


def test_a_channel_that_is_none_is_not_there(ask: Ask, page: str):
    for wanted in ("99", "x", "", "9" * 400):
        assert ask("POST", f"{page}/join", data={"channel": wanted}).status_code == 404


def test_leaving_here_is_at_once_says_goodbye_and_is_undone_as_it_was(
    ask: Ask, home: House, page: str
):
    before = stands(home)
    ask("POST", f"{page}/leave", data=sent_by(ask("GET", page).text, "/leave"))
    assert stands(home).state == "unsubscribed"
    (farewell,) = mail(home, "goodbye")
    assert farewell.content["channels"] == ["Actualites"]
    undo = urlsplit(farewell.content["undo_url"]).path
    assert ask("GET", undo).status_code == 200
    assert stands(home).state == "unsubscribed"
    assert ask("POST", undo).status_code == 200
    assert stands(home) == before


def test_the_page_says_that_something_was_left_only_if_it_was(ask: Ask, home: House, page: str):
    said = "nous n’en envoyons plus rien"
    assert said not in ask("GET", f"{page}?done=left").text
    for channel_id in ("99", "2", "x", ""):
        assert ask("POST", f"{page}/leave", data={"channel": channel_id}).status_code == 404
    assert stands(home).state == "active"
    for _ in range(2):
        done = ask("POST", f"{page}/leave", data={"channel": "1"})
        assert said in ask("GET", done.headers["location"]).text


def test_who_leaves_comes_back_and_leaves_again_leaves_no_heap_of_records(
    ask: Ask, home: House, page: str
):
    wanted = sent_by(ask("GET", page).text, "/join")
    for _ in range(3):
        assert ask("POST", f"{page}/join", data=wanted).headers["location"].endswith("=joined")
        ask("POST", f"{page}/leave", data=wanted)
    with reading(home.engine) as connection:
        assert len(consents_of(connection, 1)) == 1


@pytest.mark.postgresql
def test_who_leaves_everything_comes_back_to_everything(ask: Ask, home: House, page: str):
    home.subscribe("lea@example.org", channel="nashra")
    ask("POST", f"{page}/leave", data={"channel": "all"})
    assert [stands(home, one).state for one in (0, 1)] == ["unsubscribed"] * 2
    (farewell,) = mail(home, "goodbye")
    assert farewell.content["channels"] == []
    assert "Vous ne recevez rien de nous" in ask("GET", page).text
    ask("POST", urlsplit(farewell.content["undo_url"]).path)
    assert [stands(home, one).state for one in (0, 1)] == ["active"] * 2


def test_subscribing_here_to_what_was_left_a_moment_ago_brings_it_back(
    ask: Ask, home: House, page: str
):
    before = stands(home)
    ask("POST", f"{page}/leave", data={"channel": "1"})
    ask("POST", f"{page}/join", data={"channel": "1"})
    assert stands(home) == before


def test_an_old_link_offers_a_new_one_and_does_nothing_else(ask: Ask, home: House):
    old = link(home, days=31)
    answer = ask("GET", old)
    assert answer.status_code == 410
    assert "a expiré" in answer.text
    for path in ("", "/leave", "/erase", "/export", "/address", "/feed", "/join"):
        posted = {"channel": "all", "sure": "yes", "address": "x@example.org"}
        assert ask("POST", f"{old}{path}", data=posted).status_code == 410
    assert stands(home).state == "active"
    ask("POST", f"{old}/renew")
    (letter,) = mail(home, "preferences")
    assert letter.subscriber_id == 1
    assert ask("GET", urlsplit(letter.content["preferences_url"]).path).status_code == 200


def test_asking_for_a_link_looks_the_same_for_everybody(ask: Ask, home: House):
    known = ask("POST", "/preferences", data={"address": " LEA@example.org "})
    unknown = ask("POST", "/preferences", data={"address": "nobody@example.org"})
    assert known.status_code == 200
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    (letter,) = mail(home, "preferences")
    assert letter.subscriber_id == 1


def test_asking_again_and_again_fills_no_mailbox(ask: Ask, home: House):
    answers = {
        ask("POST", "/preferences", data={"address": "lea@example.org"}).text for _ in range(4)
    }
    assert len(answers) == 1
    assert len(mail(home, "preferences")) == 1
    many = [ask("POST", "/preferences", data={"address": "x@example.org"}) for _ in range(7)]
    assert many[-1].status_code == 429
    assert "x@example.org" in many[-1].text


def test_what_is_no_address_comes_back_to_be_corrected(ask: Ask, home: House):
    for typed in ("", "lea", "lea@", "a\r\nBcc: x@example.org", "x" * 400):
        answer = ask("POST", "/preferences", data={"address": typed})
        assert answer.status_code == 422
    assert mail(home, "preferences") == []


def test_the_form_speaks_the_language_that_the_browser_asks_for(ask: Ask, home: House):
    for wanted, tag in (("ar-EG,fr;q=0.5", "ar"), ("de,en", "fr"), ("", "fr")):
        answer = ask("GET", "/preferences", headers={"Accept-Language": wanted})
        assert f'<html lang="{tag}"' in answer.text


@pytest.mark.postgresql
def test_nothing_changes_until_the_new_address_presses_its_button(ask: Ask, home: House, page: str):
    answer = ask("POST", f"{page}/address", data={"address": "lea@neuf.example"})
    assert answer.headers["location"].endswith("?done=asked")
    (letter,) = mail(home, "new-address")
    assert letter.address == "lea@neuf.example"
    there = urlsplit(letter.content["confirm_url"]).path
    assert "neuf" not in there
    shown = ask("GET", there)
    assert "l…@neuf.example" in shown.text
    with reading(home.engine) as connection:
        assert person(connection, 1).address == "lea@example.org"
    assert ask("POST", there).status_code == 200
    with reading(home.engine) as connection:
        assert person(connection, 1).address == "lea@neuf.example"
    (told,) = mail(home, "address-changed")
    assert told.address == "lea@example.org"
    assert "neuf" not in json.dumps(told.content)
    assert ask("POST", there).status_code == 200
    assert len(mail(home, "address-changed")) == 1


def test_links_of_the_old_address_are_over_once_they_moved(ask: Ask, home: House):
    old = link(home, minutes=5)
    ask("POST", f"{old}/address", data={"address": "lea@neuf.example"})
    ask("POST", f"{old}/address", data={"address": "typo@elsewhere.example"})
    first, second = (urlsplit(one.content["confirm_url"]).path for one in mail(home, "new-address"))
    with writing(home.engine) as connection:
        assert database_now(connection)
    assert ask("POST", first).status_code == 200
    assert ask("GET", old).status_code == 410
    mark = mail(home, "new-address")[1].purpose.rpartition(":")[2]
    with reading(home.engine) as connection:
        made = database_now(connection) - timedelta(minutes=1)
    token = make_passing(KEY, NEW_ADDRESS, 1, made + timedelta(hours=72), mark)
    assert second.rpartition("/")[2] != token
    assert ask("POST", f"/preferences/new-address/{token}").status_code == 410
    with reading(home.engine) as connection:
        assert person(connection, 1).address == "lea@neuf.example"


def test_it_looks_the_same_whether_an_address_is_free_taken_or_never_written_to(
    ask: Ask, home: House, page: str
):
    home.subscribe("noe@example.org")
    with home.open() as (connection, _revision, _names):
        suppress(connection, parse_address("gone@example.org").hash, Reason.MANUAL, NOW)
    answers = {
        ask("POST", f"{page}/address", data={"address": f"{name}@example.org"}).headers["location"]
        for name in ("noe", "gone", "libre")
    }
    assert len(answers) == 1
    (letter,) = mail(home, "new-address")
    assert letter.address == "libre@example.org"
    (owner,) = mail(home, "preferences")
    assert owner.subscriber_id == 2


@pytest.mark.postgresql
def test_who_only_typed_an_address_into_a_form_keeps_nobody_from_moving_there(
    ask: Ask, home: House, page: str
):
    new = parse_address("lea@neuf.example")
    with home.open() as (connection, _revision, names):
        wanted, starts = names.channels["nashra"], {names.channels["nashra"]: 0}
        choice, asked = Choice(wanted, "matin"), Asked("form", "Oui")
        made = sign_up(
            connection, new, [choice], language="fr", asked=asked, start_numbers=starts, now=NOW
        )
        said = {"channels": ["Nashra"], "confirm_url": "x", "hours": 72}
        assert made.subscriber_id
        write_letter(connection, "confirm:x", "confirm", made.subscriber_id, "fr", said, NOW)
    ask("POST", f"{page}/address", data={"address": "lea@neuf.example"})
    (letter,) = mail(home, "new-address")
    assert ask("POST", urlsplit(letter.content["confirm_url"]).path).status_code == 200
    with reading(home.engine) as connection:
        owner = person_of(connection, new)
        assert owner is not None
        assert (owner.id, owner.state) == (1, State.ACTIVE)
        assert consents_of(connection, 1) == []
        assert len(held_by(connection, 1)) == 1
    assert mail(home, "confirm") == []


def test_readers_together_write_no_stranger_more_letters_than_signing_up_would(
    ask: Ask, home: House, page: str
):
    home.subscribe("noe@example.org")
    for one in (page, link(home, 2)):
        for _ in range(IN_A_DAY - 1):
            ask("POST", f"{one}/address", data={"address": "stranger@elsewhere.example"})
    assert len(mail(home, "new-address")) == 3


def test_an_address_that_was_taken_meanwhile_is_not_moved_to(ask: Ask, home: House, page: str):
    ask("POST", f"{page}/address", data={"address": "lea@neuf.example"})
    there = urlsplit(mail(home, "new-address")[0].content["confirm_url"]).path
    home.subscribe("lea@neuf.example")
    for method in ("GET", "POST"):
        assert ask(method, there).status_code == 409
    with reading(home.engine) as connection:
        assert person(connection, 1).address == "lea@example.org"


def test_an_address_that_cannot_be_comes_back_with_what_was_typed(ask: Ask, home: House, page: str):
    for typed in ("", "nobody", "lea@example.org", "a b@example.org"):
        answer = ask("POST", f"{page}/address", data={"address": typed})
        assert answer.status_code == 422
        assert sent_by(answer.text, "/address")["address"] == [typed]
    assert mail(home, "new-address") == []


def test_too_many_new_addresses_in_a_day_are_not_written_to(ask: Ask, home: House, page: str):
    for number in range(IN_A_DAY + 2):
        ask("POST", f"{page}/address", data={"address": f"a{number}@example.org"})
    assert len(mail(home, "new-address")) == IN_A_DAY


def test_a_feed_is_made_renewed_and_ended_by_buttons(ask: Ask, home: House, page: str):
    def feeds() -> list[str]:
        return re.findall(r"/feeds/private/[^<]+\.rss", ask("GET", page).text)

    assert feeds() == []
    ask("POST", f"{page}/feed", data={"do": "renew"})
    (first,) = feeds()
    assert ask("GET", first).status_code == 200
    ask("POST", f"{page}/feed", data={"do": "renew"})
    (second,) = feeds()
    assert [ask("GET", one).status_code for one in (first, second)] == [404, 200]
    ask("POST", f"{page}/feed", data={"do": "end"})
    assert feeds() == []
    assert ask("GET", second).status_code == 404


def mailed(ask: Ask, house: House, page: str, what: str) -> str:
    """The link that a button of the page mails."""
    answer = ask("POST", f"{page}/{what}", data={"sure": "yes"})
    assert answer.headers["location"].endswith("?done=mailed")
    letter = mail(house, what)[-1]
    assert (letter.subscriber_id, letter.address) == (1, None)
    return urlsplit(letter.content[f"{what}_url"]).path


def test_all_that_is_held_is_given_by_a_link_that_is_mailed_for_it_only(
    ask: Ask, home: House, page: str
):
    there = mailed(ask, home, page, "export")
    shown = ask("GET", there)
    assert "lea@" not in shown.text
    assert ask("POST", there.replace("/export/", "/erase/")).status_code == 404
    assert ask("GET", there.replace("/export/", "/")).status_code == 404
    (form,) = lxml_html.document_fromstring(shown.text).forms
    answer = ask("POST", form.get("action"))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["reader"]["address"] == "lea@example.org"
    assert "/preferences/" not in answer.text


@pytest.mark.postgresql
def test_being_forgotten_takes_a_link_that_is_mailed_for_it_and_its_button(
    ask: Ask, home: House, page: str
):
    there = mailed(ask, home, page, "erase")
    assert ask("POST", there.replace("/erase/", "/export/")).status_code == 404
    first = ask("GET", there)
    assert "Vous oublier" in first.text
    assert stands(home).state == "active"
    (form,) = lxml_html.document_fromstring(first.text).forms
    assert "Vos données sont effacées" in ask("POST", form.get("action")).text
    with reading(home.engine) as connection:
        assert person_of(connection, parse_address("lea@example.org")) is None
    assert ask("GET", page).status_code == 404
    assert ask("POST", there).status_code == 404


@pytest.mark.parametrize(("what", "link_for"), [("export", export_link), ("erase", erase_link)])
def test_such_a_link_works_for_some_hours_and_not_once_they_moved(
    ask: Ask, home: House, page: str, what: str, link_for
):
    with reading(home.engine) as connection:
        now = database_now(connection)
    late = urlsplit(link_for(KEY, SITE, 1, now - timedelta(hours=5))).path
    moved = urlsplit(link_for(KEY, SITE, 1, now - timedelta(hours=1))).path
    assert ask("POST", late).status_code == 410
    assert ask("GET", moved).status_code == 200
    with writing(home.engine) as connection:
        new = parse_address("lea@neuf.example")
        move_to(connection, person(connection, 1), new, by="page", now=now)
    for method in ("GET", "POST"):
        assert ask(method, moved).status_code == 410
    assert stands(home).state == "active"


def test_pressing_for_the_file_again_and_again_fills_no_mailbox(ask: Ask, home: House, page: str):
    for _ in range(3):
        mailed(ask, home, page, "export")
    assert len(mail(home, "export")) == 1


def test_who_gets_no_mail_any_more_is_told_and_may_move(ask: Ask, home: House, page: str):
    with home.open() as (connection, _revision, _names):
        move(connection, 1, Event.BOUNCED, by="test", now=NOW)
        suppress(connection, parse_address("lea@example.org").hash, Reason.BOUNCED, NOW)
    text = ask("GET", page).text
    assert "n’a pas accepté notre courrier" in text
    refused = ask("POST", f"{page}/join", data=sent_by(text, "/join"))
    assert refused.status_code == 422
    ask("POST", f"{page}/address", data={"address": "lea@neuf.example"})
    ask("POST", urlsplit(mail(home, "new-address")[0].content["confirm_url"]).path)
    with reading(home.engine) as connection:
        assert person(connection, 1).state is State.ACTIVE


def test_a_link_that_is_cut_or_forged_opens_nothing(ask: Ask, home: House, page: str):
    whole = page.rpartition("/")[2]
    for token in (whole[:-1], whole[:20], whole[1:], make_token(KEY, "unsubscribe", 1)):
        assert ask("GET", f"/preferences/{token}").status_code == 404
        for path in ("", "/leave", "/erase", "/renew"):
            posted = {"channel": "all", "sure": "yes"}
            assert ask("POST", f"/preferences/{token}{path}", data=posted).status_code == 404
    assert stands(home).state == "active"


def test_looking_changes_nothing_however_often(ask: Ask, home: House, page: str):
    count = rows(home)
    for path in ("", "?done=saved", "/leave", "/erase", "/feed", "/join", "/address"):
        ask("GET", f"{page}{path}")
        ask("HEAD", f"{page}{path}")
    assert rows(home) == count


def test_a_body_beyond_measure_is_refused(ask: Ask, page: str):
    assert ask("POST", page, content=b"a=" + b"x" * 100_000).status_code == 413
    assert ask("POST", page, content=b"a=1&" * 3000).status_code == 413
    assert ask("POST", page, content=b"\xff\x00=%00&1-hour=%00").status_code in {303, 422}
