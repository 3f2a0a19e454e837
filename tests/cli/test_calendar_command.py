from typing import Any


def test_the_calendar_tells_each_edition_on_both_clocks(newsroom: Any):
    newsroom.house.take("Un")
    newsroom.house.subscribe("leila@example.org")
    told = newsroom.told("editions", "calendar", "--days", "3", "--channel", "actualites")
    first = told[0]
    assert "07:00+01:00" in first["local"] or "07:00+02:00" in first["local"]
    assert (first["channel"], first["cadence"], first["zone"]) == (
        "actualites",
        "matin",
        "Europe/Paris",
    )
    assert (first["state"], first["readers"], first["articles"]) == ("planned", 1, 1)
    assert {one["channel"] for one in told} == {"actualites"}
    assert len(told) == 3


def test_what_is_arranged_shows_by_whom_and_under_which_number(newsroom: Any):
    newsroom.house.take("Un")
    newsroom.run("editions", "arrange", "actualites", "--cadence", "matin", "--lead", "un")
    (first, *_) = newsroom.told("editions", "calendar", "--channel", "actualites")
    assert first["edition"] == 1
    assert first["arranged_by"]
    assert "matin" in newsroom.run("editions", "calendar").stdout


def test_an_unknown_channel_is_refused(newsroom: Any):
    said = newsroom.refused("editions", "calendar", "--channel", "nowhere", code=2)
    assert "The channels are: actualites, nashra." in said
