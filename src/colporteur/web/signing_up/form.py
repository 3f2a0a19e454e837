"""The form to sign up as pages show it, and what came back of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from colporteur.clock import utcnow
from colporteur.delivery.welcoming.asking import offered
from colporteur.publication import Channel, Publication
from colporteur.tasks import Runtime
from colporteur.templating import language
from colporteur.web.bodies import Form
from colporteur.web.signing_up.form_age import mark, mark_elsewhere

ACTION = "/subscribe"
HONEYPOT = "leave_empty"
"""People never see it, hear it or reach it; programs that fill everything fill it too."""
_ADDRESS_AT_MOST = 320
_URL_AT_MOST = 500
WORDING = (
    "You agree to receive by e-mail what you chose from %(title)s. One button in a letter "
    "confirms it. You can leave at any time: the link stands at the foot of every message."
)


@dataclass(frozen=True)
class Pick:
    """A channel that can be ticked."""

    slug: str
    title: str
    description: str
    language: str
    direction: str
    ticked: bool


@dataclass(frozen=True)
class SignupForm:
    """The form: where there is one channel only, there is nothing to tick.

    ``problem`` is said by the field ``wrong``; ``meant`` is the address with the domain that was
    likely meant.
    """

    action: str
    language: str
    mark: str
    picks: tuple[Pick, ...]
    wording: str
    honeypot: str = HONEYPOT
    address: str = ""
    last: bool = False
    problem: str = ""
    wrong: str = ""
    meant: str = ""

    @property
    def only(self) -> Pick | None:
        """The channel that goes without saying."""
        return self.picks[0] if len(self.picks) == 1 else None


@dataclass(frozen=True)
class Typed:
    """What came back."""

    address: str
    channels: tuple[str, ...]
    last: bool
    mark: str
    trapped: bool
    language: str
    meant: str  # "yes, that is what I meant", with that address
    sure: str  # "no", with the address as it was typed


def read_typed(form: Form) -> Typed:
    """The fields of the form."""
    return Typed(
        address=form.one("address")[: _ADDRESS_AT_MOST + 1],
        channels=tuple(form.all("channel")),
        last=bool(form.one("last")),
        mark=form.one("mark")[:_URL_AT_MOST],
        trapped=bool(form.one(HONEYPOT)),
        language=form.one("language")[:40],
        meant=form.one("meant")[: _ADDRESS_AT_MOST + 1],
        sure=form.one("sure")[: _ADDRESS_AT_MOST + 1],
    )


def blank_form(
    runtime: Runtime,
    publication: Publication,
    tag: str,
    ticked: Sequence[str] = (),
    *,
    channels: Sequence[Channel] | None = None,
    now: datetime | None = None,
) -> SignupForm:
    """A form in a language, for some channels or all that one can sign up for."""
    there = offered(publication) if channels is None else channels
    words = runtime.templates.catalogue(tag)
    picks = tuple(
        Pick(
            one.slug,
            one.title,
            one.description,
            one.language,
            language(one.language).direction,
            one.slug in ticked,
        )
        for one in there
    )
    return SignupForm(
        action=ACTION,
        language=tag,
        mark=mark(runtime.settings.secret_key, now or utcnow()),
        picks=picks,
        wording=words.gettext(WORDING) % {"title": publication.title_in(tag)},
    )


def snippet(
    runtime: Runtime, publication: Publication, tag: str, channels: Sequence[Channel], site: str
) -> str:
    """The HTML of a form that another site pastes into a page; nothing in it grows old."""
    blank = blank_form(runtime, publication, tag, channels=channels)
    never_old = mark_elsewhere(runtime.settings.secret_key)
    form = replace(blank, action=f"{site}{ACTION}", mark=never_old)
    name = "site/_subscribe_elsewhere.html.j2"
    return runtime.templates.render(name, tag, signup=form).strip() + "\n"


def page_of(referer: str, site: str) -> str:
    """Where a form stands, by the browser's word: without its query, else our own page."""
    try:
        parts = urlsplit(referer[:_URL_AT_MOST])
    except ValueError:
        return site + ACTION
    if parts.scheme not in {"http", "https"} or not parts.netloc or not referer.isprintable():
        return site + ACTION
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
