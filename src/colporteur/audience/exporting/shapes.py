"""What a list of readers looks like, for us and for other tools. Pure.

The columns of the others are those of their own exports (``importing.formats``), as far as we
know what stands in them.
"""

import csv
import enum
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from colporteur.audience.cells import escape
from colporteur.audience.states import State
from colporteur.publication.cadences import WEEKDAYS


class Shape(enum.StrEnum):
    """How a list is written out."""

    CSV = "csv"
    JSONL = "jsonl"
    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"
    GHOST = "ghost"


WRITTEN_TO = (State.ACTIVE, State.PAUSED)
"""Whom lists for other tools hold unless more is asked for: those tools write to all of them."""


@dataclass(frozen=True)
class Exported:
    """A reader of a channel; topics are slugs, moments aware or None."""

    email: str
    name: str
    channel: str
    state: State
    language: str
    cadence: str
    weekday: int | None
    minute: int | None
    timezone: str | None
    topics: Sequence[str]
    without: Sequence[str]
    layout: str
    specials: bool
    created_at: datetime
    consented_at: datetime | None
    left_at: datetime | None
    paused_until: datetime | None


def header(shape: Shape) -> str:
    """What comes before the first row."""
    return "" if shape is Shape.JSONL else _csv_line(_COLUMNS[shape])


def row(shape: Shape, one: Exported) -> str:
    """A reader's row, with the end of its line."""
    if shape is Shape.JSONL:
        kept = {name: value for name, value in _ours(one).items() if value not in ("", [])}
        return json.dumps(kept, ensure_ascii=False) + "\n"
    said = _SAYING[shape](one)
    return _csv_line([_cell(said[name]) for name in _COLUMNS[shape]])


def _csv_line(cells: Sequence[str]) -> str:
    line = _Line()
    csv.writer(line).writerow([escape(cell) for cell in cells])
    return line.text


class _Line:
    text = ""

    def write(self, text: str) -> None:
        """What ``csv.writer`` writes to."""
        self.text = text


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _moment(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""


def _ours(one: Exported) -> Mapping[str, Any]:
    hour = "" if one.minute is None else f"{one.minute // 60:02}:{one.minute % 60:02}"
    return {
        "email": one.email,
        "name": one.name,
        "channel": one.channel,
        "status": one.state.value,
        "language": one.language,
        "cadence": one.cadence,
        "hour": hour,
        "weekday": "" if one.weekday is None else WEEKDAYS[one.weekday],
        "timezone": one.timezone or "",
        "topics": list(one.topics),
        "without": list(one.without),
        "layout": one.layout,
        "specials": one.specials,
        "created_at": _moment(one.created_at),
        "consented_at": _moment(one.consented_at),
        "left_at": _moment(one.left_at),
        "paused_until": _moment(one.paused_until),
    }


def _listmonk(one: Exported) -> Mapping[str, Any]:
    chosen = {name: value for name, value in _ours(one).items() if name in _LISTMONK_KEEPS}
    held = one.state in {State.BOUNCED, State.COMPLAINED, State.SUPPRESSED}
    enabled = "enabled" if one.state in WRITTEN_TO else "disabled"
    return {
        "email": one.email,
        "name": one.name or one.email.partition("@")[0],
        "attributes": json.dumps({k: v for k, v in chosen.items() if v}, ensure_ascii=False),
        "status": "blocklisted" if held else enabled,
        "created_at": _moment(one.created_at),
    }


def _mailchimp(one: Exported) -> Mapping[str, Any]:
    first, _, last = one.name.partition(" ")
    return {
        "Email Address": one.email,
        "First Name": first,
        "Last Name": last,
        "OPTIN_TIME": _moment(one.created_at)[:-1].replace("T", " "),
        "CONFIRM_TIME": _moment(one.consented_at)[:-1].replace("T", " "),
        "LEID": "",
        "EUID": "",
        "TAGS": list(one.topics),
    }


def _ghost(one: Exported) -> Mapping[str, Any]:
    return {
        "id": "",
        "email": one.email,
        "name": one.name,
        "note": "",
        "subscribed_to_emails": one.state in WRITTEN_TO,
        "complimentary_plan": False,
        "stripe_customer_id": "",
        "created_at": _moment(one.created_at),
        "deleted_at": "",
        "labels": list(one.topics),
    }


_LISTMONK_KEEPS = ("language", "cadence", "hour", "weekday", "timezone", "topics")
_SAYING: Mapping[Shape, Callable[[Exported], Mapping[str, Any]]] = {
    Shape.CSV: _ours,
    Shape.LISTMONK: _listmonk,
    Shape.MAILCHIMP: _mailchimp,
    Shape.GHOST: _ghost,
}
_COLUMNS: Mapping[Shape, Sequence[str]] = {
    Shape.CSV: (
        "email",
        "name",
        "channel",
        "status",
        "language",
        "cadence",
        "hour",
        "weekday",
        "timezone",
        "topics",
        "without",
        "layout",
        "specials",
        "created_at",
        "consented_at",
        "left_at",
        "paused_until",
    ),
    Shape.LISTMONK: ("email", "name", "attributes", "status", "created_at"),
    Shape.MAILCHIMP: (
        "Email Address",
        "First Name",
        "Last Name",
        "OPTIN_TIME",
        "CONFIRM_TIME",
        "LEID",
        "EUID",
        "TAGS",
    ),
    Shape.GHOST: (
        "id",
        "email",
        "name",
        "note",
        "subscribed_to_emails",
        "complimentary_plan",
        "stripe_customer_id",
        "created_at",
        "deleted_at",
        "labels",
    ),
}
