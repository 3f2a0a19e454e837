"""The forms of a channel's cadences."""

from collections.abc import Sequence

from colporteur.publication import Publication
from colporteur.publication.cadences import RULES_OF, WEEKDAYS
from colporteur.publication.editing import Path, Tree, at, put
from colporteur.publication.editing.tree import free_name
from colporteur.web.bodies import Form
from colporteur.web.newsroom.settings.fields import Field, write
from colporteur.web.newsroom.settings.month_days import MONTH_DAYS
from colporteur.web.newsroom.settings.sheets import HOME, Offer, Sheet, channel_at
from colporteur.web.newsroom.settings.whole import each_language

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
NEW_MAX_AGE = "7d"


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
        f"{channel.title} · {channel.called(name, channel.language)}",
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
