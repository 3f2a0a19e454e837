"""The forms of a channel: what it is, its digests, its cadences, its sources, its dates."""

from collections.abc import Sequence

from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.cadences import RULES_OF, WEEKDAYS
from colporteur.publication.editing import Path, Tree, at, put
from colporteur.publication.editing.parts import rename_channel
from colporteur.publication.editing.tree import free_name
from colporteur.publication.model import LAYOUTS
from colporteur.web.bodies import Form
from colporteur.web.newsroom.settings.fields import Field, typed, write
from colporteur.web.newsroom.settings.month_days import MONTH_DAYS
from colporteur.web.newsroom.settings.sheets import HOME, Offer, Sheet
from colporteur.web.newsroom.settings.whole import DURATION, each_language, language_name

DAYS = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
RULES = (
    ("daily", "Every day, or on some weekdays"),
    ("weekly", "Every week, on one weekday"),
    ("monthly", "Every month"),
    ("every", "Every so many days"),
    ("instant", "At once, with each article"),
)
LAYOUT_NAMES = dict(zip(LAYOUTS, ("Briefing", "Headlines", "Texts without pictures"), strict=True))
_SHORT = "Small letters, digits and hyphens. It stands in addresses; its former ones lead on."
NEW_MAX_AGE = "7d"


def channel_at(publication: Publication, parts: dict[str, str]) -> tuple[Channel, int]:
    """The channel of an address, and its place.

    Raises:
        UnknownName: there is none.
    """
    for number, one in enumerate(publication.channels):
        if one.slug == parts["channel"]:
            return one, number
    raise UnknownName("There is no such channel.", cure="See the settings.")


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


def _cadence_fields(publication: Publication) -> list[Field]:
    monthly, every = "Every month", "Every so many days"
    return [
        *each_language(publication, "name", "Name: %(language)s"),
        Field(("rule",), "Rhythm", "choice", options=RULES),
        Field(("at",), "Hours", "list", hint="Such as 07:00 or 07:00, 18:00"),
        Field(("weekdays",), "Weekdays", "picks", options=list(DAYS.items())),
        Field(("day",), "Day of the month", "number", hint="31: the last", group=monthly),
        Field(
            ("on",),
            "Or a weekday of the month",
            "choice",
            options=MONTH_DAYS,
            group=monthly,
        ),
        Field(("every",), "How often", "duration", hint="Such as 3d or 2w", group=every),
        Field(("starting",), "Its first date", hint="Such as 2026-11-23", group=every),
        Field(("timezone",), "Time zone", hint="Empty: the publication’s."),
    ]


def _write_cadence(tree: Tree, base: Path, fields: Sequence[Field], form: Form) -> None:
    """Write a cadence; days that belong to another rhythm are left out."""
    rule = form.one("rule")
    for one in fields:
        rules = RULES_OF.get(one.path[0])
        if rules is not None and rule not in rules:
            put(tree, (*base, *one.path), None)
        elif one.name == "at" and rule == "instant":
            put(tree, (*base, "at"), None)
        else:
            write(tree, base, [one], form)


def cadence_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """One cadence."""
    channel, number = channel_at(publication, parts)
    name = parts["cadence"]
    channel.cadence(name)
    base: Path = ("channels", number, "digest", "cadences", name)
    fields = _cadence_fields(publication)

    def remove(tree: Tree, _form: Form) -> None:
        offered = at(tree, base[:-1])
        if len(offered) == 1:
            put(tree, ("channels", number, "digest"), None)
        else:
            put(tree, base, None)

    return Sheet(
        f"{HOME}/channels/{channel.slug}/cadences/{name}",
        "Cadence",
        fields,
        base,
        f"{channel.title} · {_named(channel, name, publication)}",
        back=f"{HOME}#channels",
        edit=lambda tree, form: _write_cadence(tree, base, fields, form),
        offers=[Offer("remove", "Remove this cadence", remove)],
    )


def new_cadence_sheet(publication: Publication, parts: dict[str, str]) -> Sheet:
    """A cadence to add."""
    channel, number = channel_at(publication, parts)
    fields = _cadence_fields(publication)

    def edit(tree: Tree, form: Form) -> None:
        names = [form.one(f"name.{tag}") for tag in publication.languages]
        taken = channel.digest.cadences if channel.digest else {}
        name = free_name(next((one for one in names if one), "") or form.one("rule"), taken)
        digest: Path = ("channels", number, "digest")
        if at(tree, digest) is None:
            put(tree, digest, {"max_age": NEW_MAX_AGE})
        _write_cadence(tree, (*digest, "cadences", name), fields, form)

    return Sheet(
        f"{HOME}/channels/{channel.slug}/cadences/new",
        "Add a cadence",
        fields,
        ("channels", number, "digest", "cadences", "new"),
        channel.title,
        back=f"{HOME}#channels",
        edit=edit,
        given={"rule": "daily", "at": ["07:00"]},
    )


def _named(channel: Channel, cadence: str, publication: Publication) -> str:
    names = channel.cadence(cadence).name
    return names.get(channel.language) or names.get(publication.languages[0]) or cadence


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
