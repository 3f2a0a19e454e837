"""The places of articles, each with whom it lets in."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.articles.acting import Acting
from colporteur.web.newsroom.articles.coming_in import ComingIn
from colporteur.web.newsroom.articles.editing import Editing
from colporteur.web.newsroom.articles.listing import Listing
from colporteur.web.newsroom.articles.previewing import Previewing
from colporteur.web.newsroom.articles.showing import Showing
from colporteur.web.newsroom.articles.typed import UPLOAD_AT_MOST
from colporteur.web.newsroom.articles.writing import HOME, Writing
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room


def article_places(room: Room) -> list[Place]:
    """Everything below ``/newsroom/articles``; whose article it is, each asks in its query."""
    listing, writing, editing = Listing(room), Writing(room), Editing(room)
    acting, coming_in, previewing = Acting(room), ComingIn(room), Previewing(room)
    one, draft = f"{HOME}/{{id}}", f"{HOME}/drafts/{{id}}"
    return [
        Place("GET", HOME, May.WRITE, listing.look),
        Place("GET", f"{HOME}/new", May.WRITE, writing.begin),
        Place("POST", f"{HOME}/new", May.WRITE, writing.send, UPLOAD_AT_MOST),
        Place("GET", f"{HOME}/drafts", May.WRITE, listing.drafts),
        Place("GET", draft, May.WRITE, writing.show),
        Place("POST", f"{draft}/drop", May.WRITE, writing.drop),
        Place("GET", f"{HOME}/from-address", May.WRITE, writing.ask),
        Place("POST", f"{HOME}/from-address", May.WRITE, writing.read),
        Place("GET", f"{HOME}/preview", May.WRITE, previewing.blank),
        Place("POST", f"{HOME}/preview", May.WRITE, previewing.show, UPLOAD_AT_MOST),
        Place("GET", f"{HOME}/refused", May.WRITE, coming_in.refused),
        Place("GET", f"{HOME}/sources", May.WRITE, coming_in.sources),
        Place("POST", f"{HOME}/sources/{{id}}/poll", May.EDIT, coming_in.poll),
        Place("GET", one, May.WRITE, Showing(room).look),
        Place("GET", f"{one}/edit", May.WRITE, editing.show),
        Place("POST", f"{one}/edit", May.WRITE, editing.send, UPLOAD_AT_MOST),
        Place("POST", f"{one}/withdraw", May.WRITE, acting.withdraw),
        Place("POST", f"{one}/restore", May.WRITE, acting.restore),
        Place("POST", f"{one}/digests", May.WRITE, acting.digests),
        Place("POST", f"{one}/pin", May.ARRANGE, acting.pin),
    ]
