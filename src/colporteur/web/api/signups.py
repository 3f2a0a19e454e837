"""``/api/v1/signups``: a program of the publication's own signs readers up; they confirm as any do."""

import ipaddress
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.consent import Asked
from colporteur.audience.doubts import is_disposable, likely_meant
from colporteur.db import reading
from colporteur.delivery.welcoming.asking import Wish, named
from colporteur.exceptions import AddressRefused, ChoiceRefused
from colporteur.publication import Publication
from colporteur.publication.revisions import require
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.bodies import article_bytes
from colporteur.web.api.callers import Callers
from colporteur.web.api.edition_bodies import Line, Text, read_as
from colporteur.web.api.noting import note
from colporteur.web.api.problems import Problem
from colporteur.web.api.repeating import PARAMETER, repeatable
from colporteur.web.api.schema import PROBLEMS, body_of
from colporteur.web.signing_up.reception import Reception

_SIGNUPS = "/api/v1/signups"
_CHANNELS_AT_MOST = 50
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read


def _ip(text: str) -> str:
    """An address as it is written usually; the zone of a scoped one (RFC 4007) is our host's."""
    if "%" in text:
        raise ValueError("must be an IP address without a zone")
    return str(ipaddress.ip_address(text))


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or text != text.strip("\r\n"):
        raise ValueError("must be one line")
    return text


def _page(text: str) -> str:
    if text and not text.lower().startswith(("http://", "https://")):
        raise ValueError("must be an address of http or https")
    return _one_line(text)


class SignupBody(BaseModel):
    """Who asked for what. ``ip`` is the visitor's, and is counted as if they had used our form."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "address": "leila@example.org",
                    "channels": ["actualites"],
                    "wording": "Receive our morning digest.",
                    "form_url": "https://news.example.org/account",
                    "ip": "192.0.2.7",
                }
            ]
        },
    )

    address: Annotated[str, Field(max_length=1000)]
    channels: Annotated[list[Line], Field(max_length=_CHANNELS_AT_MOST)] = []
    language: Line | None = Field(None, description="Of letters; else the first channel's.")
    name: Annotated[Line, AfterValidator(_one_line)] = ""
    last_edition: bool = Field(False, description="Bring the last edition at once.")
    wording: Text = Field("", description="What they agreed to, kept as the record of consent.")
    form_url: Annotated[Line, AfterValidator(_page)] = ""
    ip: Annotated[str, AfterValidator(_ip)] | None = None


class AcceptedView(BaseModel):
    """The same for every address that can be written to. ``meant``: it looks mistyped."""

    accepted: bool
    meant: str | None


def signup_routes(runtime: Runtime, callers: Callers) -> APIRouter:
    """The route that signs readers up."""
    routes = APIRouter(tags=["signups"], responses=PROBLEMS, route_class=repeatable(callers))
    allowed = Annotated[Token, callers.having(Scope.SIGNUPS)]
    reception = Reception(runtime)

    @routes.post(
        _SIGNUPS,
        status_code=202,
        summary="Sign a reader up",
        openapi_extra=body_of(SignupBody) | PARAMETER,
    )
    def sign_up(token: allowed, data: Body) -> AcceptedView:
        """They get a letter with one button, and nothing else before they press it."""
        asked = read_as(SignupBody, data)
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
        address = _address(asked, publication)
        wish = _wish(asked, address, publication)
        if asked.ip is not None:
            _let_pass(reception.wait(publication, asked.ip))

        def noted(connection: Connection, now: datetime) -> None:
            channels = [one.slug for one in wish.channels]  # and no address: a log is no register
            note(connection, token, "reader.signed_up", "signups", now, channels=channels)

        reception.take(publication, wish, noted)
        return AcceptedView(accepted=True, meant=likely_meant(address, publication.subscribing))

    return routes


def _address(asked: SignupBody, publication: Publication) -> EmailAddress:
    try:
        address = parse_address(asked.address)
    except AddressRefused as error:
        raise _refused(error.message, error.cure) from None
    if is_disposable(address, publication.subscribing):
        raise _refused(
            f"{address.domain} takes mail for some minutes only.",
            'Ask for another address, or set disposable = "accept" under [subscribing].',
        )
    return address


def _wish(asked: SignupBody, address: EmailAddress, publication: Publication) -> Wish:
    try:
        channels = named(publication, asked.channels)
    except ChoiceRefused as error:
        raise _refused(error.message, error.cure) from None
    language = asked.language or channels[0].language
    if language not in publication.languages:
        known = ", ".join(publication.languages)
        raise _refused(f"There is no language {language[:40]!r}.", f"The languages are: {known}.")
    said = Asked("api", asked.wording, asked.form_url, asked.ip, last_edition=asked.last_edition)
    return Wish(address, channels, language, said, asked.name)


def _let_pass(wait: timedelta) -> None:
    if wait:
        seconds = ceil(wait / timedelta(seconds=1))
        raise Problem(
            429,
            "Too many sign up where this visitor is.",
            f"Go on in {seconds} seconds.",
            kind="too-many",
            headers={"Retry-After": str(seconds)},
        )


def _refused(detail: str, cure: str) -> Problem:
    return Problem(422, detail, cure, kind="signup-refused", title="The sign-up was refused")
