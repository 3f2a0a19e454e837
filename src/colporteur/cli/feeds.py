"""``colporteur feeds``: build, list, check."""

from typing import Annotated

import typer

from colporteur.cli.articles import build_feeds
from colporteur.cli.feed_check import check
from colporteur.cli.house import console, looking, runtime, show
from colporteur.db import writing
from colporteur.syndication.documents import document, paths, touch_all

app = typer.Typer(help="Feeds: the documents that readers' programs poll.")
app.command()(check)


@app.command()
def build() -> None:
    """Build every feed anew; the same articles give the same bytes.

    Example: [bold]colporteur feeds build[/]
    """
    run = runtime()
    with writing(run.engine) as connection:
        touch_all(connection)
    written = build_feeds(run)
    console.print(f"{len(written)} documents changed." if written else "No document changed.")
    for path in written:
        console.print(f"  /{path}")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the documents with their sizes and validators.

    Example: [bold]colporteur feeds list --json[/]
    """
    run = runtime()
    with looking(run) as inside:
        found = [document(inside.connection, path) for path in paths(inside.connection)]
        rows = [
            {
                "url": f"{inside.site}/{one.address}",
                "bytes": len(one.body),
                "gzip": len(one.body_gzip),
                "br": len(one.body_br),
                "etag": one.etag,
                "last modified": f"{one.last_modified:%Y-%m-%d %H:%M:%S} UTC",
            }
            for one in found
            if one is not None
        ]
    show(rows, as_json=as_json, empty="No feed has been built yet.")
