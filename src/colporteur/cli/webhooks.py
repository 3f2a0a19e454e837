"""``colporteur webhooks``: programs elsewhere that are told what happens."""

from typing import Annotated, Any

import typer
from rich.console import Console

from colporteur.cli.house import console, house, looking, runtime, show
from colporteur.cli.moments import utc
from colporteur.cli.publication import user
from colporteur.webhooks import endpoints, log
from colporteur.webhooks.endpoints import Webhook
from colporteur.webhooks.kinds import Kind, read_kinds
from colporteur.webhooks.log import Message

app = typer.Typer(help="Programs elsewhere that are told what happens.")
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number, as listed.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_aside = Console(stderr=True, soft_wrap=True, highlight=False)
_KINDS = ", ".join(Kind)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where it takes messages: https://…")],
    event: Annotated[
        list[str] | None,
        typer.Option(help=f"What it is told of; may be repeated, all by default. {_KINDS}"),
    ] = None,
    name: Annotated[str, typer.Option(help="What people call it; its host by default.")] = "",
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Readers' addresses too, not only their ids.")
    ] = False,
) -> None:
    """Tell a program what happens from now on, and show the secret it checks us by: only this once.

    The secret alone is on standard output.

    Example: [bold]colporteur webhooks add https://crm.example.org/hook --event subscriber.left[/]
    """
    kinds = read_kinds(event or [])
    run = runtime()
    with house(run) as inside:
        added = endpoints.add(
            inside.connection,
            run.settings.secret_key,
            url=url,
            name=name,
            kinds=kinds,
            addresses=addresses,
            by=user(),
            now=inside.now,
        )
    assert added is not None
    made, secret = added
    typer.echo(secret)
    _aside.print(f"Webhook {made.id} is on. This is the only time its secret is shown.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the programs that are told, and how that goes.

    Example: [bold]colporteur webhooks list[/]
    """
    with looking(runtime()) as inside:
        found = endpoints.listing(inside.connection)
    rows = [_told(one) if as_json else _row(one) for one in found]
    show(rows, as_json=as_json, empty="No program is told. Add one: colporteur webhooks add URL")


@app.command("log")
def log_(
    webhook: Annotated[int | None, typer.Argument(metavar="[ID]", help="Only its own.")] = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=1000)] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what programs were told in the last 30 days, and what they answered.

    Example: [bold]colporteur webhooks log 1 --limit 100[/]
    """
    with looking(runtime()) as inside:
        if webhook is not None:
            endpoints.load(inside.connection, webhook)
        found = log.messages(inside.connection, limit=limit, webhook_id=webhook)
    rows = [_whole(one) if as_json else _line(one) for one in found]
    show(rows, as_json=as_json, empty="Nothing was told yet.")


@app.command()
def resend(number: Annotated[int, typer.Argument(help="The message's number in the log.")]) -> None:
    """Send a message once more, at once; it keeps its webhook-id, so that nothing counts twice.

    Example: [bold]colporteur webhooks resend 4711[/]
    """
    with house(runtime()) as inside:
        found = log.send_again(inside.connection, number, inside.now)
    console.print(f"{found.kind} goes to {found.webhook} again.", highlight=False, markup=False)


@app.command("on")
def on(webhook: Number) -> None:
    """Tell a program again that was switched off, with what it still waits for.

    Example: [bold]colporteur webhooks on 1[/]
    """
    with house(runtime()) as inside:
        waiting = endpoints.switch_on(inside.connection, webhook, inside.now)
    console.print(f"It is on; {waiting} messages go out now.", highlight=False)


@app.command()
def remove(webhook: Number) -> None:
    """Tell a program nothing any more, and forget it and its log.

    Example: [bold]colporteur webhooks remove 1[/]
    """
    with house(runtime()) as inside:
        gone = endpoints.remove(inside.connection, webhook)
    console.print(f"{gone.name} is told nothing any more.", highlight=False, markup=False)


def _told(one: Webhook) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Webhook.__dataclass_fields__}
    return values | {"state": one.state, "kinds": [kind.value for kind in one.kinds]}


def _row(one: Webhook) -> dict[str, Any]:
    everything = len(one.kinds) == len(Kind)
    return {
        "id": one.id,
        "name": one.name,
        "url": one.url,
        "told of": "everything" if everything else "\n".join(one.kinds),
        "readers": "addresses" if one.addresses else "ids",
        "state": one.state,
        "waiting": one.waiting,
        "last took": utc(one.delivered_at) if one.delivered_at else "never",
        "problem": one.disabled_why or one.problem,
    }


def _whole(one: Message) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Message.__dataclass_fields__}
    return values | {"state": one.state}


def _line(one: Message) -> dict[str, Any]:
    again = f", again at {utc(one.next_at)}" if one.next_at and one.attempts else ""
    return {
        "no": one.id,
        "at": utc(one.at),
        "what": one.kind,
        "to": one.webhook,
        "state": one.state + again,
        "tries": one.attempts,
        "answer": one.status,
        "problem": one.problem,
    }
