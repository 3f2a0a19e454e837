from house import channel, digest, publication

from colporteur.audience.subscribing import unsubscribe
from colporteur.db import reading
from colporteur.publication.changes import changes
from colporteur.publication.revisions import difference


def _difference(house, wanted):
    with reading(house.engine) as connection:
        return {one.key: (one.before, one.after, n) for one, n in difference(connection, wanted)}


def test_equal_publications_have_no_difference():
    assert changes(publication(), publication()) == []


def test_the_first_publication_differs_from_nothing_in_every_key():
    found = changes(None, publication())
    assert ("title", None, "Le Relais") in [(one.key, one.before, one.after) for one in found]


def test_a_change_of_a_channel_names_the_channel():
    after = publication(
        channels=[channel("actualites", "fr", title="Neuf"), channel("nashra", "ar")]
    )
    (found,) = changes(publication(), after)
    assert found.key == "channels.actualites.title"
    assert (found.before, found.after, found.channel) == ("Actualites", "Neuf", "actualites")


def test_a_new_order_of_channels_is_a_change():
    after = publication(channels=[channel("nashra", "ar"), channel("actualites", "fr")])
    (found,) = changes(publication(), after)
    assert (found.key, found.after) == ("channels", ["nashra", "actualites"])


def test_a_new_channel_is_no_new_order_of_the_others():
    more = [channel("revue", "fr"), channel("actualites", "fr"), channel("nashra", "ar")]
    found = changes(publication(), publication(channels=more))
    assert {one.channel for one in found} == {"revue"}


def test_the_difference_counts_the_readers_that_each_change_touches(house):
    house.subscribe("lea@example.org")
    house.subscribe("noe@example.org")
    house.subscribe("sara@example.org", channel="nashra")
    later = channel("actualites", "fr", digest=digest(max_age="3d"))
    found = _difference(house, publication(title="Neuf", channels=[later, channel("nashra", "ar")]))
    assert found == {
        "title": ("Le Relais", "Neuf", 3),
        "channels.actualites.digest.max_age": ("7d", "3d", 2),
    }


def test_the_difference_counts_no_reader_who_left(house):
    left = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, left.subscription_id, by="test", now=house.now)
    assert _difference(house, publication(title="Neuf"))["title"][2] == 0
