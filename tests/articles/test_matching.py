from datetime import timedelta

import pytest
from house import NOW

from colporteur.articles.matching import Identity, find_named, find_same

YESTERDAY, LAST_WEEK = NOW - timedelta(days=1), NOW - timedelta(days=7)


def _one(title="revue", **said):
    return Identity(title, **said)


def _known(title="revue", *, at=YESTERDAY, **said):
    return Identity(title, created_at=at, **said)


@pytest.mark.parametrize(
    ("incoming", "earlier", "same"),
    [
        # by id or URL, whatever the title and however long ago
        (_one("a", external_id="1"), _known("b", external_id="1", at=LAST_WEEK), True),
        (_one("a", feed_id="1"), _known("b", feed_id="1", at=LAST_WEEK), True),
        (_one("a", url="u"), _known("b", url="u", at=LAST_WEEK), True),
        (_one("a", external_id="1", url="v"), _known("b", external_id="1", url="u"), True),
        (_one("a", external_id="1"), _known("b", feed_id="1"), False),
        (_one("a"), _known("b"), False),
        # by title where one side is a listed teaser
        (_one(listed=True), _known(at=LAST_WEEK, url="u", dated=True), True),
        (_one(external_id="1", dated=True), _known(listed=True, at=LAST_WEEK), True),
        (_one("a", listed=True), _known("b", listed=True), False),
        # by title where neither has id, URL or date, and the earlier is under 7 days old
        (_one(), _known(), True),
        (_one(), _known(at=LAST_WEEK), False),
        (_one(), _known(at=LAST_WEEK + timedelta(seconds=1)), True),
        (_one(dated=True), _known(), False),
        (_one(), _known(dated=True), False),
        (_one(url="u"), _known(), False),
        (_one(), _known(url="u"), False),
        (_one(external_id="1"), _known(), False),
        (_one(), _known(external_id="1"), False),
        # our own feed_id, minted for every article, says nothing
        (_one(), _known(feed_id="tag:relais.example,2026:1"), True),
    ],
)
def test_the_same_article_is_recognised(incoming, earlier, same):
    assert find_same(incoming, [earlier], NOW) == (0 if same else None)


def test_an_id_is_believed_before_a_newer_title():
    known = [_known(listed=True), _known("autre", external_id="1")]
    assert find_same(_one(external_id="1"), known, NOW) == 1


def test_the_newest_of_equal_titles_is_the_one():
    assert find_same(_one(), [_known(), _known(at=YESTERDAY - timedelta(1))], NOW) == 0


def test_nothing_is_recognised_among_none():
    assert find_same(_one(), [], NOW) is None


def test_an_id_goes_before_a_feed_id_and_that_before_an_address():
    known = [_known(url="u"), _known(feed_id="f"), _known(external_id="1")]
    assert find_named(_one(external_id="1", feed_id="f", url="u"), known) == [2, 1, 0]
    assert find_named(_one(feed_id="f", url="u"), known) == [1, 0]
    assert find_same(_one(external_id="1", url="u"), known, NOW) == 2


def test_a_further_id_is_as_good_as_the_first():
    known = [_known("b", url="u"), _known("b", external_id="1", further_id="2")]
    assert find_named(_one("a", external_id="2"), known) == [1]
    assert find_named(_one("a", url="2", feed_id="2"), known) == []
