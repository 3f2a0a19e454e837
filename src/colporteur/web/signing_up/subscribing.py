"""``/subscribe``: the form, what came back of it, and a form for other sites."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.consent import Asked
from colporteur.audience.doubts import is_disposable, likely_meant
from colporteur.clock import utcnow
from colporteur.db import reading
from colporteur.delivery.welcoming.asking import Wish, named, offered
from colporteur.exceptions import AddressRefused, ChoiceRefused
from colporteur.publication import Channel, Publication
from colporteur.tasks import Runtime
from colporteur.web.bodies import Form, form_of
from colporteur.web.pages import Pages
from colporteur.web.private import PRIVATE
from colporteur.web.signing_up.cookie import remember
from colporteur.web.signing_up.form import (
    SignupForm,
    Typed,
    blank_form,
    page_of,
    read_typed,
    snippet,
)
from colporteur.web.signing_up.form_age import Age, age_of
from colporteur.web.signing_up.reception import Reception

ANSWERED_AFTER_S = 0.1
"""No answer comes sooner: how long one takes tells nothing of the address."""
_OURS: Mapping[str, str] = {**PRIVATE, "Referrer-Policy": "strict-origin-when-cross-origin"}
"""As of a reader's own pages, but that the form says which page it stands on."""
_AGES = {
    Age.TOO_YOUNG: "That was very quick. Please press the button once more.",
    Age.TOO_OLD: "This page had been open for a long time. Please press the button once more.",
    Age.NONE: "Please press the button once more.",
}
_REFUSED, _SLOW_DOWN = 422, 429


class _Again(Exception):  # noqa: N818 - the form is shown again, which is no error
    """The form is to be shown again, with what was typed and what is to be mended."""

    def __init__(
        self,
        problem: str,
        wrong: str = "",
        meant: str = "",
        *,
        wait: int = 0,
        anew: bool = False,
    ) -> None:
        super().__init__(problem)
        self.anew = anew  # with a new mark: its time begins again
        self.problem = problem
        self.wrong = wrong
        self.meant = meant
        self.wait = wait


@dataclass(frozen=True)
class _Sender:
    """Whose browser it is."""

    ip: str | None
    referer: str


def signing_up_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The routes of the form."""
    desk = _Desk(runtime, pages)
    routes = APIRouter()

    @routes.get("/subscribe")
    def show(channel: str = "", language: str = "") -> HTMLResponse:
        return desk.show(channel, language)

    @routes.get("/subscribe/elsewhere")
    def elsewhere(channel: str = "", language: str = "") -> HTMLResponse:
        return desk.elsewhere(channel, language)

    @routes.post("/subscribe")
    async def send(request: Request) -> HTMLResponse:
        began = time.monotonic()
        form = await form_of(request)
        sender = _Sender(
            request.client.host if request.client else None, request.headers.get("referer", "")
        )
        answer = await run_in_threadpool(desk.take, form, sender)
        await asyncio.sleep(max(0.0, began + ANSWERED_AFTER_S - time.monotonic()))
        return answer

    return routes


class _Desk:
    """The form of one installation."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages
        self._reception = Reception(runtime)

    def show(self, slug: str, wanted: str) -> HTMLResponse:
        """The form on a page of its own."""
        publication = self._publication()
        tag, ticked = _whose(publication, slug, wanted)
        ticked = ticked or tuple(one.slug for one in offered(publication) if one.language == tag)
        form = blank_form(self._runtime, publication, tag, ticked[:1])
        return self._page(publication, form, path="/subscribe")

    def elsewhere(self, slug: str, wanted: str) -> HTMLResponse:
        """A form to paste into another site."""
        publication = self._publication()
        tag, named_ones = _whose(publication, slug, wanted)
        channels = [one for one in offered(publication) if one.slug in named_ones]
        response = self._pages.render(
            "subscribe_elsewhere",
            publication,
            tag,
            self._say(tag, "A form for your own site"),
            noindex=True,
            snippet=snippet(
                self._runtime,
                publication,
                tag,
                channels or offered(publication),
                self._pages.site(publication),
            ),
        )
        response.headers.update(_OURS)
        return response

    def take(self, sent: Form, sender: _Sender) -> HTMLResponse:
        """What comes of a form: the same for every address that can be written to."""
        publication = self._publication()
        typed = read_typed(sent)
        tag = _language(publication, typed)
        try:
            wish = self._wish(publication, typed, tag, sender)
        except _Again as again:
            return self._once_more(publication, typed, tag, again)
        if not typed.trapped:
            self._reception.take(publication, wish)
        response = self._pages.render(
            "subscribe_sent",
            publication,
            tag,
            self._say(tag, "One step remains"),
            noindex=True,
            address=wish.address.text,
            channels_chosen=[one.title for one in wish.channels],
        )
        response.headers.update(_OURS)
        key, site = self._runtime.settings.secret_keys, self._pages.site(publication)
        secure = site.startswith("https://")
        remember(response, key, wish.address, utcnow(), secure=secure)
        return response

    def _wish(self, publication: Publication, typed: Typed, tag: str, sender: _Sender) -> Wish:
        age = age_of(self._runtime.settings.secret_keys, typed.mark, utcnow())
        address = self._address(publication, typed)
        channels = _channels(publication, typed)
        if age in _AGES:
            raise _Again(_AGES[age], anew=age is not Age.TOO_YOUNG)
        wait = self._reception.wait(publication, sender.ip)
        if wait:
            raise _Again(
                "Many people are signing up where you are. Please try again in a while.",
                wait=int(wait / timedelta(seconds=1)) + 1,
            )
        form = blank_form(self._runtime, publication, tag)
        asked = Asked(
            method="embed" if age is Age.ELSEWHERE else "form",
            wording=form.wording,
            form_url=page_of(sender.referer, self._pages.site(publication)),
            ip=sender.ip,
            last_edition=typed.last,
        )
        return Wish(address, channels, tag, asked)

    def _address(self, publication: Publication, typed: Typed) -> EmailAddress:
        rules = publication.subscribing
        try:
            address = parse_address(typed.meant or typed.address)
        except AddressRefused:
            raise _Again(
                "This is no e-mail address. Does it have all its letters, and one @?", "address"
            ) from None
        if is_disposable(address, rules):
            raise _Again(
                "This address lasts for some minutes only. Please give one that you keep.",
                "address",
            )
        meant = likely_meant(address, rules)
        if meant and typed.sure != typed.address:
            raise _Again("", "address", meant)
        return address

    def _once_more(
        self, publication: Publication, typed: Typed, tag: str, again: _Again
    ) -> HTMLResponse:
        ticked = [one.slug for one in publication.channels if set(typed.channels) & _names(one)]
        blank = blank_form(self._runtime, publication, tag, ticked)
        form = replace(
            blank,
            mark=blank.mark if again.anew else typed.mark,
            address=typed.address,
            last=typed.last,
            problem=self._say(tag, again.problem) if again.problem else "",
            wrong=again.wrong,
            meant=again.meant,
        )
        response = self._page(publication, form, _SLOW_DOWN if again.wait else _REFUSED)
        if again.wait:
            response.headers["Retry-After"] = str(again.wait)
        return response

    def _page(
        self, publication: Publication, form: SignupForm, code: int = 200, path: str = ""
    ) -> HTMLResponse:
        title = self._say(form.language, "Subscribe by e-mail")
        response = self._pages.render(
            "subscribe",
            publication,
            form.language,
            title,
            path=path,
            noindex=not path,
            code=code,
            signup=form,
        )
        response.headers.update(_OURS)
        if path:
            del response.headers["X-Robots-Tag"]
        return response

    def _publication(self) -> Publication:
        with reading(self._runtime.engine) as connection:
            return self._pages.publication(connection)

    def _say(self, tag: str, message: str) -> str:
        return self._runtime.templates.catalogue(tag).gettext(message)


def _whose(publication: Publication, slug: str, wanted: str) -> tuple[str, tuple[str, ...]]:
    """The language of a page that is about a channel, and that channel, if there is such."""
    found = next((one for one in offered(publication) if slug in _names(one)), None)
    if wanted in publication.languages:
        return wanted, (found.slug,) if found else ()
    tag = found.language if found else publication.languages[0]
    return tag, (found.slug,) if found else ()


def _language(publication: Publication, typed: Typed) -> str:
    if typed.language in publication.languages:
        return typed.language
    return publication.languages[0]


def _channels(publication: Publication, typed: Typed) -> tuple[Channel, ...]:
    try:
        return named(publication, typed.channels)
    except ChoiceRefused:
        raise _Again("Choose at least one of these.", "channel") from None


def _names(channel: Channel) -> set[str]:
    return {channel.slug, *channel.formerly}
