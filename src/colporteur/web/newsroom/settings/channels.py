"""The forms of a channel: what it is, its digests, its cadences, its sources, its dates."""

from collections.abc import Sequence

from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.publication.cadences import RULES_OF
from colporteur.publication.editing import Path, Tree, put
from colporteur.publication.editing.parts import rename_channel
from colporteur.publication.editing.tree import free_name
from colporteur.publication.model import LAYOUTS
from colporteur.web.bodies import Form
from colporteur.web.newsroom.settings.cadences import DAYS, NEW_MAX_AGE, RULES, cadence_sheet
from colporteur.web.newsroom.settings.fields import Field, typed, write
from colporteur.web.newsroom.settings.sheets import HOME, Sheet, channel_at
from colporteur.web.newsroom.settings.whole import DURATION, language_name

LAYOUT_NAMES = dict(zip(LAYOUTS, ("Briefing", "Headlines", "Texts without pictures"), strict=True))
_SHORT = "Small letters, digits and hyphens. It stands in addresses; its former ones lead on."


def topic_options(publication: Publication) -> Sequence[tuple[str, str]]:
    """The topics by name, in the main language."""
    tag = publication.languages[0]
    return [(slug, one.name.get(tag, slug)) for slug, one in publication.topics.items()]


def _about(publication: Publication) -> list[Field]:
    tongues = [(tag, language_name(tag)) for tag in publication.languages]
    own = "Its own, where they are not the publication’s"
    return [
        Field(("title",), "Title"),
        Field(("slug",), "Short name", hint=_SHORT),
        Field(("language",), "Language", "choice", options=tongues, own_words=True),
        Field(("description",), "Description", "area"),
        Field(
            ("topics",),
            "Topics that its readers choose from",
            "picks",
            options=topic_options(publication),
            own_words=True,
        ),
        Field(("feed", "limit"), "Entries in its feeds", "number"),
        Field(("feed", "full_text"), "Its feeds hold whole texts, not teasers alone", "tick"),
        Field(("sender", "name"), "Name of the sender", group=own),
        Field(("sender", "address"), "Address of the sender", group=own),
        Field(("postal_address",), "Postal address", "area", group=own),
        Field(("footer",), "Footer", "area", group=own),
    ]


def channel_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """What a channel is."""
    channel, number = channel_at(publication, parts)
    base: Path = ("channels", number)
    fields = _about(publication)

    def edit(tree: Tree, form: Form) -> None:
        to = str(typed(form, fields[1]))
        write(tree, base, [one for one in fields if one.name != "slug"], form)
        rename_channel(tree, channel.slug, to)

    return Sheet(
        f"{HOME}/channels/{channel.slug}",
        "Channel",
        fields,
        base,
        channel.title,
        back=f"{HOME}#channels",
        edit=edit,
    )


def new_channel_sheet(publication: Publication, _parts: dict[str, str]) -> Sheet:
    """A channel to add, with its first cadence."""
    fields = [*_about(publication), *_first_cadence()]

    def edit(tree: Tree, form: Form) -> None:
        base: Path = ("channels", len(tree["channels"]))
        tree["channels"].append({})
        write(tree, base, fields[: -len(_first_cadence())], form)
        if form.one("rule"):
            name = free_name(form.one("rule"), ())
            rule = {"rule": form.one("rule")} | _days_of(form)
            put(tree, (*base, "digest"), {"max_age": NEW_MAX_AGE, "cadences": {name: rule}})

    return Sheet(
        f"{HOME}/channels/new",
        "Add a channel",
        fields,
        ("channels", len(publication.channels)),
        back=f"{HOME}#channels",
        edit=edit,
        given={"feed.limit": "30", "feed.full_text": True, "rule": "daily", "at": ["07:00"]},
    )


def _first_cadence() -> list[Field]:
    group = "When its digests come"
    rules = [("", "No digests: a feed alone"), *(one for one in RULES if one[0] in _EASY)]
    return [
        Field(("rule",), "Rhythm", "choice", options=rules, group=group),
        Field(("weekdays",), "Weekdays", "picks", options=list(DAYS.items()), group=group),
        Field(("at",), "Hours", "list", hint="Such as 07:00 or 07:00, 18:00", group=group),
    ]


_EASY = {"daily", "weekly", "instant"}


def _days_of(form: Form) -> dict[str, object]:
    found: dict[str, object] = {}
    if form.one("rule") in RULES_OF["weekdays"] and form.all("weekdays"):
        found["weekdays"] = list(form.all("weekdays"))
    hours = typed(form, Field(("at",), "", "list"))
    return found | ({"at": hours} if hours else {})


def digest_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """Thresholds and hours of a channel's digests."""
    channel, number = channel_at(publication, parts)
    if channel.digest is None:
        raise UnknownName("This channel has no digests.", cure="Add a cadence to it.")
    layouts = list(LAYOUT_NAMES.items())
    return Sheet(
        f"{HOME}/channels/{channel.slug}/digest",
        "Digests",
        [
            Field(("max_age",), "Oldest article that may go out", "duration", hint=DURATION),
            Field(
                ("min_items",),
                "Fewest articles",
                "number",
                hint="For each reader; fewer wait for the next edition.",
            ),
            Field(
                ("max_items",),
                "Most articles",
                "number",
                hint="For each reader; the rest is offered by a link.",
            ),
            Field(("freeze",), "Fixed before its hour by", "duration", hint=DURATION),
            Field(
                ("catch_up",),
                "Sent late by at most",
                "duration",
                hint="What is missed for longer is not sent any more.",
            ),
            Field(("approval",), "An edition leaves when somebody approved it", "tick"),
            Field(
                ("layout",),
                "Layout",
                "choice",
                options=layouts,
                hint="Where the reader chose none.",
            ),
            Field(
                ("quiet_hours",),
                "Quiet hours",
                hint="Its own, such as 22:00-07:00; none: not the publication’s either.",
            ),
            Field(("max_errors",), "Pause after so many messages refused in a row", "number"),
            Field(("give_up",), "Give a message up after", "duration", hint=DURATION),
        ],
        ("channels", number, "digest"),
        channel.title,
        back=f"{HOME}#channels",
    )


def skip_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """Dates on which nothing is due."""
    channel, number = channel_at(publication, parts)
    if channel.digest is None:
        raise UnknownName("This channel has no digests.", cure="Add a cadence to it.")
    return Sheet(
        f"{HOME}/channels/{channel.slug}/skip",
        "Dates without editions",
        [Field(("skip",), "Dates", "dates", hint="What was due then comes with the next edition.")],
        ("channels", number, "digest"),
        channel.title,
        back=f"{HOME}#channels",
    )


def channel_sheets(publication: Publication) -> list[Sheet]:
    """Every form of every channel that is there."""
    found = []
    for channel in publication.channels:
        parts = {"channel": channel.slug}
        found.append(channel_sheet(publication, parts))
        if channel.digest:
            found += [digest_sheet(publication, parts), skip_sheet(publication, parts)]
            found += [
                cadence_sheet(publication, parts | {"cadence": name})
                for name in channel.digest.cadences
            ]
    return found
