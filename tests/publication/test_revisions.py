import pytest
from house import NOW, channel, digest, publication

from colporteur.db import reading
from colporteur.exceptions import PublicationConflict, PublicationInvalid, UnknownName
from colporteur.publication import revisions


def _renamed(**changes):
    first = channel("nouvelles", "fr", formerly=["actualites"], **changes)
    return publication(channels=[first, channel("nashra", "ar")])


def _ids(house):
    with house.open() as (_connection, _revision, names):
        return names


def test_a_new_database_has_no_publication_and_says_how_to_apply_one(engine):
    with reading(engine) as connection:
        assert revisions.current(connection) is None
        with pytest.raises(UnknownName) as caught:
            revisions.require(connection)
    assert "colporteur publication apply" in caught.value.cure


def test_revisions_are_numbered_and_say_who_when_and_why(house):
    made = house.apply(publication(title="La Relève"), by="amina", why="new name")
    with reading(house.engine) as connection:
        found = revisions.history(connection)
    assert [one.number for one in found] == [2, 1]
    assert found[0] == made
    assert (made.made_by, made.why, made.made_at) == ("amina", "new name", NOW)


def test_applying_the_same_again_makes_no_revision(house):
    assert house.apply(publication()) is None
    with reading(house.engine) as connection:
        assert revisions.require(connection).number == 1


def test_a_past_revision_can_be_read(house):
    house.apply(publication(title="La Relève"))
    with reading(house.engine) as connection:
        assert revisions.numbered(connection, 1).publication.title == "Le Relais"
        with pytest.raises(UnknownName):
            revisions.numbered(connection, 3)


def test_files_do_not_overwrite_what_the_newsroom_changed_unseen(house):
    house.apply(publication(title="La Relève"), source="newsroom", by="amina")
    with pytest.raises(PublicationConflict) as caught:
        house.apply(publication(title="Le Courrier"), based_on=1)
    assert "amina" in caught.value.message
    assert "publication export" in caught.value.cure


def test_files_based_on_the_newsrooms_change_are_applied(house):
    house.apply(publication(title="La Relève"), source="newsroom")
    assert house.apply(publication(title="Le Courrier"), based_on=2).number == 3


def test_the_newsroom_changes_what_files_made(house):
    assert house.apply(publication(title="La Relève"), source="newsroom").number == 2


def test_a_renamed_channel_keeps_its_id_and_answers_to_both_names(house):
    before = _ids(house).channels["actualites"]
    house.apply(_renamed())
    names = _ids(house)
    assert names.channels["nouvelles"] == names.channels["actualites"] == before


def test_a_renamed_topic_keeps_its_id_and_answers_to_both_names(house):
    before = _ids(house).topics["law"]
    topics = publication().model_dump(mode="json")["topics"]
    topics["justice"] = topics.pop("law") | {"formerly": ["law"]}
    first, second = (channel(*one, topics=[]) for one in (("actualites", "fr"), ("nashra", "ar")))
    house.apply(publication(topics=topics, channels=[first, second]))
    names = _ids(house)
    assert names.topics["justice"] == names.topics["law"] == before


def test_a_renamed_channel_is_found_as_it_was_then(house):
    number = _ids(house).channels["actualites"]
    house.apply(_renamed())
    with reading(house.engine) as connection:
        _then, found = revisions.frozen_channel(connection, 1, number)
    assert found.slug == "actualites"


def test_a_channel_that_comes_back_has_the_id_it_had(house):
    before = _ids(house).channels["nashra"]
    house.apply(publication(channels=[channel("actualites", "fr")]))
    house.apply(publication())
    assert _ids(house).channels["nashra"] == before


def test_readers_come_along_when_their_channel_is_renamed(house):
    house.subscribe("lea@example.org")
    assert house.apply(_renamed()).number == 2


def test_a_channel_with_readers_is_not_removed(house):
    house.subscribe("lea@example.org")
    with pytest.raises(PublicationInvalid) as caught:
        house.apply(publication(channels=[channel("nashra", "ar")]))
    assert 'formerly = ["actualites"]' in caught.value.message
    assert _ids(house).channels["actualites"]


def test_a_channel_without_readers_is_removed(house):
    house.subscribe("lea@example.org")
    assert house.apply(publication(channels=[channel("actualites", "fr")]))


def test_a_cadence_with_readers_is_not_removed(house):
    house.subscribe("lea@example.org")
    evening = digest(cadences={"soir": {"rule": "daily", "at": ["18:00"]}})
    with pytest.raises(PublicationInvalid, match="matin"):
        house.apply(publication(channels=[channel("actualites", "fr", digest=evening)]))


def test_a_digest_with_readers_is_not_removed(house):
    house.subscribe("lea@example.org")
    with pytest.raises(PublicationInvalid, match="matin"):
        house.apply(publication(channels=[channel("actualites", "fr", digest=None)]))


@pytest.mark.parametrize("choice", [{"topics_in": ("law",)}, {"topics_out": ("law",)}])
def test_a_topic_that_readers_chose_is_not_removed(house, choice):
    house.subscribe("lea@example.org", **choice)
    topics = publication().model_dump(mode="json")["topics"]
    del topics["law"]
    with pytest.raises(PublicationInvalid, match="topic law"):
        house.apply(publication(topics=topics))


def test_a_topic_that_nobody_chose_is_removed(house):
    house.subscribe("lea@example.org", topics_in=("health",))
    topics = publication().model_dump(mode="json")["topics"]
    del topics["law"]
    assert house.apply(publication(topics=topics))
