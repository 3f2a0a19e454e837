"""The forms of topics, and of the limits of groups of domains."""

from collections.abc import Sequence

from colporteur.articles.retopicing import retopic
from colporteur.audience.rehousing import retell_topic
from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.publication.domains import PRESETS
from colporteur.publication.editing import Path, Tree, put
from colporteur.publication.editing.parts import (
    merge_topic,
    remove_topic,
    rename_topic,
)
from colporteur.publication.editing.tree import free_name
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.settings.fields import Field, typed, write
from colporteur.web.newsroom.settings.sheets import HOME, Effect, Note, Offer, Sheet
from colporteur.web.newsroom.settings.whole import each_language

_BACK = f"{HOME}#topics"
_SHORT = "Small letters, digits and hyphens. It stands in addresses; its former ones lead on."


def topic_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """One topic: its names, and its end."""
    slug = parts["topic"]
    topic = publication.topics.get(slug)
    if topic is None:
        raise UnknownName("There is no such topic.", cure="See the settings.")
    tag = publication.languages[0]
    base: Path = ("topics", slug)
    short = Field(("slug",), "Short name", hint=_SHORT)
    fields = [*each_language(publication, "name", "Name: %(language)s"), short]

    def edit(tree: Tree, form: Form) -> None:
        write(tree, base, fields[:-1], form)
        rename_topic(tree, slug, str(typed(form, short)))

    others = [
        (one, other.name.get(tag, one)) for one, other in publication.topics.items() if one != slug
    ]
    merging = Field(("into",), "Its successor", "choice", options=others, own_words=True)
    return Sheet(
        f"{HOME}/topics/{slug}",
        "Topic",
        fields,
        base,
        topic.name.get(tag, slug),
        back=_BACK,
        edit=edit,
        given={"slug": slug},
        offers=[
            *(
                [
                    Offer(
                        "merge",
                        "Merge into its successor",
                        lambda tree, form: merge_topic(tree, slug, form.one("into")),
                        hint="Articles and readers’ choices go to the successor, and so do its addresses.",
                        fields=(merging,),
                        effect=_merging(slug),
                    )
                ]
                if others
                else []
            ),
            Offer("remove", "Remove this topic", lambda tree, _form: remove_topic(tree, slug)),
        ],
    )


def _merging(slug: str) -> Effect:
    """Articles and readers of a topic become its successor's."""

    def effect(desk: Desk, form: Form) -> list[Note]:
        into = form.one("into")
        if into not in desk.publication.topics or into == slug:
            return []
        gone, kept = desk.names.topics[slug], desk.names.topics[into]
        readers = retell_topic(desk.connection, gone, kept, by=desk.by, now=desk.now)
        written = retopic(desk.connection, gone, kept)
        return [
            Note("Readers whose choice goes to the successor: %(number)s", readers),
            Note("Articles that go to the successor: %(number)s", written),
        ]

    return effect


def new_topic_sheet(publication: Publication, _parts: dict[str, str]) -> Sheet:
    """A topic to add."""
    fields = list(each_language(publication, "name", "Name: %(language)s"))

    def edit(tree: Tree, form: Form) -> None:
        words = next((form.one(one.name) for one in fields if form.one(one.name)), "topic")
        slug = free_name(words, {*publication.topics, "archive"})
        put(tree, ("topics", slug), {})
        write(tree, ("topics", slug), fields, form)

    return Sheet(
        f"{HOME}/topics/new",
        "Add a topic",
        fields,
        ("topics", "new"),
        back=_BACK,
        edit=edit,
        intro="A channel offers it once you tick it among the channel’s topics.",
    )


def group_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """How much one mailbox provider takes at a time."""
    name = parts["group"]
    if name not in PRESETS and name not in publication.domain_groups:
        raise UnknownName("There is no such group.", cure="See the settings.")
    base: Path = ("domain_groups", name)
    fields = _group_fields(shipped=name in PRESETS)
    offers = []
    if name in publication.domain_groups:
        label = "As shipped again" if name in PRESETS else "Remove this group"
        offers = [Offer("remove", label, lambda tree, _form: put(tree, base, None))]
    return Sheet(
        f"{HOME}/groups/{name}",
        "Limits of a mailbox provider",
        fields,
        base,
        name,
        back=f"{HOME}#limits",
        edit=lambda tree, form: _write_group(tree, base, fields, form),
        offers=offers,
        intro="An empty field is as shipped." if name in PRESETS else "",
    )


def _write_group(tree: Tree, base: Path, fields: Sequence[Field], form: Form) -> None:
    write(tree, base, fields, form)
    if not form.one("off"):  # a group that says nothing is as shipped
        put(tree, (*base, "off"), None)


def new_group_sheet(_publication: Publication, _parts: dict[str, str]) -> Sheet:
    """A group to add."""
    short = Field(("name",), "Short name", hint="Small letters, digits and hyphens.")
    fields = _group_fields(shipped=False)

    def edit(tree: Tree, form: Form) -> None:
        name = str(typed(form, short)) or "-"
        write(tree, ("domain_groups", name), fields, form)

    return Sheet(
        f"{HOME}/groups/new",
        "Add a mailbox provider",
        [short, *fields],
        ("domain_groups", "new"),
        back=f"{HOME}#limits",
        edit=edit,
    )


def _group_fields(*, shipped: bool) -> list[Field]:
    found = [
        Field(("domains",), "Domains", "list", hint="What follows the @, with commas between."),
        Field(("connections",), "Connections at once", "number"),
        Field(("messages",), "Messages on each", "number"),
        Field(("limits",), "Messages in a span", "limits", hint="Such as 20/second, 5000/hour"),
    ]
    off = Field(("off",), "No limits for its addresses", "tick")
    return [*found, off] if shipped else found


def topic_sheets(publication: Publication) -> Sequence[Sheet]:
    """The forms of all topics and groups that are there."""
    topics = [topic_sheet(publication, {"topic": slug}) for slug in publication.topics]
    groups = [group_sheet(publication, {"group": name}) for name in publication.domain_groups]
    return [*topics, *groups]
