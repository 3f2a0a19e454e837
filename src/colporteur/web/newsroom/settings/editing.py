"""How a settings form goes: shown, sent, looked at as what it changes, put in force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.exceptions import EditRefused
from colporteur.publication import Publication
from colporteur.publication.editing import remade, tree_of
from colporteur.staff.permissions import May
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.settings.applying import (
    Plan,
    changed_since,
    is_stale,
    plan,
    put_in_force,
)
from colporteur.web.newsroom.settings.faults import told as told_faults
from colporteur.web.newsroom.settings.fields import Value, shown, typed
from colporteur.web.newsroom.settings.sheets import Make, Sheet, effect_of
from colporteur.web.newsroom.visiting import Visit

_STEPS = {"step", "seen", "csrf"}


@dataclass(frozen=True)
class Shown:
    """A form as its page shows it: its values, what is wrong by field, and the revision seen."""

    sheet: Sheet
    values: Mapping[str, Value]
    seen: str
    faults: Mapping[str, str] | None = None
    nothing: bool = False


class Editing:
    """One form of the settings."""

    def __init__(self, room: Room, make: Make) -> None:
        self._room = room
        self._make = make

    def show(self, visit: Visit) -> Response:
        """The form as things are."""
        with self._room.reading(visit) as desk:
            sheet = self._sheet(desk.publication, visit)
            return self._form(visit, _as_it_is(desk, sheet))

    def send(self, visit: Visit) -> Response:
        """What was typed: looked at first, then put in force."""
        if visit.form.one("step") == "apply":
            return self._apply(visit)
        with self._room.reading(visit) as desk:
            sheet = self._sheet(desk.publication, visit)
            looking = effect_of(sheet, visit.form) is None
        opened = self._room.reading(visit) if looking else self._room.trying(visit)
        with opened as desk:
            sheet = self._sheet(desk.publication, visit)
            own = visit.form.one("act")  # a button of its own sends none of the fields
            shown_again = _as_it_is(desk, sheet) if own else _as_typed(desk, sheet, visit.form)
            if visit.form.one("step") == "edit":
                return self._form(visit, shown_again)
            if is_stale(desk, visit.form.one("seen")):
                return self._conflict(visit, desk, sheet)
            try:
                wanted = _wanted(desk.publication, sheet, visit.form)
            except EditRefused as error:
                faults = told_faults(error.faults, sheet, self._say(visit))
                return self._form(visit, replace(shown_again, faults=faults))
            found = plan(
                desk, wanted, self._say(visit), visit.tag, lambda: self._beside(visit, desk, sheet)
            )
            if not found.lines:
                return self._form(visit, replace(shown_again, nothing=True))
            return self._preview(visit, sheet, found, str(desk.revision.number))

    def _apply(self, visit: Visit) -> Response:
        with self._room.changing(visit, May.SETTINGS, revising=True) as desk:
            sheet = self._sheet(desk.publication, visit)
            if is_stale(desk, visit.form.one("seen")):
                again = {name: one for name, one in visit.form.fields.items() if name != "step"}
                return self._conflict(replace(visit, form=Form(again)), desk, sheet)
            wanted = _wanted(desk.publication, sheet, visit.form)
            self._beside(visit, desk, sheet)
            why = visit.form.one("why") or _usual_why(sheet)
            put_in_force(desk, wanted, why)
        self._room.ring()
        path, mark, anchor = sheet.back.partition("#")
        return self._room.to(f"{path}?done=saved{mark}{anchor}")

    def _beside(self, visit: Visit, desk: Desk, sheet: Sheet) -> list[str]:
        """Do what a change does beside the publication; what that is, in words."""
        effect = effect_of(sheet, visit.form)
        done = effect(desk, visit.form) if effect else ()
        return [self._room.say(visit, one.message, number=one.number) for one in done]

    def _sheet(self, publication: Publication, visit: Visit) -> Sheet:
        parts = {name: str(one) for name, one in visit.request.path_params.items()}
        return self._make(publication, parts)

    def _say(self, visit: Visit) -> Callable[..., str]:
        return partial(self._room.say, visit)

    def _form(self, visit: Visit, found: Shown) -> Response:
        sheet = found.sheet
        frames = _frames(sheet, visit.form) if sheet.look else []
        return self._room.page(
            visit,
            "settings/form",
            self._room.say(visit, sheet.title),
            code=422 if found.faults else 200,
            sheet=sheet,
            groups=_grouped(sheet),
            values=found.values,
            faults=found.faults,
            nothing=found.nothing,
            seen=found.seen,
            frames=frames if not found.faults else [],
        )

    def _preview(self, visit: Visit, sheet: Sheet, found: Plan, seen: str) -> Response:
        return self._room.page(
            visit,
            "settings/preview",
            self._room.say(visit, "What this changes"),
            about=self._room.say(visit, sheet.title),
            whose=sheet.about,
            action=sheet.path,
            back=sheet.path,
            plan=found,
            since=[],
            kept=[
                (name, one)
                for name, many in visit.form.fields.items()
                if name not in _STEPS
                for one in many
            ],
            seen=seen,
            frames=_frames(sheet, visit.form) if sheet.look else [],
        )

    def _conflict(self, visit: Visit, desk: Desk, sheet: Sheet) -> Response:
        found = changed_since(desk, visit.form.one("seen"), self._say(visit), visit.tag)
        return self._room.conflict(visit, found, str(desk.revision.number), sheet.path)


def _wanted(publication: Publication, sheet: Sheet, form: Form) -> Publication:
    tree = tree_of(publication)
    sheet.change(tree, form)
    return remade(tree)


def _usual_why(sheet: Sheet) -> str:
    return f"{sheet.title}: {sheet.about}" if sheet.about else sheet.title


def _as_it_is(desk: Desk, sheet: Sheet) -> Shown:
    full = desk.publication.model_dump(mode="json")
    values = {one.name: shown(full, sheet.base, one) for one in sheet.fields}
    return Shown(sheet, {**values, **sheet.given}, str(desk.revision.number))


def _as_typed(desk: Desk, sheet: Sheet, form: Form) -> Shown:
    fields = [*sheet.fields, *(one for offer in sheet.offers for one in offer.fields)]
    values = {one.name: typed(form, one) for one in fields}
    return Shown(sheet, values, form.one("seen") or str(desk.revision.number))


def _grouped(sheet: Sheet) -> list[tuple[str, list[object]]]:
    """Its fields under their headings, each heading once."""
    found: dict[str, list[object]] = {}
    for one in sheet.fields:
        found.setdefault(one.group, []).append(one)
    return list(found.items())


def _frames(sheet: Sheet, form: Form) -> list[tuple[str, str]]:
    """Where a mail is shown with what was typed: a title each, and its address."""
    typed_in = [(one.name, form.one(one.name)) for one in sheet.fields if form.one(one.name)]
    shades = (("light", "In the light"), ("dark", "In the dark"))
    return [
        (title, f"{sheet.path}/sample?{urlencode([('shade', shade), *typed_in])}")
        for shade, title in shades
    ]
