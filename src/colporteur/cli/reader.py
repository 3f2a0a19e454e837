"""``colporteur subscribers show``: what one reader chose, and what happened to them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.exporting_one import all_of
from colporteur.audience.history import events_of, standing
from colporteur.audience.readers import Reader, reader_of
from colporteur.audience.states import State, overall
from colporteur.audience.telling import told_event, told_standing
from colporteur.cli.house import console, looking, runtime, show

_SHOWN = 30
_WORDS = 60  # characters of what somebody said yes to
_MORE = ("consents", "editions", "letters", "came_back", "do_not_mail_list")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("show")(show_reader)


def show_reader(
    address: Annotated[str, typer.Argument(help="Their e-mail address.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what somebody chose and consented to, what they got, and all that happened to them.

    Example: [bold]colporteur subscribers show leila@example.org[/]
    """
    with looking(runtime()) as inside:
        reader = reader_of(inside.connection, parse_address(address))
        publication, names = inside.publication, inside.names
        happened = events_of(inside.connection, reader.id)
        stands = [standing(inside.connection, one) for one in reader.subscription_ids]
        chosen = [told_standing(publication, names, one) for one in stands if one]
        history = [told_event(publication, names, one) for one in happened]
        more = all_of(inside.connection, reader.id)
        called = overall(State(reader.state), [State(one.state) for one in stands if one])
    if as_json:
        found = {**_person(reader), "overall": called, "subscriptions": chosen, "history": history}
        found |= {name: more[name] for name in _MORE}
        typer.echo(json.dumps(found, ensure_ascii=False, default=str, indent=2))
        return
    said = f"{reader.name} <{reader.address}>" if reader.name else reader.address
    console.print(f"{said} ({reader.language}, {called})", highlight=False, markup=False)
    if barred := more["do_not_mail_list"]:
        console.print(f"On the do-not-mail list since {barred['at'][:10]}: {barred['reason']}.")
    sections = {
        "Subscriptions": ([_subscription_row(one) for one in chosen], "No subscription."),
        "Consent": ([_consent_row(one) for one in more["consents"]], "None on record."),
        "History": ([_history_row(one) for one in history], "Nothing happened yet."),
        "Editions": ([*map(_edition_row, reversed(more["editions"]))], "None yet."),
        "Letters": ([*map(_letter_row, more["letters"])], "None."),
        "Came back": ([*map(_back_row, more["came_back"])], "Nothing."),
    }
    for title, (rows, empty) in sections.items():
        console.print(f"\n[bold]{title}[/]")
        show(rows[:_SHOWN], as_json=False, empty=empty)
        if len(rows) > _SHOWN:
            console.print(f"and {len(rows) - _SHOWN} more: --json shows all")


def _person(reader: Reader) -> dict[str, Any]:
    return {
        "address": reader.address,
        "name": reader.name,
        "language": reader.language,
        "state": reader.state,
        "since": reader.created_at,
    }


def _subscription_row(one: Mapping[str, Any]) -> dict[str, str]:
    state = one["state"]
    if one["paused_until"]:
        state += f" until {_minute(one['paused_until'])}"
        state += ", with backlog" if one["with_backlog"] else ""
    return {"channel": one["channel"], "state": state, "choice": _choice_words(one)}


def _history_row(one: Mapping[str, Any]) -> dict[str, str]:
    said = {key: one.get(key) or "" for key in ("channel", "what", "by")}
    return {"at": _minute(one["at"]), **said, "choice": _choice_words(one)}


def _consent_row(one: Mapping[str, Any]) -> dict[str, str]:
    channels = " ".join(str(name) for name in one["channels"])
    confirmed = one["confirmed_at"]
    return {
        "asked": _when(one["at"]),
        "how": f"{one['method']} {one['form_url']}".strip(),
        "channels": channels,
        "confirmed": _when(confirmed) if confirmed else "not yet",
        "ip": one["confirmed_ip"] or one["ip"] or "",
        "words": " ".join((one["wording"] or "").split())[:_WORDS],
    }


def _edition_row(one: Mapping[str, Any]) -> dict[str, str]:
    why = one["reason"] or " ".join(str(part) for part in (one["smtp_code"], one["reply"]) if part)
    what = f"{one['number']} {one['channel']}, {one['kind']}"
    return {
        "at": _when(one["ended_at"] or one["due_at"]),
        "edition": what,
        "status": one["status"],
        "why": why if one["status"] != "sent" else "",
        "articles": "; ".join(one["articles"]),
    }


def _letter_row(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "at": _when(one["created_at"]),
        "letter": one["message"],
        "status": one["status"] or "",
        "answer": one["reply"] or "",
    }


def _back_row(one: Mapping[str, Any]) -> dict[str, str]:
    code = " ".join(str(part) for part in (one["smtp_code"], one["enhanced_code"]) if part)
    return {
        "at": _when(one["at"]),
        "what": f"{one['verdict'] or ''} {one['kind']}".strip(),
        "by": one["source"],
        "edition": str(one["edition_id"] or ""),
        "did": one["effect"] or "",
        "answer": f"{code} {one['text']}".strip(),
    }


def _when(moment: str) -> str:
    """ISO 8601, as tables have it."""
    return _minute(datetime.fromisoformat(moment))


def _choice_words(one: Mapping[str, Any]) -> str:
    """Empty where an event says nothing of the choice, as the end of a pause does."""
    words = [one.get(key) or "" for key in ("cadence", "weekday", "hour", "timezone")]
    if one.get("topics_in"):
        words.append(f"only {' '.join(one['topics_in'])}")
    if one.get("topics_out"):
        words.append(f"without {' '.join(one['topics_out'])}")
    if one.get("specials") is False:
        words.append("no specials")
    return ", ".join(word for word in words if word)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
