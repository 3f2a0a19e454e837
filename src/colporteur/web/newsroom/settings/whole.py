"""The forms of the publication as a whole."""

from collections.abc import Iterator, Sequence

from babel import Locale

from colporteur.publication import Publication
from colporteur.web.newsroom.settings.fields import Field
from colporteur.web.newsroom.settings.sheets import HOME, Sheet

DURATION = "A number and m, h, d or w: 10m, 6h, 7d, 2w."
QUIET = "Such as 22:00-07:00; empty: none."


def language_name(tag: str, into: str = "") -> str:
    """What a language is called, in itself or in another."""
    own = Locale.parse(tag, sep="-")
    return str(own.get_display_name(into.partition("-")[0] or own) or tag)


def each_language(
    publication: Publication, key: str, label: str, kind: str = "line", **more: str
) -> Iterator[Field]:
    """A field for each of the publication's languages."""
    for tag in publication.languages:
        found = {"language": language_name(tag)}
        yield Field((key, tag), label, kind, tag=tag, more=found, **more)  # type: ignore[arg-type]


def publication_sheet(publication: Publication, _parts: dict[str, str]) -> Sheet:
    """Name, sender, and where answers go."""
    senders = "Another sender in one language"
    names = "Another name in one language"
    own: list[Field] = []
    for tag in publication.languages:
        more = {"language": language_name(tag)}
        own.append(
            Field(("senders", tag, "name"), "Name: %(language)s", tag=tag, group=senders, more=more)
        )
        own.append(
            Field(("senders", tag, "address"), "Address: %(language)s", group=senders, more=more)
        )
    return Sheet(
        f"{HOME}/publication",
        "Name and sender",
        [
            Field(("title",), "Name of the publication"),
            Field(
                ("sender", "name"),
                "Name of the sender",
                hint="Readers see it in their list of mails.",
            ),
            Field(("sender", "address"), "Address of the sender", hint="Of a domain of yours."),
            Field(("reply_to",), "Where answers go", hint="Empty: to the sender."),
            Field(
                ("alerts_to",),
                "Who is written to when something is wrong",
                "list",
                hint="Addresses, with commas between them.",
            ),
            Field(
                ("timezone",),
                "Time zone",
                hint="Hours and dates are told in it, such as Europe/Paris.",
            ),
            Field(("base_url",), "Address of the site", hint="Such as https://news.example.org"),
            Field(
                ("languages",),
                "Languages",
                "list",
                hint="Tags such as fr, en, ar; the first is the main one.",
            ),
            *each_language(publication, "titles", "Name: %(language)s", group=names),
            *each_language(publication, "tagline", "Sentence beneath the name: %(language)s"),
            *own,
        ],
    )


def look_sheet(_publication: Publication, _parts: dict[str, str]) -> Sheet:
    """Colours, type and logo of every mail."""
    shades = (("light", "In the light"), ("dark", "In the dark"))
    parts = (
        ("paper", "Paper"),
        ("ink", "Ink"),
        ("soft", "Small print"),
        ("accent", "Accent"),
        ("hair", "Thin lines"),
    )
    colours = [
        Field(("look", shade, part), label, "colour", group=group)
        for shade, group in shades
        for part, label in parts
    ]
    fonts = "Fonts that readers have, with commas between them."
    return Sheet(
        f"{HOME}/look",
        "Look",
        [
            Field(
                ("look", "logo"),
                "Logo in mails",
                hint="Its address: /static/logo.png or https://…; empty: the name stands there.",
            ),
            Field(("logo",), "Logo in feeds", hint="Twice as wide as high."),
            Field(("icon",), "Icon in feeds", hint="A square picture."),
            *colours,
            Field(("look", "size"), "Size of running text, in pixels", "number", hint="16 to 22"),
            Field(
                ("look", "air"), "Space between things", "number", hint="0.6 to 1.6; 1 as shipped"
            ),
            Field(("look", "text"), "Fonts of texts", hint=fonts),
            Field(("look", "labels"), "Fonts of small print", hint=fonts),
            Field(("look", "arabic"), "Fonts of Arabic", hint=fonts),
        ],
        look=True,
        intro="Words must stand out from their paper (a contrast of 4.5), in the light and in the dark.",
    )


def footer_sheet(publication: Publication, _parts: dict[str, str]) -> Sheet:
    """What stands at the end of every mail."""
    return Sheet(
        f"{HOME}/footer",
        "Footer and postal address",
        [
            *each_language(publication, "postal_address", "Postal address: %(language)s", "area"),
            *each_language(publication, "footer", "Footer: %(language)s", "area"),
        ],
        intro="Every digest carries the postal address of who sends it, in its own language.",
    )


def sending_sheet(publication: Publication, _parts: dict[str, str]) -> Sheet:
    """How mail leaves."""
    specials, beginning = "Special editions", "A new sending domain"
    domain = publication.sender.address.rpartition("@")[2].lower()
    more = {"domain": domain}
    return Sheet(
        f"{HOME}/sending",
        "Sending",
        [
            Field(("quiet_hours",), "Quiet hours", hint=QUIET),
            Field(("four_eyes",), "Nobody approves what they themselves wrote or arranged", "tick"),
            Field(
                ("specials", "hold"),
                "Time to take one back",
                "duration",
                hint=DURATION,
                group=specials,
            ),
            Field(
                ("specials", "confirm_above"),
                "Ask for the number of readers above",
                "number",
                group=specials,
            ),
            Field(
                ("specials", "approval"), "A second person approves them", "tick", group=specials
            ),
            Field(
                ("warm_up", domain, "start"),
                "First day of %(domain)s",
                hint="Such as 2026-11-23",
                group=beginning,
                more=more,
            ),
            Field(
                ("warm_up", domain, "days"),
                "Most messages on each day",
                "list",
                hint="From the first day on, such as 50, 100, 200; then any number.",
                group=beginning,
            ),
            Field(
                ("serve_images",),
                "Mails show our own copies of pictures",
                "tick",
                group="Mails and pages",
            ),
            Field(
                ("count_clicks",),
                "Count how often links are followed, never by whom",
                "tick",
                group="Mails and pages",
            ),
            Field(
                ("index_editions",),
                "Search engines may list past editions",
                "tick",
                group="Mails and pages",
            ),
        ],
    )


def signing_up_sheet(_publication: Publication, _parts: dict[str, str]) -> Sheet:
    """How readers sign up, and how long what is known of them is kept."""
    many = "At most, such as 300/hour"
    kept = "How long things are kept"
    limits = [
        Field(("subscribing", "at_most", name), label, group=many)
        for name, label in (
            ("address", "Letters to one address"),
            ("ip", "Forms from one computer"),
            ("subnet", "Forms from its neighbours"),
            ("domain", "Letters to one mailbox provider"),
            ("all", "Letters to everybody"),
        )
    ]
    spans = [
        Field(("retention", name), label, "duration", group=kept)
        for name, label in (
            ("ips", "Addresses of computers"),
            ("raw_bounces", "Messages that came back"),
            ("letters", "What letters said"),
            ("bounces", "That something came back"),
            ("refusals", "Articles that were not taken in"),
            ("polls", "How often feeds were asked for"),
            ("deliveries", "Who got which edition"),
        )
    ]
    return Sheet(
        f"{HOME}/signing-up",
        "Signing up and data",
        [
            Field(
                ("subscribing", "forget_unconfirmed"),
                "Forget who never confirmed after",
                "duration",
                hint="4d to 90d",
            ),
            Field(("subscribing", "remind"), "Remind them once, a day after the letter", "tick"),
            Field(("subscribing", "hints"), "Ask about domains that look mistyped", "tick"),
            Field(
                ("subscribing", "disposable"),
                "Addresses that last for minutes",
                "choice",
                options=(("refuse", "Refuse"), ("accept", "Accept")),
            ),
            Field(
                ("subscribing", "disposable_domains"),
                "Further such domains",
                "list",
                hint="What follows the @, with commas between.",
            ),
            Field(
                ("subscribing", "lasting_domains"),
                "Domains that are none of them",
                "list",
                hint="What follows the @, with commas between.",
            ),
            Field(
                ("subscribing", "opt_in_per_hour"), "Imported readers asked in an hour", "number"
            ),
            *limits,
            *spans,
        ],
    )


def whole_sheets(publication: Publication) -> Sequence[Sheet]:
    """All of these."""
    makers = (publication_sheet, look_sheet, footer_sheet, sending_sheet, signing_up_sheet)
    return [make(publication, {}) for make in makers]
