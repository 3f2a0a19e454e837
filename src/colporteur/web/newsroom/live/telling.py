"""What is said of an edition as it leaves, in the language of who reads it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_decimal

from colporteur.editions.states import ENDED, State
from colporteur.editions.watching import Seen
from colporteur.templating import language
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.states import STATES

SENTENCES: Mapping[State, str] = {
    State.OPEN: "It is not on its way yet.",
    State.AWAITING_APPROVAL: "It waits for somebody to approve it.",
    State.HELD: "Nothing leaves until it is released.",
    State.PAUSED: "Nothing leaves until it is resumed.",
    State.SENT: "It has left.",
    State.SKIPPED: "Nobody got it.",
    State.MISSED: "It came too late to be of use.",
    State.CANCELLED: "What had not left will not leave.",
}
_UNKNOWN = "–"
_STEP = 10  # percent: what a screen reader is told, and how seldom


@dataclass(frozen=True)
class Told:
    """What a page shows of an edition; ``texts`` by the names that its elements carry."""

    edition: int
    state: State
    done: int
    readers: int
    texts: Mapping[str, str]

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ENDED


def telling(gettext: Callable[[str], str], tag: str, zone: str) -> Callable[[Seen], Told]:
    """Who tells it in a language, with moments on the clock of a zone."""
    locale = language(tag).locale

    def tell(seen: Seen) -> Told:
        far, state = seen.progress, seen.edition.state
        counts = {
            "sent": far.sent,
            "deferred": far.deferred,
            "failed": far.failed,
            "skipped": far.skipped,
            "left": 0 if state in ENDED else far.waiting,
        }
        texts = {name: format_decimal(count, locale=locale) for name, count in counts.items()}
        texts["state"] = gettext(STATES[state])
        texts["rate"] = _rate(gettext, locale, seen)
        texts["time"] = _time_left(locale, seen)
        texts["said"] = _said(gettext, Clockface(tag, zone, seen.at), seen)
        return Told(seen.edition.id, state, far.done, far.readers, texts)

    return tell


def _rate(gettext: Callable[[str], str], locale: Locale, seen: Seen) -> str:
    if not seen.rate:
        return _UNKNOWN
    pattern = "#,##0" if seen.rate >= _STEP else "#,##0.#"
    number = format_decimal(seen.rate, pattern, locale=locale)
    return gettext("%(number)s a second") % {"number": number}


def _time_left(locale: Locale, seen: Seen) -> str:
    left = seen.seconds_left
    if left is None or seen.edition.state is not State.SENDING:
        return _UNKNOWN
    return format_timedelta(max(1, left), threshold=1.5, locale=locale)


def _said(gettext: Callable[[str], str], clock: Clockface, seen: Seen) -> str:
    far, state = seen.progress, seen.edition.state
    begins = seen.edition.send_at
    if state is State.FROZEN and begins is not None and begins > seen.at:
        return gettext("It begins %(moment)s.") % {"moment": clock.moment(begins)}
    if state not in {State.FROZEN, State.SENDING}:
        return gettext(SENTENCES[state])
    if not seen.due and not far.deferred and far.next_at is not None and seen.later:
        at = clock.moment(far.next_at)
        return gettext("The others get it at the hour they chose; the next %(moment)s.") % {
            "moment": at
        }
    percent = far.done * 100 // far.readers // _STEP * _STEP if far.readers else 0
    if not percent:
        return gettext("The first are on their way.")
    return gettext("%(percent)s of the readers are done.") % {
        "percent": f"{percent} %" if clock.locale.language != "en" else f"{percent}%"
    }
