"""Made-up pages of a publication, to see whether their templates render."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from colporteur.digests.cards import Card
from colporteur.digests.samples import MOMENT, cards
from colporteur.publication import Publication
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.templating import language
from colporteur.web.archive import Shown
from colporteur.web.editions import EditionView
from colporteur.web.outbox import Mail
from colporteur.web.pages import ChannelLink, FeedLink, channel_link
from colporteur.web.preferences.page import (
    ChannelChoices,
    Option,
    OtherChannel,
    Preferences,
    TopicChoice,
)
from colporteur.web.signing_up.confirming import Button, First
from colporteur.web.signing_up.form import Pick, SignupForm
from colporteur.web.site import ArticleView


def sample_pages(
    publication: Publication, tag: str, site: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every page of the site in a language: its template, and what it is handed."""
    channel = channel_link(publication.channels[0], site)
    shown = cards(tag, site)
    forms = list(_forms(tag))
    several, one, none = forms[0], forms[1], replace(forms[0], picks=())
    yield "home", {"sections": [(channel, shown), (channel, [])], "signup": several}
    yield "channel", {"channel": channel, "cards": shown, "signup": one}
    yield "channel", {"channel": channel, "cards": [], "signup": none}
    yield from _signing_up(forms, none)
    for card in shown:
        own = {name: getattr(card, name) for name in ("title", "teaser", "date", "iso_date")}
        view = ArticleView(
            **own,
            standfirst=card.teaser,
            body_html=Markup("<p>A text.</p>") if card.image else Markup(),
            authors=card.authors,
            topics=card.topics,
            language=card.language,
            direction=card.direction,
            image=card.image,
            source_url="" if card.image else card.url,
            channel=channel,
        )
        yield "article", {"article": view}
        yield "article_preview", {"article": view, "card": card}
    yield from _editions(channel, shown, site)
    yield "error", {"status": 404, "heading": "A heading", "message": "A sentence."}
    yield "hub", {}
    yield "feed", _feed(f"{site}/feeds/sample")
    yield from _leaving(channel)
    yield from _preferences(channel)
    yield from _outbox(tag)


def _editions(
    channel: ChannelLink, found: Sequence[Card], site: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = Shown(
        title="A subject",
        url=f"{site}/editions/sample",
        kind="A kind",
        channel_title=channel.title,
        language=channel.language,
        direction=channel.direction,
        date="A day",
        iso_date=MOMENT.isoformat(),
        count="3",
    )
    yield "archive", {"sections": [(channel, [listed], True), (channel, [], False)]}
    pages = {"previous": f"{site}/archive/a", "following": f"{site}/archive/a?page=3"}
    yield "archive_channel", {"channel": channel, "editions": [listed], **pages}
    none = {"previous": "", "following": ""}
    yield "archive_channel", {"channel": channel, "editions": [], **none}
    whole = EditionView(
        about=listed,
        named_after_lead=True,
        intro=Markup("<p>A word.</p>"),
        preheader="A line.",
        lead=found[0],
        cards=list(found[1:]),
        whole_url=listed.url,
        archive_url=channel.archive_url,
        channel=channel,
        locale="en_GB",
    )
    yield "edition", {"edition": whole}
    named = replace(whole, named_after_lead=False, intro=Markup(), whole_url="")
    yield "edition", {"edition": replace(named, lead=None, cards=[], channel=None)}


def _forms(tag: str) -> Iterator[SignupForm]:
    """The form blank, for one channel, and with each problem that it may have."""
    direction = language(tag).direction
    picks = tuple(
        Pick(f"sample-{number}", f"A channel {number}", "A sentence.", tag, direction, number > 1)
        for number in (1, 2)
    )
    form = SignupForm("/subscribe", tag, "sample", picks, "What you agree to.")
    yield form
    yield replace(form, picks=picks[:1], address="leila@example.org", last=True)
    yield replace(form, problem="A problem.")
    yield replace(form, problem="A problem.", wrong="channel")
    yield replace(form, problem="A problem.", wrong="address", address='"<b>&')
    yield replace(form, wrong="address", address="a@gmial.com", meant="a@gmail.com")


def _signing_up(
    forms: Sequence[SignupForm], none: SignupForm
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for form in (*forms, none):
        yield "subscribe", {"signup": form}
    sent = {"address": "leila@example.org", "channels_chosen": ["A channel"]}
    yield "subscribe_sent", sent
    yield "subscribe_elsewhere", {"snippet": "<form>…</form>"}
    for by_itself in (True, False):
        asked = Button("ask", "l…@example.org", ("A channel",), by_itself=by_itself)
        yield "confirm", {"button": asked}
    firsts = (First("A channel", "Monday at 07:00"), First("Another", ""))
    yield "confirm", {"button": Button("done", firsts=firsts, preferences_url="/sample")}
    yield "confirm", {"button": Button("again")}
    yield "confirm", {"button": Button("left")}
    yield "confirm", {"button": Button("gone")}


def _leaving(channel: ChannelLink) -> Iterator[tuple[str, Mapping[str, Any]]]:
    said = {"channel_title": channel.title, "address": "l…@example.org", "token": "x"}
    for stage in ("ask", "left", "thanks", "return", "back", "over"):
        for undo in ("", "/unsubscribe/undo/x"):
            yield "unsubscribe", {**said, "stage": stage, "undo": undo, "edition": undo[:4]}


def _preferences(channel: ChannelLink) -> Iterator[tuple[str, Mapping[str, Any]]]:
    options = [Option("", "As usual", chosen=False), Option("a", "An option", chosen=True)]
    title = (channel.title, channel.language, channel.direction)
    full = ChannelChoices(
        7,
        *title,
        paused="A day",
        cadences=options,
        weekdays=options,
        hour="25:00",
        layouts=options,
        specials=True,
        topics=[TopicChoice("3", "A topic", only=True, never=True)],
    )
    bare = replace(full, paused="", cadences=[], weekdays=[], topics=[], specials=False)
    faults = {"7-hour": "hour", "7-topics": "topics", "zone": "zone", "pause": "past"}
    faults |= {"address": "own", "join": "refused", "language": "listed"}
    page = Preferences(
        path="/preferences/x",
        address="l…@example.org",
        state="active",
        channels=[full, bare],
        others=[OtherChannel(8, channel.title, "A description", *title[1:])],
        languages=options,
        zone="Europe/Paris",
        zones=["Europe/Paris"],
        pause="2027-01-15",
        backlog=True,
        feeds=[("RSS", "https://news.example.org/feeds/private/x.rss")],
        new_address="",
        wording="A sentence.",
        done="",
        faults={},
    )
    yield "preferences", {"prefs": page}
    yield "preferences", {"prefs": replace(page, faults=faults)}
    for done in ("saved", "joined", "left", "feed", "feed-ended", "asked", "mailed"):
        none: dict[str, Any] = {"channels": [], "others": [], "feeds": []}
        yield "preferences", {"prefs": replace(page, **none, state="bounced", done=done)}
    yield "preferences", {"prefs": replace(page, state="complained", faults={"pause": "date"})}
    more = {"fault": "", "typed": "", "old": "a", "new": "b", "there": "/"}
    for kind in (
        "ask",
        "sent",
        "expired",
        "export",
        "erase",
        "erased",
        "move",
        "moved",
        "not-free",
        "over",
    ):
        for fault in ("", "address", "many") if kind == "ask" else ("",):
            shown = {"kind": kind, "action": "/", "hidden": {"sure": "yes"}}
            yield "preferences_notice", {**shown, "more": {**more, "fault": fault}}


def _feed(address: str) -> dict[str, Any]:
    links = [FeedLink(LABELS[one], f"{address}.{one}") for one in FORMATS]
    values = {"feed_title": "A feed", "feed_label": links[0].label, "feed_url": links[0].href}
    return {**values, "others": links[1:]}


def _outbox(tag: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    date = f"{MOMENT:%Y-%m-%d} {language(tag).tag}"
    mail = Mail("/outbox/x", "leila@example.org", "A subject", date, 4711, [("Subject", "A")])
    yield "outbox", {"messages": [mail]}
    yield "outbox", {"messages": []}
    hrefs = {"html_href": "?a", "text_href": "?b", "source_href": "?c", "frame_src": "/frame"}
    for part in ("html", "text", "source"):
        yield "outbox_message", {"message": mail, "part": part, "content": "A text.", **hrefs}
