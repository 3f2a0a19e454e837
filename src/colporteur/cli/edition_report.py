"""``colporteur editions report``: what became of an edition, and who got it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from colporteur.cli.house import House, console, csv_text, looking, runtime, show
from colporteur.cli.moments import utc
from colporteur.cli.preflight import show_findings
from colporteur.editions.reporting import Received, Report, readers_of, report
from colporteur.editions.store import load
from colporteur.editions.tallies import OUTCOMES, by_domain, by_outcome
from colporteur.publication.identities import channel_of

_DOMAINS_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("report")(report_edition)


def report_edition(
    edition: Annotated[int, typer.Argument(metavar="ID", help="The edition's number.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV: the counts, or with --readers every reader.")
    ] = False,
    readers: Annotated[
        bool, typer.Option("--readers", help="Every reader too: who got it, who did not and why.")
    ] = False,
) -> None:
    """Report what became of an edition: sent, deferred, failed, skipped, bounced, per domain.

    Example: [bold]colporteur editions report 12 --csv > edition-12.csv[/]
    """
    with looking(runtime()) as inside:
        found = report(inside.connection, load(inside.connection, edition))
        received = readers_of(inside.connection, edition) if readers else None
    if as_csv:
        rows = [asdict(one) for one in (found.tallies if received is None else received)]
        typer.echo(csv_text(rows), nl=False)
        return
    if as_json:
        told = told_report(inside, found)
        if received is not None:
            told["readers"] = [asdict(one) for one in received]
        typer.echo(json.dumps(told, ensure_ascii=False, default=str, indent=2))
        return
    _print(inside, found)
    if received is not None:
        console.print()
        _table([_reader_row(one) for one in received], "Nobody was to get it.")


def told_report(inside: House, found: Report) -> dict[str, Any]:
    """A report as JSON tells it."""
    edition = found.edition
    return {
        "id": edition.id,
        "public_id": edition.public_id,
        "channel": _channel(inside, edition.channel_id),
        "kind": edition.kind,
        "cadence": edition.cadence,
        "slot": edition.slot,
        "leaves": edition.send_at,
        "state": edition.state,
        "reason": edition.reason,
        "arranged_by": list(edition.arranged_by),
        "arrangement": edition.arrangement.as_json(),
        "recipients": found.readers,
        "checked_at": edition.checked_at,
        "findings": list(edition.findings),
        "history": [asdict(one) for one in found.history],
        "counts": [
            {"status": outcome, "reason": why or None, "readers": readers}
            for (outcome, why), readers in by_outcome(found.tallies).items()
        ],
        "domains": [{"domain": one, **row} for one, row in by_domain(found.tallies).items()],
        "variants": [asdict(one) for one in found.variants],
        "deferred": [asdict(one) for one in found.deferred],
        "clicks": [asdict(one) for one in found.clicks],
    }


def _print(inside: House, found: Report) -> None:
    edition = found.edition
    what = edition.cadence or edition.kind
    said = f"Edition {edition.id} of {_channel(inside, edition.channel_id)}, {what}"
    when = f", {utc(edition.slot or edition.send_at)}" if edition.slot or edition.send_at else ""
    why = f" ({edition.reason})" if edition.reason else ""
    _say(f"{said}{when}: {edition.state}{why}")
    console.print()
    _table([_event_row(one) for one in found.history], "")
    console.print()
    counts = [
        {"outcome": outcome, "why": why, "readers": str(readers)}
        for (outcome, why), readers in by_outcome(found.tallies).items()
    ]
    _table(counts, "It is not fixed for anybody." if edition.frozen_at is None else "Nobody.")
    if counts:
        console.print()
        _domains(found)
    if edition.checked_at is not None:
        console.print()
        show_findings(edition.findings)
    if found.variants:
        console.print()
        _table([_variant_row(one) for one in found.variants], "")
    if found.clicks:
        console.print()
        _table([{"clicks": one.count, "link": one.url} for one in found.clicks], "")
    if found.deferred:
        console.print()
        _say("Deferred, to be tried again:")
        _table([_reader_row(one) for one in found.deferred], "")


def _domains(found: Report) -> None:
    """The domains of most readers; all of them are in CSV and JSON."""
    rows = by_domain(found.tallies)
    shown = list(rows.items())[:_DOMAINS_SHOWN]
    told = [name for name in OUTCOMES if any(row[name] for _, row in shown)]
    _table(
        [
            {"domain": one or "(forgotten)", **{name: str(row[name]) for name in told}}
            for one, row in shown
        ],
        "",
    )
    if len(rows) > len(shown):
        _say(f"and {len(rows) - len(shown)} domains more: --csv has all")


def _channel(inside: House, channel_id: int) -> str:
    found = channel_of(inside.publication, inside.names, channel_id)
    return found.slug if found else f"({channel_id})"


def _event_row(one: Any) -> dict[str, str]:
    changed = one.after if one.before in {None, one.after} else f"{one.before} → {one.after}"
    return {"at": utc(one.at), "by": one.by, "state": changed, "why": one.why}


def _variant_row(one: Any) -> dict[str, str]:
    more = f" and {one.more} more" if one.more else ""
    return {
        "variant": str(one.id),
        "readers": str(one.readers),
        "subject": one.subject or "(not rendered yet)",
        "articles": " ".join(one.articles) + more,
    }


def _reader_row(one: Received) -> dict[str, str]:
    answer = " ".join(str(part) for part in (one.smtp_code, one.reply) if part)
    when = one.ended_at or one.next_attempt_at or one.due_at
    return {
        "reader": one.address or "(erased)",
        "status": one.status,
        "why": one.reason or "",
        "at": utc(when),
        "answer": answer,
    }


def _table(rows: Sequence[dict[str, Any]], empty: str) -> None:
    show(rows, as_json=False, empty=empty)


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
