"""The outbox: what an installation without a relay "sent", as a reader's mail program shows it.

Only for whoever sits at this machine, since mails carry links that unsubscribe others; and for
people of the newsroom who may see readers. Those who do not invite people see no letter to
another of them: its link would sign them in as somebody else.
"""

import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from colporteur.db import database_now, reading
from colporteur.delivery.staff_letters import is_to_staff
from colporteur.publication import Publication
from colporteur.staff import sessions
from colporteur.staff.people import Person
from colporteur.staff.permissions import May, may
from colporteur.tasks import Runtime
from colporteur.templating import language
from colporteur.web.clients import past_a_proxy
from colporteur.web.newsroom.cookies import cookie_of
from colporteur.web.pages import Pages

SHOWN = 200
_FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox"
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_LETTER = re.compile(r"<letter-(\d{1,18})\.")
_PARTS = {"html": "html", "text": "plain"}


@dataclass(frozen=True)
class Mail:
    """One mail in the list, or open."""

    href: str
    to: str
    subject: str
    date: str
    size: int
    headers: list[tuple[str, str]]


def outbox_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The list, a mail in three views, and the frame that shows its HTML in a sandbox."""
    outbox = _Outbox(runtime, pages)
    routes = APIRouter(dependencies=[Depends(outbox.only_for_us)])
    routes.add_api_route("/outbox", outbox.listing)
    routes.add_api_route("/outbox/{name}/frame", outbox.frame)
    routes.add_api_route("/outbox/{name}", outbox.mail)
    return routes


class _Outbox:
    """The pages of one installation's outbox."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages

    def only_for_us(self, request: Request) -> None:
        """Refuse whoever neither sits at this machine nor belongs to the newsroom."""
        if self._runtime.settings.outbox is None:
            raise HTTPException(404)
        # A public site has a proxy in front, and not every proxy says that it is there.
        ours = _names_this_machine(self._pages.site(self._publication()))
        if ours and _is_local(self._runtime, request):
            request.state.sees_all = True
            return
        person = self._signed_in(request)
        if person is None or not may(person, May.READERS):
            raise HTTPException(404)
        request.state.sees_all = may(person, May.PEOPLE)

    def _signed_in(self, request: Request) -> Person | None:
        with reading(self._runtime.engine) as connection:
            now = database_now(connection)
            found = sessions.signed_in(connection, cookie_of(request), now)
        return found[0] if found else None

    def listing(self, request: Request) -> HTMLResponse:
        """The newest mails."""
        publication = self._publication()
        tag = publication.languages[0]
        shown = [one for one in _newest(_folder(self._runtime)) if self._shows(request, one)]
        mails = [_mail(path, publication, tag) for path in shown]
        title = self._runtime.templates.catalogue(tag).gettext("Outbox")
        return self._pages.render("outbox", publication, tag, title, noindex=True, messages=mails)

    def frame(self, request: Request, name: str) -> HTMLResponse:
        """A mail's HTML, where it can run nothing and reach nothing."""
        message = _parse(self._path(request, name))
        site = self._pages.site(self._publication())  # our copies of pictures
        policy = _FRAME_POLICY.replace("img-src", f"img-src {site}")
        headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'self'"}
        return HTMLResponse(_body(message, "html"), headers=headers)

    def mail(self, request: Request, name: str, part: str = "html") -> HTMLResponse:
        """One mail: as it looks, as text, or as it was sent."""
        path = self._path(request, name)
        publication = self._publication()
        tag = publication.languages[0]
        found = _mail(path, publication, tag)
        source = path.read_bytes().decode("utf-8", "replace")
        content = source if part == "source" else _body(_parse(path), _PARTS.get(part, "html"))
        return self._pages.render(
            "outbox_message",
            publication,
            tag,
            found.subject,
            noindex=True,
            message=found,
            part=part,
            content=content,
            frame_src=f"{found.href}/frame",
            html_href=f"{found.href}?part=html",
            text_href=f"{found.href}?part=text",
            source_href=f"{found.href}?part=source",
        )

    def _path(self, request: Request, name: str) -> Path:
        path = _path(self._runtime, name)
        if not self._shows(request, path):
            raise HTTPException(404)
        return path

    def _shows(self, request: Request, path: Path) -> bool:
        if request.state.sees_all:
            return True
        number = _LETTER.match(str(_parse(path)["Message-ID"] or ""))
        if number is None:
            return True
        with reading(self._runtime.engine) as connection:
            return not is_to_staff(connection, int(number[1]))

    def _publication(self) -> Publication:
        with reading(self._runtime.engine) as connection:
            return self._pages.publication(connection)


def _is_local(runtime: Runtime, request: Request) -> bool:
    """From this machine, under a name of this machine (no DNS rebinding), past no proxy unknown."""
    if not runtime.settings.trusted_proxies and past_a_proxy(request):
        return False
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return address.is_loopback and _names_this_machine(f"//{request.headers.get('host', '')}")


def _names_this_machine(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in _THIS_MACHINE or host.endswith(".localhost")


def _folder(runtime: Runtime) -> Path:
    assert runtime.settings.outbox is not None
    return runtime.settings.outbox / "new"


def _path(runtime: Runtime, name: str) -> Path:
    path = _folder(runtime) / name
    try:
        if path.parent == _folder(runtime) and path.is_file():
            return path
    except OSError:  # a name too long for any file
        pass
    raise HTTPException(404)


def _newest(folder: Path) -> Iterator[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    yield from sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)[:SHOWN]


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(EmailMessage, policy=email.policy.default).parse(file)


def _mail(path: Path, publication: Publication, tag: str) -> Mail:
    message = _parse(path)
    moment = datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(publication.timezone))
    return Mail(
        href=f"/outbox/{path.name}",
        to=str(message["Delivered-To"] or message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=format_datetime(moment, "medium", locale=language(tag).locale),
        size=path.stat().st_size,
        headers=[(name, str(value)) for name, value in message.items()],
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
