"""Changes of a publication, one by one, and taken back. Pure."""

from typing import Any

import pytest
from house import channel, publication
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import EditRefused
from colporteur.publication import Publication
from colporteur.publication.editing import at, put, remade, tree_of
from colporteur.publication.editing.parts import merge_topic, rename_channel, rename_topic
from colporteur.publication.editing.tree import free_name
from colporteur.publication.editing.undoing import taken_back

PAPER = publication()
EDITS: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "title": (("title",), "Mine"),
    "sender": (("sender", "name"), "Somebody"),
    "items": (("channels", 0, "digest", "max_items"), 20),
    "hours": (("channels", 1, "digest", "cadences", "matin", "at"), ["08:00", "18:00"]),
    "topic": (("topics", "energy"), {"name": {"fr": "Énergie", "ar": "طاقة"}}),
    "channel": (("channels", 0, "title"), "Nouvelles"),
    "look": (("look", "size"), 20),
    "footer": (("footer", "fr"), "Association"),
}


def edited(paper: Publication, *names: str) -> Publication:
    tree = tree_of(paper)
    for name in names:
        put(tree, *EDITS[name])
    return remade(tree)


def test_a_publication_is_the_same_after_it_was_spelled_and_read() -> None:
    assert remade(tree_of(PAPER)) == PAPER


@given(st.permutations(list(EDITS)), st.integers(0, len(EDITS) - 1))
def test_a_change_that_is_taken_back_leaves_all_others(order: list[str], which: int) -> None:
    states = [PAPER]
    for name in order:
        states.append(edited(states[-1], name))
    found = taken_back(states[which], states[which + 1], states[-1])
    assert found.changed_since == []
    assert remade(found.tree) == edited(PAPER, *(one for one in order if one != order[which]))


def test_what_was_changed_again_is_named_and_not_taken_back() -> None:
    once = edited(PAPER, "title")
    twice = once.model_copy(update={"title": "Another"})
    assert taken_back(PAPER, once, twice).changed_since == ["title"]


def test_a_channel_that_was_removed_comes_back_to_its_place() -> None:
    more = publication(
        channels=[channel("actualites", "fr"), channel("revue", "fr"), channel("nashra", "ar")]
    )
    assert remade(taken_back(more, PAPER, edited(PAPER, "title")).tree).channels == more.channels


def test_an_empty_value_takes_its_key_away_with_what_is_empty_around_it() -> None:
    tree = tree_of(edited(PAPER, "footer", "look"))
    put(tree, ("footer", "fr"), None)
    put(tree, ("look", "size"), None)
    assert "footer" not in tree
    assert remade(tree) == PAPER


def test_every_fault_is_told_with_its_place() -> None:
    tree = tree_of(PAPER)
    put(tree, ("sender", "address"), "nobody")
    put(tree, ("channels", 1, "digest", "min_items"), "many")
    with pytest.raises(EditRefused) as refused:
        remade(tree)
    assert {one.path for one in refused.value.faults} == {
        ("sender", "address"),
        ("channels", 1, "digest", "min_items"),
    }


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("channels", 0, "digest", "min_items"), 20, ("channels", 0, "digest", "min_items")),
        (("channels", 1, "slug"), "actualites", ("channels", 1, "slug")),
        (("topics", "x"), {"name": {"fr": "X"}}, ("topics", "x", "name")),
        (("postal_address",), {"fr": "1 rue X"}, ("postal_address",)),
    ],
)
def test_what_contradicts_something_else_is_told_with_its_place(
    path: tuple[str | int, ...], value: Any, where: tuple[str | int, ...]
) -> None:
    tree = tree_of(PAPER)
    put(tree, path, value)
    with pytest.raises(EditRefused) as refused:
        remade(tree)
    assert refused.value.faults[0].path == where


def test_renaming_back_and_forth_keeps_one_name_of_each() -> None:
    tree = tree_of(PAPER)
    rename_channel(tree, "actualites", "nouvelles")
    rename_channel(tree, "nouvelles", "actualites")
    rename_topic(tree, "health", "care")
    merge_topic(tree, "law", "care")
    made = remade(tree)
    assert made.channels[0].formerly == ("nouvelles",)
    assert made.topics["care"].formerly == ("health", "law")
    assert made.channels[0].topics == ("care",)


@given(st.text("aé -&طA1_", max_size=60), st.sets(st.sampled_from(["nouveau", "a", "a-2"])))
def test_a_name_made_of_any_words_is_one_that_is_free(words: str, taken: set[str]) -> None:
    name = free_name(words, taken)
    assert name not in taken
    tree = tree_of(PAPER)
    put(tree, ("topics", name), {"name": {"fr": "X", "ar": "X"}})
    assert at(tree_of(remade(tree)), ("topics", name)) or name == "archive"
