"""Renders the page of a reader's choices, and the short ones around it."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import HTMLResponse

from colporteur.audience.addresses import mask
from colporteur.audience.links import private_feed_link
from colporteur.publication import Publication
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.templating import Templates
from colporteur.web.pages import Pages
from colporteur.web.preferences.page import (
    ChannelChoices,
    Preferences,
    channel_choices,
    languages,
    other_channels,
)
from colporteur.web.preferences.typed import Faults, Typed, standing_now, zones
from colporteur.web.preferences.visiting import Visit
from colporteur.web.private import PRIVATE

_REFUSED = 422


class Showing:
    """The pages of ``/preferences``, private and told to nobody else."""

    def __init__(self, pages: Pages, templates: Templates) -> None:
        self._pages = pages
        self._templates = templates

    def choices(
        self,
        token: str,
        to: Visit,
        *,
        typed: Typed | None = None,
        faults: Faults | None = None,
        new_address: str = "",
        done: str = "",
    ) -> HTMLResponse:
        """The page as it stands, or as it was ``typed`` where something of it was refused."""
        tag = to.language
        words = self._templates.catalogue(tag)
        shown = typed or standing_now(to.publication, to.courses, tag)
        key = to.reader.feed_key
        feed = private_feed_link(to.links.secret_key, to.links.site, to.reader.id, key or "")
        found = Preferences(
            path=f"/preferences/{token}",
            address=mask(to.reader.address),
            state=to.reader.state,
            channels=self._channels(to, shown),
            others=other_channels(to.publication, to.names, to.courses),
            languages=languages(to.publication, shown),
            zone=shown.zone,
            zones=zones(),
            pause=shown.pause,
            backlog=shown.backlog,
            feeds=[(LABELS[one], f"{feed}.{one}") for one in FORMATS] if key else [],
            new_address=new_address,
            wording=self.wording(tag),
            done=done,
            faults=faults or {},
        )
        code = _REFUSED if faults else 200
        title = words.gettext("Your choices")
        return self.page("preferences", to.publication, tag, title, code=code, prefs=found)

    def _channels(self, to: Visit, shown: Typed) -> list[ChannelChoices]:
        words = self._templates.catalogue(to.language)
        return [
            channel_choices(
                to.publication,
                to.names,
                one,
                shown.channels[one.choice.channel_id],
                to.language,
                words,
            )
            for one in to.courses
        ]

    def wording(self, tag: str) -> str:
        """What somebody says yes to who has another channel sent."""
        return self._templates.catalogue(tag).gettext(
            "With this button you ask us to write to you at this address, until you say otherwise."
        )

    def page(
        self,
        template: str,
        publication: Publication,
        tag: str,
        title: str,
        *,
        code: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """A page that is one reader's own."""
        response = self._pages.render(
            template, publication, tag, title, noindex=True, code=code, **context
        )
        response.headers.update(PRIVATE)
        return response

    def notice(
        self,
        publication: Publication,
        tag: str,
        kind: str,
        *,
        action: str = "",
        code: int = 200,
        hidden: Mapping[str, str] | None = None,
        **more: Any,
    ) -> HTMLResponse:
        """A page that says one thing, by its kind, with one button at most (to ``action``)."""
        words = self._templates.catalogue(tag)
        return self.page(
            "preferences_notice",
            publication,
            tag,
            words.gettext("Your choices"),
            code=code,
            kind=kind,
            action=action,
            hidden=dict(hidden or {}),
            more=more,
        )
