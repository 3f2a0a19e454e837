import re
import time
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import SITE, House, channel, publication
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing import KEY, confirm_path, marked, sign, states, written
from sqlalchemy import select

from colporteur.audience.addresses import parse_address
from colporteur.audience.new_address import move_to
from colporteur.audience.preferences import person
from colporteur.audience.subscribing import unsubscribe
from colporteur.audience.suppressing import Reason, suppress
from colporteur.clock import utcnow
from colporteur.db import reading, writing
from colporteur.db.tables.audience import consents, wordings
from colporteur.tokens import CONFIRM, PREFERENCES, make_passing, make_token

SAME = (200, "Il reste une étape")
LOCKED = "script-src"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One is enough for pages; what they write is tried on both in tests/delivery."""
    return sqlite_url


def said(answer) -> tuple[int, str]:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found is not None
    return answer.status_code, found[1]


def problem(answer) -> str:
    found = re.search(r'class="problem"[^>]*>\s*(?:<p>)?(.*?)<', answer.text, re.DOTALL)
    return found[1].strip() if found else ""


def cookie_of(answer) -> dict[str, str]:
    jar = SimpleCookie(answer.headers["set-cookie"])
    return {name: one.value for name, one in jar.items()}


def test_a_reader_signs_up_and_presses_the_one_button(ask: Ask, house: House):
    answer = sign(ask, headers={"Referer": f"{SITE}/actualites?x=1"})
    assert said(answer) == SAME
    assert states(house) == ["pending", "pending"]
    ((message, letter),) = written(house)
    assert (message, letter["channels"], letter["hours"]) == ("confirm", ["Actualites"], 72)
    shown = ask("GET", confirm_path(house))
    assert (shown.status_code, "Il reste un bouton" in shown.text) == (200, True)
    assert "l…@example.org" in shown.text
    assert "lea@" not in shown.text
    assert states(house) == ["pending", "pending"]
    done = ask("POST", confirm_path(house))
    assert said(done) == (200, "Votre abonnement est confirmé")
    assert re.search(r"Le premier .*\d{2}:\d{2}", done.text) or "07:00" in done.text
    assert "/preferences/" in done.text
    assert states(house) == ["active", "active"]
    assert [one for one, _ in written(house)] == ["confirm", "welcome"]
    with reading(house.engine) as connection:
        kept = connection.execute(select(consents)).one()
        words = connection.scalar(select(wordings.c.text))
    assert (kept.method, kept.form_url, kept.ip) == ("form", f"{SITE}/actualites", "127.0.0.1")
    assert words
    assert words.startswith("Vous acceptez de recevoir par courriel")
    assert kept.confirmed_at >= kept.asked_at >= kept.at


def test_pressing_twice_is_pressing_once_even_after_leaving(ask: Ask, house: House):
    sign(ask)
    path = confirm_path(house)
    assert [ask("POST", path).status_code for _ in range(2)] == [200, 200]
    assert [one for one, _ in written(house)] == ["confirm", "welcome"]
    with writing(house.engine) as connection:
        unsubscribe(connection, 1, by="link", now=house.now)
    for method in ("GET", "POST"):
        assert said(ask(method, path)) == (200, "Cet abonnement a pris fin depuis")
    assert states(house) == ["active", "unsubscribed"]


def test_a_second_letters_button_begins_nothing_for_who_left_after_asking(ask: Ask, house: House):
    sign(ask)
    sign(ask, last="yes")
    assert said(ask("POST", confirm_path(house))) == (200, "Votre abonnement est confirmé")
    with writing(house.engine) as connection:
        unsubscribe(connection, 1, by="link", now=utcnow())
    for method in ("GET", "POST"):
        assert said(ask(method, confirm_path(house, 0)))[1] == "Cet abonnement a pris fin depuis"
    assert states(house) == ["active", "unsubscribed"]
    with reading(house.engine) as connection:
        pressed = connection.scalars(select(consents.c.confirmed_at).order_by(consents.c.id)).all()
    assert pressed[0] is None


def test_a_link_that_went_to_an_address_of_before_confirms_nothing(ask: Ask, house: House):
    sign(ask)
    ask("POST", confirm_path(house))
    sign(ask, channel="nashra")
    with writing(house.engine) as connection:
        reader = person(connection, 1)
        later = utcnow() + timedelta(seconds=2)
        move_to(connection, reader, parse_address("new@example.org"), by="page", now=later)
    for method in ("GET", "POST"):
        answer = ask(method, confirm_path(house))
        assert (answer.status_code, "/preferences/" in answer.text) == (410, False)
    assert states(house) == ["active", "active", "pending"]


def test_the_answer_is_the_same_for_every_address(ask: Ask, house: House):
    house.subscribe("known@example.org")
    with writing(house.engine) as connection:
        silent = parse_address("silent@example.org")
        suppress(connection, silent.hash, Reason.MANUAL, house.now)
    addresses = ("known@example.org", "silent@example.org", "never@example.org")
    answers = [sign(ask, one) for one in addresses]
    pages = {
        one.text.replace(address, "…") for one, address in zip(answers, addresses, strict=True)
    }
    assert len(pages) == 1
    assert {said(one) for one in answers} == {SAME}
    assert len({len(one.headers["set-cookie"]) for one in answers}) == 1
    assert [one for one, _ in written(house)] == ["known", "confirm"]


def test_nobody_can_tell_by_the_clock(ask: Ask, house: House):
    house.apply(publication(subscribing={"at_most": {"ip": "999/hour", "subnet": "999/hour"}}))
    house.subscribe("known@example.org")
    took = []
    for number in range(3):
        for address in ("known@example.org", f"never{number}@example.org"):
            began = time.monotonic()
            sign(ask, address)
            took.append(time.monotonic() - began)
    assert min(took) >= 0.1
    assert abs(min(took[::2]) - min(took[1::2])) < 0.05


def test_a_known_reader_gets_the_link_to_their_choices_once_a_day(ask: Ask, house: House):
    house.subscribe("lea@example.org")
    for _ in range(2):
        sign(ask)
    ((message, letter),) = written(house)
    assert message == "known"
    assert letter["preferences_url"].startswith(f"{SITE}/preferences/")
    assert states(house) == ["active", "active"]


def test_one_address_gets_no_more_letters_than_its_limit(ask: Ask, house: House):
    assert {
        said(sign(ask, "LEA@example.org" if odd % 2 else "lea@example.org")) for odd in range(5)
    } == {SAME}
    assert [one for one, _ in written(house)] == ["confirm"] * 3


def test_neighbours_of_an_address_that_floods_wait_too(house: House, tmp_path: Path):
    house.apply(publication(subscribing={"at_most": {"ip": "2/hour", "subnet": "3/hour"}}))
    app = make_app(house, tmp_path)
    here, neighbour, far = (
        asker(app, one) for one in ("198.51.100.7", "198.51.100.9", "203.0.113.7")
    )
    assert [sign(here, f"a{n}@example.org").status_code for n in range(3)] == [200, 200, 429]
    refused = sign(here, "b@example.org")
    assert int(refused.headers["retry-after"]) > 60
    assert 'value="b@example.org"' in refused.text
    assert [sign(neighbour, f"c{n}@example.org").status_code for n in range(2)] == [200, 429]
    assert sign(far, "d@example.org").status_code == 200


def test_the_breaker_holds_letters_back_and_tells_staff_once(house: House, tmp_path: Path):
    limits = {"all": "2/hour", "ip": "99/hour", "subnet": "99/hour"}
    house.apply(publication(subscribing={"at_most": limits}, alerts_to=["it@relais.example"]))
    ask = asker(make_app(house, tmp_path))
    assert {said(sign(ask, f"a{n}@example{n}.org")) for n in range(4)} == {SAME}
    assert [one for one, _ in written(house)] == ["confirm", "confirm", "alert"]
    assert written(house)[-1][1]["about"] == "signups"
    with reading(house.engine) as connection:
        asked = connection.scalars(select(consents.c.asked_at)).all()
    assert sum(one is None for one in asked) == 2


def test_letters_to_one_domain_wait_and_others_do_not(house: House, tmp_path: Path):
    house.apply(publication(subscribing={"at_most": {"domain": "1/hour"}}))
    ask = asker(make_app(house, tmp_path))
    for address in ("a@example.org", "b@example.org", "c@example.net"):
        assert said(sign(ask, address)) == SAME
    assert [one for one, _ in written(house)] == ["confirm", "confirm"]


def test_a_program_that_fills_every_field_is_thanked_and_forgotten(ask: Ask, house: House):
    assert said(sign(ask, leave_empty="https://spam.example/")) == SAME
    assert (states(house), written(house)) == ([], [])


@pytest.mark.parametrize("path", ["/", "/actualites", "/subscribe"])
def test_the_honeypot_is_hidden_from_people_and_from_what_reads_to_them(ask: Ask, path: str):
    text = ask("GET", path).text
    trap = re.search(r'<div hidden aria-hidden="true">.*?</div>', text, re.DOTALL)
    assert trap is not None
    assert 'tabindex="-1" autocomplete="off"' in trap[0]
    assert text.count("leave_empty") == 1


def test_a_form_that_comes_back_at_once_is_asked_for_again_with_what_was_typed(
    ask: Ask, house: House
):
    young = marked(0)
    answer = sign(ask, mark=young, last="1")
    assert answer.status_code == 422
    assert "très rapide" in problem(answer)
    assert 'value="lea@example.org"' in answer.text
    assert f'value="{young}"' in answer.text
    assert 'name="last" value="1" checked' in answer.text
    assert written(house) == []


def test_a_form_that_was_open_for_days_is_sent_and_one_open_for_weeks_shown_again(
    ask: Ask, house: House
):
    assert said(sign(ask, mark=marked(6 * 86_400))) == SAME
    old = sign(ask, "mia@example.org", mark=marked(8 * 86_400))
    assert (old.status_code, 'value="mia@example.org"' in old.text) == (422, True)
    assert "longtemps" in problem(old)
    assert len(written(house)) == 1


def test_a_form_that_is_not_ours_is_shown_again(ask: Ask, house: House):
    for text in ("", "x", marked()[:-3], make_token("other", "signup-form", (0, "page"))):
        answer = sign(ask, mark=text)
        assert (answer.status_code, 'value="lea@example.org"' in answer.text) == (422, True)
    assert written(house) == []


def test_a_form_of_another_site_needs_no_age(ask: Ask, house: House):
    page = ask("GET", "/subscribe/elsewhere?channel=actualites").text
    found = re.search(r"name=&#34;mark&#34; value=&#34;(.*?)&#34;", page)
    assert found is not None
    assert f"action=&#34;{SITE}/subscribe&#34;" in page
    referer = {"Referer": "https://elsewhere.example/"}
    assert said(sign(ask, mark=found[1], headers=referer)) == SAME
    with reading(house.engine) as connection:
        kept = connection.execute(select(consents)).one()
    assert (kept.method, kept.form_url) == ("embed", "https://elsewhere.example/")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lea",
        "lea@",
        "@example.org",
        "lea@example",
        "lea@exam ple.org",
        "lea@example.org\r\nBcc: all@example.org",
        "lea@example.org, mia@example.org",
        "le\x00a@exa\x00",
        f"{'a' * 300}@example.org",
        f"lea@{'a.' * 150}org",
        '"lea lea"@example.org',
        "<script>@example.org",
        "Lea <lea@example.org>",
        "lea@[127.0.0.1]",
    ],
)
def test_what_is_no_address_is_shown_again_and_nothing_kept(ask: Ask, house: House, address: str):
    answer = sign(ask, address)
    assert answer.status_code == 422
    assert "adresse électronique" in problem(answer)
    assert "<script>@" not in answer.text
    assert (states(house), written(house)) == ([], [])


@pytest.mark.parametrize(
    "address",
    ["lea+news@example.org", "lea@münchen.example", "léa@example.org", " lea@EXAMPLE.org "],
)
def test_unusual_addresses_are_welcome(ask: Ask, house: House, address: str):
    assert said(sign(ask, address)) == SAME
    assert [one for one, _ in written(house)] == ["confirm"]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["address", "channel", "language", "meant", "sure", "mark"]),
        st.text(max_size=40),
    )
)
def test_whatever_is_typed_is_answered(ask: Ask, fields: dict[str, str]):
    assert sign(ask, leave_empty="x", **fields).status_code in {200, 422, 429}


def test_a_slip_is_asked_about_and_either_answer_goes_on(ask: Ask, house: House):
    asked = sign(ask, "lea@gmial.com")
    assert (asked.status_code, "lea@gmail.com" in asked.text) == (422, True)
    assert written(house) == []
    assert said(sign(ask, "lea@gmial.com", meant="lea@gmail.com")) == SAME
    assert said(sign(ask, "lea@gmial.com", sure="lea@gmial.com")) == SAME
    assert len(written(house)) == 2


def test_addresses_that_last_some_minutes_are_refused_unless_the_publication_takes_them(
    ask: Ask, house: House
):
    refused = sign(ask, "lea@yopmail.com")
    assert (refused.status_code, "quelques minutes" in refused.text) == (422, True)
    house.apply(publication(subscribing={"disposable": "accept"}))
    assert said(sign(ask, "lea@yopmail.com")) == SAME


def test_who_ticks_nothing_among_several_is_asked_to(ask: Ask, house: House):
    answer = sign(ask, channel=[])
    assert (answer.status_code, "au moins un" in answer.text) == (422, True)
    unknown = sign(ask, channel="nothing")
    assert unknown.status_code == 422
    assert said(sign(ask, channel=["actualites", "nashra"])) == SAME
    assert states(house) == ["pending", "pending", "pending"]


def test_a_channel_without_digests_has_no_form(house: House, tmp_path: Path):
    silent = channel("actualites", "fr", digest=None)
    house.apply(publication(channels=[silent, channel("nashra", "ar")]))
    ask = asker(make_app(house, tmp_path))
    assert 'class="signup"' not in ask("GET", "/actualites").text
    assert 'class="signup"' in ask("GET", "/nashra").text
    assert "<fieldset" not in ask("GET", "/subscribe").text
    assert sign(ask).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"json": {"address": "lea@example.org"}}, 422),
        ({"content": b"a=" + b"x" * 70_000}, 413),
        ({"content": b"&".join(b"a=1" for _ in range(3000))}, 413),
        ({"content": b"address=%FF%FE\x80&mark=x"}, 422),
        ({"content": b""}, 422),
    ],
)
def test_what_is_no_form_of_ours_is_refused(ask: Ask, body: dict, status: int):
    assert ask("POST", "/subscribe", **body).status_code == status


def test_the_browser_that_signed_up_gets_the_script_and_no_other(ask: Ask, house: House):
    own = cookie_of(sign(ask))
    stranger = cookie_of(sign(ask, "mia@example.org"))
    path = confirm_path(house, 0)
    for jar, expected in ((own, True), (stranger, False), ({}, False), ({"signed_up": "x"}, False)):
        held = "; ".join(f"{name}={value}" for name, value in jar.items())
        shown = ask("GET", path, headers={"Cookie": held})
        assert ("confirm.js" in shown.text) is expected
        assert (LOCKED in shown.headers["content-security-policy"]) is expected
    assert states(house).count("active") == 0


def test_the_cookie_is_for_this_page_alone_and_for_no_script(house: House, tmp_path: Path):
    plain = sign(asker(make_app(house, tmp_path, base_url="http://localhost:8000")))
    secure = sign(asker(make_app(house, tmp_path)))
    for answer in (plain, secure):
        held = answer.headers["set-cookie"].lower()
        assert "httponly" in held
        assert "samesite=lax" in held
        assert "path=/confirm" in held
        assert "example" not in held
    assert "secure" in secure.headers["set-cookie"].lower()
    assert "secure" not in plain.headers["set-cookie"].lower()


def test_links_that_are_forged_cut_or_of_another_purpose_do_nothing(ask: Ask, house: House):
    sign(ask)
    token = confirm_path(house).rpartition("/")[2]
    soon = utcnow() + timedelta(hours=1)
    wrong = [
        token[:-2],
        token[2:],
        "x",
        make_passing(KEY, PREFERENCES, 1, soon),
        make_passing("another key", CONFIRM, 1, soon),
        make_token(KEY, CONFIRM, 1),
    ]
    for one in wrong:
        for method in ("GET", "POST"):
            assert ask(method, f"/confirm/{one}").status_code == 404
    assert states(house) == ["pending", "pending"]


def test_a_link_that_is_too_old_says_so_and_leads_to_the_form(ask: Ask, house: House):
    sign(ask)
    late = make_passing(KEY, CONFIRM, 1, utcnow() - timedelta(seconds=1))
    never = make_passing(KEY, CONFIRM, 4711, utcnow() + timedelta(hours=1))
    for token in (late, never):
        for method in ("GET", "POST"):
            answer = ask(method, f"/confirm/{token}")
            assert (answer.status_code, 'href="/subscribe"' in answer.text) == (410, True)
    assert states(house) == ["pending", "pending"]


def test_pages_about_one_reader_are_kept_by_nobody(ask: Ask, house: House):
    sent = sign(ask)
    shown = ask("GET", confirm_path(house))
    for answer in (sent, shown):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
    assert shown.headers["referrer-policy"] == "no-referrer"


def test_the_letters_language_is_that_of_the_form(ask: Ask, house: House):
    sign(ask, language="ar", channel="nashra")
    shown = ask("GET", confirm_path(house))
    assert 'lang="ar" dir="rtl"' in shown.text
    sign(ask, "mia@example.org", language="xx")
    assert 'lang="fr"' in ask("GET", confirm_path(house)).text
