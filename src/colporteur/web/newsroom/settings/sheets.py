"""A settings form: its fields, where it stands, and what sending it does to a publication."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.editing import Path, Tree
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.settings.fields import Field, Value, write

HOME = "/newsroom/settings"
Edit = Callable[[Tree, Form], None]


@dataclass(frozen=True)
class Note:
    """What a change does beside the publication: a message with a number."""

    message: str
    number: int


Effect = Callable[[Desk, Form], Sequence[Note]]
"""Done in the transaction of a change, before it is in force; its preview undoes it."""


@dataclass(frozen=True)
class Offer:
    """A further button of a form, such as to remove what it is about."""

    act: str
    label: str
    edit: Edit
    hint: str = ""
    fields: Sequence[Field] = ()
    effect: Effect | None = None


@dataclass(frozen=True)
class Sheet:
    """A form. ``title`` is a message of the catalogues, ``about`` whose it is, in its own words.

    ``edit`` is what sending it does, where it is more than writing the fields beneath ``base``.
    ``look``: its preview shows a mail. ``given`` is what fields show that have no key there yet.
    """

    path: str
    title: str
    fields: Sequence[Field]
    base: Path = ()
    about: str = ""
    back: str = HOME
    edit: Edit | None = None
    offers: Sequence[Offer] = field(default=())
    look: bool = False
    intro: str = ""
    effect: Effect | None = None
    given: Mapping[str, Value] = field(default_factory=dict)

    def change(self, tree: Tree, form: Form) -> None:
        """Do to a publication's tree what was asked."""
        for offer in self.offers:
            if form.one("act") == offer.act:
                offer.edit(tree, form)
                return
        if self.edit:
            self.edit(tree, form)
        else:
            write(tree, self.base, self.fields, form)


def effect_of(sheet: Sheet, form: Form) -> Effect | None:
    """What sending it does beside the publication, if it does anything."""
    for offer in sheet.offers:
        if form.one("act") == offer.act:
            return offer.effect
    return sheet.effect


Make = Callable[[Publication, dict[str, str]], Sheet]
"""The sheet of an address, by the parts of it.

Raises:
    UnknownName: there is nothing of that name.
"""


def channel_at(publication: Publication, parts: dict[str, str]) -> tuple[Channel, int]:
    """The channel of an address, and its place.

    Raises:
        UnknownName: there is none.
    """
    for number, one in enumerate(publication.channels):
        if one.slug == parts["channel"]:
            return one, number
    raise UnknownName("There is no such channel.", cure="See the settings.")
