"""What is done with an article by a button: withdrawn, published again, kept out, pinned."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.articles import shelf, store
from colporteur.articles.shelf import Shelved
from colporteur.articles.withdrawing import restore, withdraw
from colporteur.articles.writing import set_in_digests
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.editions.pinning import pin
from colporteur.staff.permissions import May, within_reach
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.showing import could_lead, pin_value
from colporteur.web.newsroom.articles.writing import HOME
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_Deed = Callable[[Desk, Shelved], str]


class Acting:
    """The buttons of an article's page. Pressed twice, each does once."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def withdraw(self, visit: Visit) -> Response:
        """Take it back: its page is gone, feeds say so, what has not left leaves without it."""

        def deed(desk: Desk, found: Shelved) -> str:
            if withdraw(desk.connection, found.slug, desk.now):
                withdraw_from_frozen(desk.connection, desk.now)
                desk.note("article.withdrawn", f"article:{found.id}", title=found.title)
            return "withdrawn"

        return self._done(visit, deed)

    def restore(self, visit: Visit) -> Response:
        """Publish again what was withdrawn."""

        def deed(desk: Desk, found: Shelved) -> str:
            if restore(desk.connection, found.id, desk.now):
                desk.note("article.restored", f"article:{found.id}", title=found.title)
            return "restored"

        return self._done(visit, deed)

    def digests(self, visit: Visit) -> Response:
        """Have digests bring it, or not."""
        wanted = visit.form.one("wanted") == "yes"

        def deed(desk: Desk, found: Shelved) -> str:
            if found.in_digests != wanted:
                set_in_digests(desk.connection, found.id, wanted=wanted)
                what = "article.for_digests" if wanted else "article.for_feeds_only"
                desk.note(what, f"article:{found.id}", title=found.title)
            return "for-digests" if wanted else "for-feeds"

        return self._done(visit, deed)

    def pin(self, visit: Visit) -> Response:
        """Pin it as the lead of a coming edition."""

        def deed(desk: Desk, found: Shelved) -> str:
            shown_in = store.channel_ids(desk.connection, [found.id]).get(found.id, [])
            asked = visit.form.one("edition")
            offered = could_lead(desk, found, shown_in)
            chosen = next((one for one in offered if pin_value(one) == asked), None)
            if chosen is None:
                return "too-late"
            if chosen.lead != found.id:
                edition = pin(
                    desk.connection,
                    desk.revision,
                    desk.names,
                    chosen,
                    found.id,
                    by=desk.by,
                    now=desk.now,
                )
                title = found.title
                desk.note("article.pinned", f"article:{found.id}", title=title, edition=edition.id)
            return "pinned"

        return self._done(visit, deed, May.ARRANGE)

    def _done(self, visit: Visit, deed: _Deed, what: May = May.WRITE) -> Response:
        with self._room.changing(visit, what) as desk:
            found = shelf.one(desk.connection, visit.number(), within_reach(desk.person))
            if found is None:
                raise HTTPException(404)
            done = deed(desk, found)
        self._room.ring()
        return self._room.to(f"{HOME}/{found.id}", done)
