"""What the operators' webhook is told, as JSON. Pure but for the catalogue.

Its ``text`` is what chats show (Slack, Mattermost, Rocket.Chat); other programs read the rest, and
know a problem from one notice to the next by its ``key``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from colporteur.digests.letters import WRONG
from colporteur.publication import Publication
from colporteur.templating import Templates
from colporteur.vitals.alerting.following import Event
from colporteur.vitals.alerting.keeping import Notice
from colporteur.vitals.alerting.words import said


@dataclass(frozen=True)
class Speaker:
    """Says notices in the publication's first language; ``site`` is where our pages are."""

    publication: Publication
    templates: Templates
    site: str

    def body(self, notice: Notice) -> Mapping[str, Any]:
        """A notice as programs read it."""
        tag = self.publication.languages[0]
        words = self.templates.catalogue(tag)
        problem, text = notice.problem, said(notice.problem, words, tag)
        cure = "" if notice.event is Event.ENDED else text.cure
        title = words.gettext(WRONG[notice.event]) % {"title": self.publication.title_in(tag)}
        return {
            "text": "\n".join(one for one in (title, text.text, cure) if one),
            "title": title,
            "id": notice.id,
            "event": str(notice.event),
            "key": problem.key,
            "kind": str(problem.kind),
            "severity": str(problem.severity),
            "problem": text.text,
            "cure": cure,
            "values": dict(problem.values),
            "began_at": notice.began_at.isoformat(),
            "at": notice.at.isoformat(),
            "url": f"{self.site}{problem.path or '/newsroom/'}",
        }
