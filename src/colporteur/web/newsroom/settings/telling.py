"""What a change of the publication changes, in words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.units import format_unit

from colporteur.publication import Publication
from colporteur.publication.changes import Change, changes
from colporteur.templating import language
from colporteur.web.newsroom.settings.channels import channel_sheets
from colporteur.web.newsroom.settings.fields import Field
from colporteur.web.newsroom.settings.states import state_sheet
from colporteur.web.newsroom.settings.topics import topic_sheets
from colporteur.web.newsroom.settings.whole import whole_sheets

_DURATION = re.compile(r"(\d+)([mhdw])")
_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
Say = Callable[..., str]


@dataclass(frozen=True)
class Told:
    """A change: of what, whose (in its own words), from what to what, and how many it touches."""

    label: str
    about: str
    before: str
    after: str
    readers: int


def told(
    before: Publication | None,
    after: Publication,
    found: Sequence[tuple[Change, int]],
    say: Say,
    tag: str,
) -> list[Told]:
    """Changes in words; a channel, cadence or topic that comes or goes is one line."""
    teller = _Teller(before, after, say, tag)
    return list(teller.lines(found))


def summary(before: Publication, after: Publication, say: Say, tag: str, most: int = 5) -> str:
    """What differs, in a line."""
    lines = told(before, after, [(one, 0) for one in changes(before, after)], say, tag)
    said = [f"{one.about}: {one.label}" if one.about else one.label for one in lines]
    return "; ".join(dict.fromkeys(said[:most])) + (" …" if len(said) > most else "")


class _Teller:
    def __init__(self, before: Publication | None, after: Publication, say: Say, tag: str) -> None:
        self._say = say
        self._tag = tag
        old = _labels(before) if before else {}
        self._labels = {**old, **_labels(after)}
        self._options = [dict(one.options) for one, _ in (*old.values(), *self._labels.values())]
        self._was = before.model_dump(mode="json") if before else {}
        self._becomes = after.model_dump(mode="json")

    def lines(self, found: Sequence[tuple[Change, int]]) -> Iterator[Told]:
        seen: set[str] = set()
        for change, readers in found:
            whole = self._whole(change.key)
            if whole is not None:
                key, label, about = whole
                if key not in seen:
                    seen.add(key)
                    yield Told(label, about, "", "", readers)
                continue
            known = self._labels.get(change.key)
            if known is None:
                yield Told(change.key, "", _plain(change.before), _plain(change.after), readers)
                continue
            field, about = known
            before = _found(self._was, change.key, change.before)
            after = _found(self._becomes, change.key, change.after)
            if before == after:  # it is said now, and held before
                continue
            label = self._say(field.label, **field.more)
            if field.group and field.group not in {"", label}:
                label = f"{self._say(field.group)} · {label}"
            yield Told(label, about, self._value(field, before), self._value(field, after), readers)

    def _whole(self, key: str) -> tuple[str, str, str] | None:
        """A part that is new or gone: its key, what happened to it, and its name."""
        for depth, pattern in _PARTS:
            parts = key.split(".")
            if not re.match(pattern, key) or len(parts) < depth:
                continue
            name = ".".join(parts[:depth])
            was, becomes = _there(self._was, name), _there(self._becomes, name)
            if was is becomes:
                continue
            kind = ("channels", "topics", "domain_groups")
            which = "cadence" if depth == _DEEP else parts[0] if parts[0] in kind else ""
            about = parts[depth - 1] if which != "cadence" else f"{parts[1]} · {parts[-1]}"
            about = _title(self._becomes if becomes else self._was, name) or parts[depth - 1]
            return name, self._say(_HAPPENED[which][0 if becomes else 1]), about
        return None

    def _value(self, field: Field, value: Any) -> str:
        if field.kind == "tick":
            return self._say("yes") if value else self._say("no")
        if value in (None, "", [], {}):
            return "–"
        if field.options:
            offered = {key: text for one in self._options for key, text in one.items()}
            offered |= dict(field.options)
            many = value if isinstance(value, list) else [value]
            names = [offered.get(str(one), str(one)) for one in many]
            return ", ".join(names if field.own_words else map(self._say, names))
        if field.kind == "duration":
            return self._span(str(value))
        return _plain(value)

    def _span(self, text: str) -> str:
        found = _DURATION.fullmatch(text)
        if not found:
            return text
        unit, number = _UNITS[found[2]], int(found[1])
        return str(format_unit(number, f"duration-{unit}", locale=language(self._tag).locale))


_DEEP, _WHOLE = 5, 2
_PARTS = (
    (2, r"channels\.[^.]+\."),
    (2, r"topics\.[^.]+\."),
    (2, r"domain_groups\.[^.]+\."),
    (_DEEP, r"channels\.[^.]+\.digest\.cadences\."),
)
_HAPPENED: Mapping[str, tuple[str, str]] = {
    "channels": ("Channel added", "Channel removed"),
    "topics": ("Topic added", "Topic removed"),
    "domain_groups": ("Limits of its own", "Limits as shipped again"),
    "cadence": ("Cadence added", "Cadence removed"),
}


def _labels(publication: Publication) -> dict[str, tuple[Field, str]]:
    """Each key that a form has: its field, and whose it is."""
    found: dict[str, tuple[Field, str]] = {}
    sheets = (
        *whole_sheets(publication),
        *channel_sheets(publication),
        *(state_sheet(publication, {"channel": one.slug}) for one in publication.channels),
        *topic_sheets(publication),
    )
    for sheet in sheets:
        base = [
            publication.channels[part].slug if isinstance(part, int) else part
            for part in sheet.base
        ]
        if sheet.base[:1] in (("channels",), ("topics",)) and len(sheet.base) == _WHOLE:
            former = Field(("formerly",), "Former names", "list")
            found[".".join([*base, "formerly"])] = (former, sheet.about)
        for field in sheet.fields:
            found[".".join([*base, *field.path])] = (field, sheet.about)
    return found


def _found(tree: Any, key: str, otherwise: Any) -> Any:
    """What stands at a key, with what holds anyway."""
    for part in key.split("."):
        if isinstance(tree, list):
            tree = next((one for one in tree if one.get("slug") == part), None)
        elif isinstance(tree, dict):
            tree = tree.get(part)
        if tree is None:
            return otherwise
    return tree


def _there(tree: Any, key: str) -> bool:
    return _found(tree, key, None) is not None


def _title(tree: Any, key: str) -> str:
    found = _found(tree, key, {})
    names = found.get("name") if isinstance(found, dict) else None
    title = found.get("title", "") if isinstance(found, dict) else ""
    return str(title or (next(iter(names.values())) if isinstance(names, dict) and names else ""))


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items()) or "–"
    return str(value)
