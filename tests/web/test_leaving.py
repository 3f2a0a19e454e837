import pytest
from asking import Ask
from house import House
from sqlalchemy import select

from colporteur.db import reading
from colporteur.db.tables.audience import subscriber_events, subscriptions
from colporteur.tokens import UNSUBSCRIBE, make_token

KEY = "k" * 32


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
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
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
