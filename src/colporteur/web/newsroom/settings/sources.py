"""The forms of a channel's sources."""

from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.publication.editing import Path, Tree, at
from colporteur.publication.editing.parts import channel_path
from colporteur.web.bodies import Form
from colporteur.web.newsroom.numbers import whole
from colporteur.web.newsroom.settings.channels import topic_options
from colporteur.web.newsroom.settings.fields import Field, write
from colporteur.web.newsroom.settings.sheets import HOME, Offer, Sheet, channel_at


def _source_fields(publication: Publication) -> list[Field]:
    kinds = (
        ("feed", "A feed (RSS, Atom, JSON)"),
        ("sitemap", "A sitemap"),
        ("wordpress", "A WordPress site"),
    )
    return [
        Field(("url",), "Address"),
        Field(("kind",), "What is there", "choice", options=kinds),
        Field(("every",), "Asked every", "duration", hint="5m to 7d"),
        Field(
            ("topics",),
            "Topics added to each article",
            "picks",
            options=topic_options(publication),
            own_words=True,
        ),
        Field(
            ("keep_ids",),
            "Keep the ids of its entries, so that readers’ programs see nothing twice",
            "tick",
        ),
    ]


def source_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """One source of a channel, by its place."""
    channel, number = channel_at(publication, parts)
    place = whole(parts["source"])
    if place is None or place >= len(channel.sources):
        raise UnknownName("There is no such source.", cure="See the settings.")
    base: Path = ("channels", number, "sources", place)
    return Sheet(
        f"{HOME}/channels/{channel.slug}/sources/{place}",
        "Source",
        _source_fields(publication),
        base,
        channel.title,
        back=f"{HOME}#channels",
        offers=[Offer("remove", "Remove this source", lambda tree, _form: _drop(tree, base))],
    )


def _drop(tree: Tree, base: Path) -> None:
    del at(tree, base[:-1])[base[-1]]


def new_source_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """A source to add."""
    channel, number = channel_at(publication, parts)
    fields = _source_fields(publication)
    base: Path = ("channels", number, "sources", len(channel.sources))

    def edit(tree: Tree, form: Form) -> None:
        at(tree, channel_path(tree, channel.slug)).setdefault("sources", []).append({})
        write(tree, base, fields, form)

    return Sheet(
        f"{HOME}/channels/{channel.slug}/sources/new",
        "Add a source",
        fields,
        base,
        channel.title,
        back=f"{HOME}#channels",
        edit=edit,
        given={"kind": "feed", "every": "30m"},
        intro="Its first fetch fills feeds and pages, never a mail.",
    )
