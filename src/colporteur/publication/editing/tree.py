"""A publication as the tree that its files spell: changed key by key, and read back as a whole."""

import itertools
import re
import unicodedata
from collections.abc import Container, Mapping
from typing import Any

from pydantic import ValidationError

from colporteur.exceptions import EditRefused, Fault
from colporteur.publication.consistency import inconsistencies
from colporteur.publication.known import Table, known_publication
from colporteur.publication.mistakes import mistakes_of
from colporteur.publication.model import Publication

Tree = dict[str, Any]
Path = tuple[str | int, ...]
_WORD = re.compile("[a-z0-9]+")
_NAME_AT_MOST = 40


def tree_of(publication: Publication) -> Tree:
    """What its files would say, in one tree: plain values, without what holds anyway."""
    return publication.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def at(tree: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for part in path:
        if isinstance(part, int):
            tree = tree[part] if isinstance(tree, list) and part < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree


def put(tree: Tree, path: Path, value: Any) -> None:
    """Have a value stand at a path; None takes it away, with what is empty then around it."""
    *way, last = path
    parents: list[tuple[Any, str | int]] = []
    place: Any = tree
    for part in way:
        if isinstance(place, dict) and part not in place:
            if value is None:
                return
            place[part] = {}
        parents.append((place, part))
        place = place[part]
    if value is not None:
        place[last] = value
        return
    if isinstance(place, dict):
        place.pop(last, None)
    while parents and place == {}:
        place, part = parents.pop()
        if isinstance(place, list):
            return
        del place[part]


def remade(tree: Tree) -> Publication:
    """The publication that a tree spells, if every rule holds.

    Raises:
        EditRefused: with every fault, each by its path in the tree.
    """
    try:
        made = Publication.model_validate(tree)
    except ValidationError as error:
        raise EditRefused(_mistakes(error)) from None
    whole = tree_of(made)
    channels = {one["slug"]: Table(one, ()) for one in whole["channels"]}
    order = list(channels)
    if len(channels) < len(whole["channels"]):
        slugs = [one["slug"] for one in whole["channels"]]
        twice = next(number for number, one in enumerate(slugs) if one in slugs[:number])
        taken = Fault(("channels", twice, "slug"), "is a channel's name already", "taken")
        raise EditRefused([taken])
    faults = [
        Fault((*(("channels", order.index(slug)) if slug else ()), *path), problem, "")
        for slug, path, problem in inconsistencies(known_publication(Table(whole, ()), channels))
    ]
    if faults:
        raise EditRefused(faults)
    return made


def _mistakes(error: ValidationError) -> list[Fault]:
    details = {one["loc"]: one for one in error.errors()}
    return [
        Fault(path, problem, details[path]["type"], details[path].get("ctx", {}))
        for path, problem in mistakes_of(Publication, error)
    ]


def free_name(words: str, taken: Container[str]) -> str:
    """A short name for addresses made of words, such as ``le-matin``, that nothing has yet."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = "-".join(_WORD.findall(plain))[:_NAME_AT_MOST].strip("-") or "nouveau"
    names = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
    return next(one for one in names if one not in taken)
