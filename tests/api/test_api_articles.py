"""Articles that come in over the API, one by one and many at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from asking import Ask
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colporteur.articles import refusals
from colporteur.articles.store import listing
from colporteur.db import reading

ARTICLE = {
    "id": "cms-1",
    "title": "Tri aux urgences",
    "body": "Le **texte** entier, assez long pour un extrait.",
    "topics": ["health"],
    "url": "https://relais.example/tri",
}


def count(house: House) -> int:
    with reading(house.engine) as connection:
        return len(listing(connection))


def refused(house: House) -> list[tuple[str, str, str]]:
    with reading(house.engine) as connection:
        return [(one.origin, one.entry, one.reason) for one in refusals.listing(connection)]


def test_a_new_article_is_201_with_its_address_and_all_that_is_known_of_it(call: Ask):
    found = call("POST", "/articles", json=ARTICLE)
    assert found.status_code == 201, found.text
    assert found.headers["location"] == "/api/v1/articles/cms-1"
    assert found.headers["cache-control"] == "no-store"
    view = found.json()
    assert view.pop("feed_id").startswith("tag:relais.example,")
    assert view.pop("published")
    assert view == {
        "id": "cms-1",
        "slug": "tri-aux-urgences",
        "url": "https://relais.example/tri",
        "state": "published",
        "version": 1,
        "number": 1,
        "language": "fr",
        "channels": ["actualites"],
        "topics": ["health"],
        "title": "Tri aux urgences",
        "teaser": "Le texte entier, assez long pour un extrait.",
        "outcome": "added",
    }


def test_the_same_article_twice_is_one(call: Ask, house: House):
    first = call("POST", "/articles", json=ARTICLE).json()
    again = call("POST", "/articles", json=ARTICLE)
    assert again.status_code == 200
    assert again.json() == first | {"outcome": "unchanged"}
    assert "location" not in again.headers
    put = call("PUT", "/articles/cms-1", json=ARTICLE)
    assert (put.status_code, put.json()["outcome"]) == (200, "unchanged")
    assert count(house) == 1


def test_a_change_is_a_version_and_a_typo_is_none(call: Ask):
    call("POST", "/articles", json=ARTICLE)
    changed = call("POST", "/articles", json=ARTICLE | {"title": "Tri aux urgences, la suite"})
    assert (changed.json()["outcome"], changed.json()["version"]) == ("updated", 2)
    typo = {"title": "Tri aux urgences : la suite", "significant": False}
    corrected = call("PATCH", "/articles/cms-1", json=typo)
    assert (corrected.json()["outcome"], corrected.json()["version"]) == ("updated", 2)
    assert corrected.json()["title"] == "Tri aux urgences : la suite"


def test_what_a_part_does_not_say_stays(call: Ask):
    call("POST", "/articles", json=ARTICLE | {"teaser": "L’extrait.", "authors": ["Leïla"]})
    view = call("PATCH", "/articles/cms-1", json={"topics": ["law"], "teaser": None}).json()
    assert view["topics"] == ["law"]
    kept = {"title": "Tri aux urgences", "teaser": "L’extrait.", "language": "fr"}
    assert {name: view[name] for name in kept} == kept
    assert call("GET", "/articles/cms-1").json() | {"outcome": "updated"} == view


def test_put_adds_what_is_unknown_and_patch_does_not(call: Ask, house: House):
    assert call("PATCH", "/articles/cms-1", json={"title": "Non"}).status_code == 404
    assert count(house) == 0
    found = call("PUT", "/articles/cms-1", json={"title": "Oui", "teaser": "L’extrait."})
    assert (found.status_code, found.json()["id"]) == (201, "cms-1")


def test_deleting_withdraws_and_again_is_no_mistake(call: Ask):
    call("POST", "/articles", json=ARTICLE)
    for _ in range(2):
        found = call("DELETE", "/articles/cms-1")
        assert (found.status_code, found.content) == (204, b"")
    assert call("GET", "/articles/cms-1").json()["state"] == "withdrawn"
    assert call("DELETE", "/articles/cms-2").status_code == 404
    again = call("POST", "/articles", json=ARTICLE)
    assert again.json()["state"] == "withdrawn"  # an editor's decision outlives a program's retry


def test_an_article_without_an_id_is_found_by_the_id_that_feeds_give(call: Ask):
    found = call("POST", "/articles", json={"title": "Un", "teaser": "L’extrait."})
    where = found.headers["location"].removeprefix("/api/v1")
    assert call("GET", where).json()["title"] == "Un"
    changed = call("PUT", where, json={"title": "Deux"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Deux")
    assert call("DELETE", where).status_code == 204


def test_the_id_in_the_address_and_in_the_body_must_be_the_same(call: Ask):
    found = call("PUT", "/articles/cms-2", json=ARTICLE)
    assert found.status_code == 422
    assert "not that of its address" in found.json()["detail"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=60
    ).filter(lambda key: key.strip() and key not in {".", "..", "bulk"})
)
def test_whatever_an_id_is_made_of_it_finds_its_article(call: Ask, key: str):
    where = f"/articles/{quote(key, safe='')}"
    record = {
        "title": "Un",
        "teaser": "L’extrait.",
        "url": f"https://x.example/{key.encode().hex()}",
    }
    first = call("PUT", where, json=record)
    again = call("POST", "/articles", json=record | {"id": key})
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["id"] == key
    assert first.json()["feed_id"] == again.json()["feed_id"]
    assert call("GET", where).json()["id"] == key


@pytest.mark.parametrize("key", ["a\0b", "a\ud800", "x" * 501])
def test_an_id_that_cannot_be_is_refused_and_finds_nothing(call: Ask, key: str):
    body = json.dumps(ARTICLE | {"id": key})  # in ASCII, as "\\ud800" can be written
    assert call("POST", "/articles", content=body).status_code == 422
    where = f"/articles/{quote(key.encode(errors='replace'), safe='')}"
    assert call("GET", where).status_code == 404


@pytest.mark.parametrize("key", ["", "%20", "%C2%A0%20"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_blank_id_is_none(call: Ask, house: House, method: str, key: str):
    found = call(method, f"/articles/{key}", json={"title": "Un", "teaser": "Un."})
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"
    assert count(house) == 0


@pytest.mark.parametrize("key", ["a%FF", "%ED%A0%80", "a%80b"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_address_that_is_not_utf_8_names_nothing(call: Ask, house: House, method: str, key: str):
    found = call(method, f"/articles/{key}", json={"title": "Un", "teaser": "Un."})
    assert found.status_code == 400
    assert found.headers["content-type"] == "application/problem+json"
    assert count(house) == 0


def test_a_list_is_the_newest_first_page_by_page(call: Ask):
    for number in range(5):
        call("PUT", f"/articles/{number}", json={"title": f"Article {number}", "teaser": "Un."})
    seen, path = [], "/articles?limit=2"
    while path:
        page = call("GET", path).json()
        seen += [one["id"] for one in page["articles"]]
        path = (page["next"] or "").removeprefix("/api/v1")
    assert seen == ["4", "3", "2", "1", "0"]
    assert call("GET", "/articles").json()["next"] is None


def test_of_many_a_bad_one_stops_none(call: Ask, house: House):
    call("POST", "/articles", json=ARTICLE)
    found = call(
        "POST",
        "/articles/bulk",
        json=[
            ARTICLE,
            ARTICLE | {"title": "Tri, la suite"},
            {"id": "cms-2", "title": "Deux", "teaser": "Un extrait."},
            {"id": "cms-3", "title": "Trois", "teaser": "Un.", "topics": ["sport"]},
            {"id": "cms-4", "titel": "Quatre"},
            "cms-5",
            {"id": "cms-6"},
            {"id": "cms-7", "title": "Sept"},
        ],
    )
    assert found.status_code == 200, found.text
    results = found.json()["results"]
    assert [one["outcome"] for one in results] == [
        "unchanged",
        "updated",
        "added",
        *["refused"] * 5,
    ]
    assert results[2]["url"] == "https://relais.example/articles/deux"
    assert all(one["reason"] and one["cure"] for one in results[3:])
    assert "'sport'" in results[3]["reason"]
    assert "titel" in results[4]["reason"]
    assert count(house) == 2


def test_what_was_refused_is_written_down_until_it_is_taken(call: Ask, house: House):
    bad = ARTICLE | {"topics": ["sport"]}
    found = call("POST", "/articles", json=bad)
    assert found.status_code == 422
    assert refused(house) == [("api:cms", "cms-1", "There is no topic 'sport'.")]
    call("POST", "/articles", json=ARTICLE | {"titel": "Un"})
    ((_, _, reason),) = refused(house)
    assert reason == "Unknown key: titel."
    call("POST", "/articles", json=ARTICLE)
    assert refused(house) == []


def test_an_article_for_later_waits(call: Ask):
    view: dict[str, Any] = call(
        "POST", "/articles", json=ARTICLE | {"publish_at": "2999-01-01"}
    ).json()
    assert (view["state"], view["number"], view["published"]) == ("scheduled", None, None)


def test_numbers_as_ids_are_texts(call: Ask):
    assert call("POST", "/articles", json=ARTICLE | {"id": 17}).json()["id"] == "17"
    assert call("PUT", "/articles/17", json=ARTICLE | {"id": 17}).json()["outcome"] == "unchanged"


def test_the_same_article_from_many_at_the_same_moment_is_one(call: Ask, house: House):
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(call, "POST", "/articles", json=ARTICLE) for _ in range(12)]
        outcomes = sorted(one.result().json()["outcome"] for one in asked)
    assert outcomes == ["added", *["unchanged"] * 11]
    assert count(house) == 1


def test_a_part_of_one_article_never_touches_another(call: Ask):
    call("POST", "/articles", json=ARTICLE)
    other = {"id": "cms-2", "title": "Deux", "teaser": "Un.", "url": "https://relais.example/deux"}
    feed_id = call("POST", "/articles", json=other).json()["feed_id"]
    for method in ("PATCH", "PUT"):
        for said in ({"url": other["url"]}, {"feed_id": feed_id}):
            found = call(method, "/articles/cms-1", json={"title": "Autre"} | said)
            assert found.status_code == 422
            assert "'deux'" in found.json()["detail"]
    assert call("GET", "/articles/cms-1").json()["title"] == ARTICLE["title"]
    assert call("GET", "/articles/cms-2").json()["title"] == "Deux"
    both = call("POST", "/articles", json=ARTICLE | {"url": other["url"]})
    assert both.status_code == 422
    by_feed_id = f"/articles/{quote(feed_id, safe='')}"
    assert call("PATCH", by_feed_id, json={"id": "cms-1", "title": "Non"}).status_code == 422
    assert call("PATCH", by_feed_id, json={"title": "Si"}).json()["id"] == "cms-2"


def test_an_id_that_an_article_was_updated_under_finds_it_from_then_on(call: Ask, house: House):
    call("POST", "/articles", json=ARTICLE)
    updated = call("PUT", "/articles/autre", json=ARTICLE | {"id": "autre"})
    assert (updated.status_code, updated.json()["id"]) == (200, "cms-1")
    assert call("GET", "/articles/autre").json()["id"] == "cms-1"
    # Under it, the article is found without its address as well.
    moved = call("POST", "/articles", json={"id": "autre", "title": "Tri, la suite"})
    assert (moved.status_code, moved.json()["slug"]) == (200, "tri-aux-urgences")
    part = call("PATCH", "/articles/autre", json={"topics": ["law"]})
    assert (part.status_code, part.json()["topics"]) == (200, ["law"])
    assert count(house) == 1
    assert call("DELETE", "/articles/autre").status_code == 204
    assert call("GET", "/articles/cms-1").json()["state"] == "withdrawn"


def test_parts_at_the_same_moment_lose_nothing_of_each_other(call: Ask):
    call("POST", "/articles", json=ARTICLE | {"teaser": "Zéro."})
    for number in range(1, 11):
        parts = [
            {"title": f"Titre {number}"},
            {"teaser": f"Extrait {number}."},
            {"authors": [f"Leïla {number}"]},
        ]
        with ThreadPoolExecutor(3) as pool:
            found = [pool.submit(call, "PATCH", "/articles/cms-1", json=one) for one in parts]
            assert {one.result().status_code for one in found} == {200}
        view = call("GET", "/articles/cms-1").json()
        assert (view["title"], view["teaser"]) == (f"Titre {number}", f"Extrait {number}.")


def test_a_part_keeps_a_language_and_a_teaser_that_we_made(call: Ask):
    call("POST", "/articles", json=ARTICLE | {"language": "ar"})
    cut = "Le texte entier, assez long pour un extrait."
    view = call("PATCH", "/articles/cms-1", json={"title": "Un titre bien français"}).json()
    assert (view["language"], view["channels"], view["teaser"]) == ("ar", ["nashra"], cut)
    call("PATCH", "/articles/cms-1", json={"teaser": "Le sien."})
    view = call("PATCH", "/articles/cms-1", json={"body": "Un autre texte."}).json()
    assert view["teaser"] == "Le sien."


def test_a_part_can_remove_what_an_article_had(call: Ask, house: House):
    image, source = "https://x.example/i.jpg", {"title": "Autre", "url": "https://x.example/f"}
    sound = {"url": "https://x.example/a.mp3", "type": "audio/mpeg", "length": 3}
    whole = {"teaser": "Le sien.", "image": image, "enclosure": sound, "source": source}
    call("POST", "/articles", json=ARTICLE | whole)
    view = call("PATCH", "/articles/cms-1", json={"remove": ["image", "teaser"]}).json()
    assert view["teaser"] == "Le texte entier, assez long pour un extrait."
    with reading(house.engine) as connection:
        (article,) = listing(connection)
    assert (article.image, article.teaser_given) == (None, False)
    assert article.enclosure
    call("PATCH", "/articles/cms-1", json={"remove": ["enclosure", "source"]})
    with reading(house.engine) as connection:
        (article,) = listing(connection)
    assert (article.enclosure, article.source) == (None, None)


@pytest.mark.parametrize("remove", ["image", ["title"], [["image"]], [1], {"image": 1}])
def test_what_cannot_be_removed_is_refused(call: Ask, remove: object):
    call("POST", "/articles", json=ARTICLE)
    found = call("PATCH", "/articles/cms-1", json={"remove": remove})
    assert (found.status_code, found.json()["detail"][:6]) == (422, "remove")
    assert call("POST", "/articles", json=ARTICLE | {"remove": ["image"]}).status_code == 422


def test_a_part_may_not_leave_an_article_without_words(call: Ask):
    call("PUT", "/articles/un", json={"title": "Un", "teaser": "Tout ce qu’il dit."})
    assert call("PATCH", "/articles/un", json={"remove": ["teaser"]}).status_code == 422
    for title in ("", " ", "\x00"):
        assert call("PATCH", "/articles/un", json={"title": title}).status_code == 422
    assert call("GET", "/articles/un").json()["teaser"] == "Tout ce qu’il dit."
