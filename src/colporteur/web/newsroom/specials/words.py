"""What the pages of special editions say of what the engine knows, in the visitor's language."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import NullTranslations

from babel.dates import format_timedelta
from babel.lists import format_list

from colporteur.editions import special_reach as reasons
from colporteur.editions.special_obstacles import Met, Obstacle
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.templating import language
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.specials import typed


@dataclass(frozen=True)
class Words:
    """A language, its catalogue, and the clock that the publication goes by."""

    catalogue: NullTranslations
    tag: str
    zone: str

    def say(self, message: str, **values: object) -> str:
        """A message of the catalogue."""
        said = self.catalogue.gettext(message)
        return said % values if values else said

    def moment(self, at: datetime) -> str:
        """``lun. 23 nov. 2026, 07:00`` on the publication's clock."""
        return Clock(self.tag, self.zone).in_short(at)

    def span(self, span: timedelta) -> str:
        """``5 minutes``."""
        return format_timedelta(
            span, granularity="minute", threshold=2, locale=language(self.tag).locale
        )

    def number(self, number: int) -> str:
        """``4 120``."""
        return Clock(self.tag, self.zone).number(number)

    def people(self, number: int) -> str:
        """``4 120 lecteurs``."""
        said = self.catalogue.ngettext("%(number)s reader", "%(number)s readers", number)
        return said % {"number": self.number(number)}

    def listed(self, names: list[str]) -> str:
        """Names as a sentence lists them."""
        return format_list(names, locale=language(self.tag).locale)

    def fault(self, fault: str) -> str:
        """What is wrong with what was typed into a field."""
        return {
            typed.LONG: self.say("This is too long. Shorten it; nothing was saved yet."),
            typed.STRANGE: self.say("This holds characters that no text may have."),
            typed.NO_DAY: self.say("Choose a day."),
            typed.NO_TIME: self.say("Choose a time, such as 07:00."),
        }[fault]

    def part(self, name: str) -> str:
        """What a part of a draft is called."""
        return {
            "home": self.say("the channel it comes from"),
            "articles": self.say("the articles"),
            "note": self.say("the note"),
            "subject": self.say("the subject"),
            "preheader": self.say("the preheader"),
            "channels": self.say("the channels"),
            "topics": self.say("the topics"),
            "corrects": self.say("the edition it corrects"),
            "at": self.say("the time"),
        }[name]

    def left_out(self, why: str) -> str:
        """Why some do not get it."""
        return {
            reasons.BARRED: self.say("on the do-not-mail list, or their address takes no mail"),
            reasons.REHEARSAL: self.say("not of the newsroom: this is a rehearsal"),
            reasons.TOPICS: self.say("want none of these topics"),
            reasons.DECLINED: self.say("want no special editions"),
            reasons.PAUSED: self.say("take a break"),
            reasons.UNCONFIRMED: self.say("have not confirmed their address"),
            reasons.LEFT: self.say("have left since"),
        }[why]

    def state(self, edition: Edition) -> str:
        """Where a special edition stands, in a word or two."""
        if edition.state is State.OPEN:
            return self.say("Draft") if edition.send_at is None else self.say("Waits for its time")
        if edition.state is State.CANCELLED and edition.first_left_at is not None:
            return self.say("Stopped")
        return {
            State.AWAITING_APPROVAL: self.say("Waits for approval"),
            State.FROZEN: self.say("About to leave"),
            State.HELD: self.say("Can be withdrawn"),
            State.SENDING: self.say("Is being sent"),
            State.PAUSED: self.say("Paused"),
            State.SENT: self.say("Sent"),
            State.SKIPPED: self.say("Not sent"),
            State.MISSED: self.say("Missed"),
            State.CANCELLED: self.say("Taken back"),
        }[edition.state]

    def obstacle(self, met: Met) -> str:
        """What keeps a draft from being sent, and what to do."""
        said = {
            Obstacle.NOTHING_SAID: self.say(
                "It says nothing yet. Choose articles, or write a note."
            ),
            Obstacle.NO_NOTE: self.say("A correction says what was wrong. Write a note."),
            Obstacle.NO_SUBJECT: self.say("A note without articles needs a subject."),
            Obstacle.WORDS_TOO_LONG: self.say("The subject or the preheader is too long."),
            Obstacle.HOME_GONE: self.say(
                "The channel that it comes from was removed. Choose another one."
            ),
            Obstacle.ARTICLE_GONE: self.say(
                "Article %(about)s is not there any more. Take it out."
            ),
            Obstacle.ARTICLE_WITHDRAWN: self.say("“%(about)s” was withdrawn. Take it out."),
            Obstacle.ARTICLE_WAITS: self.say(
                "“%(about)s” is not published yet. Take it out, or publish it first."
            ),
            Obstacle.OTHER_LANGUAGE: self.say(
                "“%(about)s” is in another language than the channel it comes from. Take it out."
            ),
            Obstacle.NO_CHANNEL: self.say("It is for nobody yet. Choose a channel."),
            Obstacle.CHANNEL_GONE: self.say(
                "A channel that it was for was removed. Look again at whom it is for, and save."
            ),
            Obstacle.TOPIC_GONE: self.say(
                "A topic that it was for was removed. Look again at whom it is for, and save."
            ),
            Obstacle.CORRECTED_GONE: self.say("There is no edition %(about)s to correct."),
            Obstacle.STILL_SENDS: self.say(
                "Edition %(about)s has not ended: some would get it after its correction. "
                "Wait until it is sent, or cancel what has not left."
            ),
            Obstacle.PAST: self.say("The time for it is past. Choose another one."),
        }[met.obstacle]
        return said % {"about": met.about}


STEPS = {
    Obstacle.NO_CHANNEL: "to",
    Obstacle.CHANNEL_GONE: "to",
    Obstacle.TOPIC_GONE: "to",
    Obstacle.PAST: "when",
}
"""Where an obstacle is removed; the others where it is said what the edition brings."""
