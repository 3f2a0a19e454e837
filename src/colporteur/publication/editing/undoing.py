"""Takes one change back, whatever was changed elsewhere since. Pure."""

from dataclasses import dataclass, field
from typing import Any

from colporteur.publication.editing.tree import Tree, tree_of
from colporteur.publication.model import Publication

_NOTHING = object()


@dataclass
class TakenBack:
    """The tree without the change; ``changed_since`` are keys that were changed again after it.

    Such a change cannot be taken back alone: what came later would be lost.
    """

    tree: Tree
    changed_since: list[str] = field(default_factory=list)


def taken_back(before: Publication, after: Publication, now: Publication) -> TakenBack:
    """What is in force without what changed from ``before`` to ``after``."""
    old, new, tree = (_by_slug(tree_of(one)) for one in (before, after, now))
    found = TakenBack(tree)
    _take_back(old, new, tree, "", found.changed_since)
    found.tree = _listed(tree, before, after, now)
    return found


def _take_back(before: Any, after: Any, now: Any, prefix: str, since: list[str]) -> None:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key, _NOTHING), after.get(key, _NOTHING)
        present = now.get(key, _NOTHING)
        path = f"{prefix}.{key}" if prefix else key
        if old in (new, present):
            continue
        if present == new:
            if old is _NOTHING:
                del now[key]
            else:
                now[key] = old
        elif all(isinstance(one, dict) for one in (old, new, present)):
            _take_back(old, new, present, path, since)
        else:
            since.append(path)


def _by_slug(tree: Tree) -> Tree:
    return tree | {"channels": {one["slug"]: one for one in tree["channels"]}}


def _listed(tree: Tree, before: Publication, after: Publication, now: Publication) -> Tree:
    """The channels as a list again: in the order of now, else in that of before the change."""
    was, became, order = ([one.slug for one in some.channels] for some in (before, after, now))
    if order == became:
        order = was
    left = [*order, *(slug for slug in was if slug not in order)]
    left += [slug for slug in tree["channels"] if slug not in left]
    channels = [tree["channels"][slug] for slug in left if slug in tree["channels"]]
    return tree | {"channels": channels}
