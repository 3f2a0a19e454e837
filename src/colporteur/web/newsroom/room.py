"""What every page of the newsroom is made with: who asks, their desk, the page around theirs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from colporteur import tasks
from colporteur.db import database_now, reading, undoing, writing
from colporteur.exceptions import ColporteurError, Forbidden
from colporteur.publication import revisions
from colporteur.staff import sessions
from colporteur.staff.people import Person
from colporteur.staff.permissions import May, require
from colporteur.staff.sessions import Session
from colporteur.tasks import Runtime
from colporteur.templating import language
from colporteur.tokens import fingerprint, is_fingerprint
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk, desk_of
from colporteur.web.newsroom.cookies import cookie_of
from colporteur.web.newsroom.lookout import Lookout
from colporteur.web.newsroom.navigation import current, entries_for
from colporteur.web.newsroom.tongues import spoken
from colporteur.web.newsroom.visiting import Visit
from colporteur.web.pages import Pages

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Not no-store: the back button has what was typed. Signing out empties the cache.
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

SEEN = "seen"  # the field that says which state of a thing a form was made of
_FORM = "csrf"
"""What the fingerprint in each form is made for."""


@dataclass(frozen=True)
class Changed:
    """What somebody else changed meanwhile: who, when (in words), and what."""

    by: str
    at: str
    what: str


class Room:
    """The newsroom of one installation."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self.runtime = runtime
        self.pages = pages
        self.lookout = Lookout(runtime.engine)

    # Who asks

    def who(self, request: Request) -> tuple[Person, Session] | None:
        """Who is signed in."""
        text = cookie_of(request)
        if not text:
            return None
        with reading(self.runtime.engine) as connection:
            now = database_now(connection)
            found = sessions.signed_in(connection, text, now)
        if found and sessions.seen_is_news(found[1], now):
            with writing(self.runtime.engine) as connection:
                sessions.note_seen(connection, found[1], now)
        return found

    def language_of(self, request: Request, person: Person | None) -> str:
        """The language that somebody reads here."""
        if person and person.language:
            return person.language
        return spoken(request.headers.get("accept-language", ""), "")

    def csrf(self, session: Session) -> str:
        """What every form of a session carries, and no other site can know."""
        return fingerprint(self.runtime.settings.secret_keys, _FORM, session.token_hash)

    def own_form(self, visit: Visit) -> bool:
        """Whether a form was made for the session that sends it."""
        said, keys = visit.form.one("csrf"), self.runtime.settings.secret_keys
        return is_fingerprint(keys, _FORM, visit.session.token_hash, said)

    # Their desk

    @contextmanager
    def reading(self, visit: Visit) -> Iterator[Desk]:
        """Their desk, to look at things."""
        with reading(self.runtime.engine) as connection:
            yield desk_of(connection, self.runtime.settings, visit.person)

    @contextmanager
    def changing(self, visit: Visit, what: May, *, revising: bool = False) -> Iterator[Desk]:
        """Their desk, to change things: one transaction, in which they may still do that.

        A browser's forms take turns, so that one that was sent twice finds what the first did.
        ``revising``: they change the publication itself, so nobody else does meanwhile.

        Raises:
            Forbidden: their role changed, or they were signed out, since they opened the page.
        """
        with writing(self.runtime.engine) as connection:
            now = database_now(connection)
            still = sessions.signed_in(connection, cookie_of(visit.request), now, in_turn=True)
            if still is None:
                raise Forbidden("Your session ended meanwhile.", cure="Sign in once more.")
            require(still[0], what)
            if revising:
                revisions.in_turn(connection)
            yield desk_of(connection, self.runtime.settings, still[0])

    @contextmanager
    def trying(self, visit: Visit) -> Iterator[Desk]:
        """Their desk, to see what a change would do: nothing of it stays."""
        with undoing(self.runtime.engine) as connection:
            yield desk_of(connection, self.runtime.settings, visit.person)

    def ring(self) -> None:
        """Have what is due now begin at once: a change may have made something due."""
        if not self.runtime.settings.embedded:
            tasks.ring(tasks.tick)  # embedded, the engine's own tick finds it within a second

    # Pages

    def page(
        self, visit: Visit, template: str, title: str, *, code: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page; its ``title`` is a text in the visitor's language."""
        with self.reading(visit) as desk:
            brake, site = desk.brake, self.pages.site(desk.publication)
            name = desk.publication.title_in(visit.tag)
            zone = desk.publication.timezone
        return self.plain(
            visit.tag,
            template,
            title,
            code=code,
            person=visit.person,
            entries=entries_for(visit.person),
            here=current(visit.path),
            path=visit.path,
            csrf_token=self.csrf(visit.session),
            may=visit.may,
            May=May,
            brake=brake,
            site=site,
            name=name,
            zone=zone,
            done=visit.query.one("done"),
            **context,
        )

    def plain(
        self, tag: str, template: str, title: str, *, code: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page without a visitor, such as the one to sign in."""
        context.setdefault("name", self._name(tag))
        html = self.runtime.templates.render(
            f"newsroom/{template}.html.j2",
            tag,
            title=title,
            tag=tag,
            direction=language(tag).direction,
            locale=str(language(tag).locale),
            **context,
        )
        return HTMLResponse(html, code, headers=HEADERS)

    def _name(self, tag: str) -> str:
        with reading(self.runtime.engine) as connection:
            found = revisions.current(connection)
        return found.publication.title_in(tag) if found else "Colporteur"

    def say(self, visit: Visit, message: str, **values: Any) -> str:
        """A message of the catalogues in the visitor's language."""
        said = self.runtime.templates.catalogue(visit.tag).gettext(message)
        return said % values if values else said

    def to(self, path: str, done: str = "") -> Response:
        """Lead on after a form: loading the page again repeats nothing."""
        mark = "&" if urlsplit(path).query else "?"
        return RedirectResponse(f"{path}{mark}done={done}" if done else path, 303, headers=HEADERS)

    # What went wrong

    def sign_in_first(self, request: Request, sent: Form, files: Collection[str] = ()) -> Response:
        """Nobody is signed in: what was typed waits until they are; ``files`` that came do not."""
        tag = self.language_of(request, None)
        if request.method == "GET":
            return RedirectResponse(f"/newsroom/sign-in?to={_here(request)}", 303, headers=HEADERS)
        words = self.runtime.templates.catalogue(tag)
        return self.plain(
            tag,
            "session_over",
            words.gettext("Your session is over"),
            code=401,
            path=request.url.path,
            csrf_token="",  # of no session: the page that follows asks once more
            kept=_kept(sent, SEEN) if same_site(request) else [],
            files=bool(files),
        )

    def forbidden(self, visit: Visit) -> Response:
        """Their role does not allow this."""
        return self.page(visit, "forbidden", self.say(visit, "This is not for your role"), code=403)

    def missing(self, visit: Visit, code: int = 404) -> Response:
        """There is nothing at this address, or no more."""
        return self.page(
            visit,
            "missing",
            self.say(visit, "There is nothing here"),
            code=code,
            kept=_kept(visit.form),
        )

    def foreign_form(self, visit: Visit) -> Response:
        """A form of another session, or of another site: what ours had typed can be sent again."""
        return self.page(
            visit,
            "again",
            self.say(visit, "Please send this once more"),
            code=403,
            kept=_kept(visit.form, SEEN) if same_site(visit.request) else [],
            files=bool(visit.files),
        )

    def refused(self, visit: Visit, error: ColporteurError, code: int = 422) -> Response:
        """Something was not done; why, and how it can be."""
        return self.page(
            visit,
            "refused",
            self.say(visit, "This was not done"),
            code=code,
            message=error.message,
            cure=error.cure,
            kept=_kept(visit.form, SEEN),
            files=bool(visit.files),
        )

    def conflict(self, visit: Visit, changes: Sequence[Changed], seen: str, back: str) -> Response:
        """Somebody else changed it meanwhile: who, what; and what was typed, to send or to drop.

        ``seen`` is the state that is shown now, for the form's field of this name; ``back`` the
        page of what is there.
        """
        return self.page(
            visit,
            "conflict",
            self.say(visit, "Somebody else changed this meanwhile"),
            code=409,
            changes=changes,
            seen=seen,
            back=back,
            kept=_kept(visit.form),
        )


def same_site(request: Request) -> bool:
    """Whether a form comes from a page of ours, as browsers say (Fetch Metadata)."""
    said = request.headers.get("sec-fetch-site")
    if said is not None:
        return said in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _kept(sent: Form, *ours: str) -> list[tuple[str, str]]:
    """What was typed, for a form that sends it again, with ``ours`` of the form's own fields."""
    fields: Mapping[str, Sequence[str]] = sent.fields
    hidden = {"csrf", SEEN, "code"}.difference(ours) | {one for one in fields if "password" in one}
    return [(name, one) for name, found in fields.items() if name not in hidden for one in found]


def _here(request: Request) -> str:
    return request.url.path
