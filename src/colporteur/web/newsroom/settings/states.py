"""Pausing and archiving a channel."""

from colporteur.audience.rehousing import House, rehouse
from colporteur.editions.beginning import start_number
from colporteur.publication import Publication
from colporteur.publication.editing import Path, Tree, put
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.settings.fields import Field
from colporteur.web.newsroom.settings.sheets import HOME, Effect, Note, Sheet, channel_at

STATES = (
    ("open", "Open: its editions leave"),
    ("paused", "Paused: feeds go on, and no edition leaves"),
    (
        "archived",
        "Archived: nobody can subscribe any more; feeds and past editions stay readable",
    ),
)
_BETWEEN = "/"


def state_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """Whether a channel is open, paused or archived; and where its readers go then."""
    channel, number = channel_at(publication, parts)
    base: Path = ("channels", number)
    houses = [
        (f"{one.slug}{_BETWEEN}{name}", f"{one.title} · {rule.name.get(one.language, name)}")
        for one in publication.channels
        if one.sends and one.slug != channel.slug and one.digest
        for name, rule in one.digest.cadences.items()
    ]
    houses.sort(key=lambda one: publication.channel(_split(one[0])[0]).language != channel.language)
    fields = [Field(("state",), "State", "choice", options=STATES)]
    if houses:
        label = "Where its readers go when it is archived"
        fields.append(Field(("heir",), label, "choice", options=houses, own_words=True))

    def edit(tree: Tree, form: Form) -> None:
        put(tree, (*base, "state"), form.one("state") or None)

    return Sheet(
        f"{HOME}/channels/{channel.slug}/state",
        "Pause or archive",
        fields,
        base,
        channel.title,
        back=f"{HOME}#channels",
        edit=edit,
        effect=_moving(channel.slug, [value for value, _ in houses]),
        intro="Its readers get nothing until it is open again. Articles that are young enough "
        "come with its first edition then.",
    )


def _moving(slug: str, houses: list[str]) -> Effect:
    """The readers of an archived channel go to the one that was chosen."""

    def effect(desk: Desk, form: Form) -> list[Note]:
        heir = form.one("heir")
        if form.one("state") != "archived" or heir not in houses:
            return []
        name, cadence = _split(heir)
        channel = desk.publication.channel(name)
        rule = channel.cadence(cadence)
        to = House(
            desk.names.channels[name],
            cadence,
            start_number(desk.connection, desk.publication, channel, cadence, desk.now),
            weekly=rule.spans_weeks,
            hourly=rule.rule != "instant",
        )
        done = rehouse(desk.connection, desk.names.channels[slug], to, by=desk.by, now=desk.now)
        return [
            Note("Readers who go to the other channel: %(number)s", done.moved),
            Note("Readers who have the other channel already, or left it: %(number)s", done.ended),
        ]

    return effect


def _split(heir: str) -> tuple[str, str]:
    slug, _, cadence = heir.partition(_BETWEEN)
    return slug, cadence
