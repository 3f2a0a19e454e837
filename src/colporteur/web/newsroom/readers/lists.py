"""Lists of readers: given as a file, said what they are, tried, and read in by a worker."""

import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.audience.importing import lists
from colporteur.audience.importing.columns import FIELDS, shown
from colporteur.audience.importing.lists import GIVEN_PARTS, REFUSED_PARTS, GivenList, Step
from colporteur.audience.importing.opening import ListFile, look_at
from colporteur.audience.importing.terms import Terms
from colporteur.audience.importing.words import Standing, read_moment
from colporteur.delivery.welcoming.asking import offered
from colporteur.exceptions import ImportRefused
from colporteur.staff.permissions import May
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.numbers import version
from colporteur.web.newsroom.readers import refusals
from colporteur.web.newsroom.readers.consent import unstated
from colporteur.web.newsroom.room import HEADERS, Room
from colporteur.web.newsroom.visiting import Visit

FILE_AT_MOST = 50 * 1024 * 1024
_SHOWN = 20
_CONSENT_AT_MOST = 2000
_REFUSED = 422
_STANDINGS = (Standing.ACTIVE, Standing.UNSUBSCRIBED, Standing.SUPPRESSED)
_PAGE = "/newsroom/readers/import"


class Lists:
    """The pages of lists that are read in."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit, fault: str = "") -> Response:
        """The form for a file, and the lists of before."""
        with self._room.reading(visit) as desk:
            found = lists.latest(desk.connection, _SHOWN)
            zone = desk.publication.timezone
        return self._room.page(
            visit,
            "readers/lists",
            self._room.say(visit, "Import readers"),
            code=_REFUSED if fault else 200,
            lists=found,
            key=secrets.token_urlsafe(15),
            faults={"file": fault} if fault else {},
            at_most=FILE_AT_MOST // 1024 // 1024,
            clock=Clock(visit.tag, zone),
        )

    def take(self, visit: Visit) -> Response:
        """Keep a file, once it can be read."""
        file = visit.files.get("file")
        if file is None:
            return self.show(visit, self._room.say(visit, "Choose a file."))
        if len(file.bytes) > FILE_AT_MOST:
            raise HTTPException(413)
        name = re.sub(r"[^\w. -]", "_", file.name)[-100:].strip(" .") or "list.csv"
        try:
            seen = _looked(name, file.bytes, Terms())
        except ImportRefused as error:
            if not _asks_for_addresses(error):
                return self.show(visit, self._why(visit, error))
            seen = None  # the page asks which column has the addresses
        with self._room.changing(visit, May.IMPORT) as desk:
            list_id = lists.keep(
                desk.connection,
                visit.form.one("key")[:40] or secrets.token_urlsafe(15),
                name,
                file.bytes,
                seen.lines if seen else file.bytes.count(b"\n"),
                by=desk.by,
                now=desk.now,
            )
            desk.note("list.given", f"list:{list_id}", name=name, octets=len(file.bytes))
        return self._room.to(f"{_PAGE}/{list_id}")

    def one(
        self, visit: Visit, typed: Form | None = None, faults: Mapping[str, str] | None = None
    ) -> Response:
        """A list: its columns and terms, what would become of it, how far it is, what became."""
        with self._room.reading(visit) as desk:
            found = lists.given(desk.connection, visit.number())
            publication = desk.publication
            head = _head(desk, found)
            refused = any(lists.parts(desk.connection, found.id, REFUSED_PARTS))
        header, taken = _columns(found, head) if head else ((), {})
        if typed is not None:
            said = {name: typed.one(f"column_{name}") for name in FIELDS}
            taken = {name: column for name, column in said.items() if column}
        return self._room.page(
            visit,
            "readers/list_one",
            found.name,
            code=_REFUSED if faults else 200,
            list=found,
            Step=Step,
            header=header,
            taken=taken,
            fields=list(FIELDS),
            readable=bool(head),
            refused=refused,
            refusals=refusals.told(partial(self._room.say, visit), found.told.get("refused") or []),
            typed=_typed(found.terms, typed),
            faults=faults or {},
            channels=[(one.slug, one.title) for one in offered(publication)],
            standings=[one.value for one in _STANDINGS],
            clock=Clock(visit.tag, publication.timezone),
        )

    def attempt(self, visit: Visit) -> Response:
        """Have a list tried as it is said to be."""
        with self._room.reading(visit) as desk:
            found = lists.given(desk.connection, visit.number())
            faults = self._faults(visit, desk)
            head = _head(desk, found)
        if not faults:
            terms = _said(visit.form, found, head)
            try:
                _looked(found.name, head, terms)
            except ImportRefused as error:
                faults["column_email"] = (
                    self._room.say(visit, "Say which column has the e-mail addresses.")
                    if _asks_for_addresses(error)
                    else f"{error.message} {error.cure}"
                )
        if faults:
            return self.one(visit, visit.form, faults)
        with self._room.changing(visit, May.IMPORT) as desk:
            done = lists.attempt(desk.connection, found.id, _version(visit), terms, desk.now)
        if not done:
            faults["seen"] = self._room.say(
                visit, "Somebody else changed this meanwhile. Look at it, then send it once more."
            )
            return self.one(visit, visit.form, faults)
        self._room.ring()
        return self._room.to(f"{_PAGE}/{found.id}")

    def start(self, visit: Visit) -> Response:
        """Have a list read in."""
        with self._room.changing(visit, May.IMPORT) as desk:
            found = lists.given(desk.connection, visit.number())
            done = lists.start(desk.connection, found.id, _version(visit), desk.now)
            if done:
                consent = found.terms.consent or "asked by mail"
                desk.note("list.started", f"list:{found.id}", name=found.name, consent=consent)
        if not done:
            said = self._room.say(
                visit, "Somebody else changed this meanwhile. Look at it, then send it once more."
            )
            return self.one(visit, None, {"seen": said})
        self._room.ring()
        return self._room.to(f"{_PAGE}/{found.id}")

    def drop(self, visit: Visit) -> Response:
        """Forget a list."""
        with self._room.changing(visit, May.IMPORT) as desk:
            if lists.drop(desk.connection, visit.number()):
                desk.note("list.dropped", f"list:{visit.number()}")
        return self._room.to(_PAGE, "dropped")

    def refused(self, visit: Visit) -> Response:
        """The rows that were refused, each with the reason, as a file to correct."""
        with self._room.reading(visit) as desk:
            found = lists.given(desk.connection, visit.number())
            body = b"".join(lists.parts(desk.connection, found.id, REFUSED_PARTS))
        if not body:
            raise HTTPException(404)
        objects = bool(found.told.get("jsonl"))
        kind = "application/x-ndjson" if objects else "text/csv; charset=utf-8"
        name = f"list-{found.id}.refused.{'jsonl' if objects else 'csv'}"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, headers=headers, media_type=kind)

    def _why(self, visit: Visit, error: ImportRefused) -> str:
        """Why a file is not taken; the usual reasons in the visitor's language."""
        if "workbook" in error.message:
            return self._room.say(
                visit,
                "This is a spreadsheet’s own file. Save its sheet as CSV (UTF-8) there, and give "
                "that.",
            )
        return f"{error.message} {error.cure}"

    def _faults(self, visit: Visit, desk: Desk) -> dict[str, str]:
        sent, found = visit.form, dict[str, str]()
        known = {one.slug for one in offered(desk.publication)}
        if not sent.one("column_channel") and sent.one("channel") not in known:
            found["channel"] = self._room.say(visit, "Choose the channel that these readers get.")
        if fault := unstated(sent.one("how"), sent.one("consent")):
            found["consent"] = self._room.say(visit, fault)
        if sent.one("how") not in {"stated", "ask"}:
            found["how"] = self._room.say(visit, "Choose at least one of these.")
        if sent.one("consented_at"):
            try:
                read_moment(sent.one("consented_at"))
            except ValueError:
                found["consented_at"] = self._room.say(
                    visit, "This is no date. Write one such as 2026-11-22."
                )
        return found


def _head(desk: Desk, found: GivenList) -> bytes:
    """The beginning of a list, or the whole of an archive; nothing once it is read in."""
    parts = lists.parts(desk.connection, found.id, GIVEN_PARTS)
    first = next(parts, b"")
    return b"".join([first, *parts]) if first.startswith(b"PK") else first


def _asks_for_addresses(error: ImportRefused) -> bool:
    return error.message.startswith(("No column is one", "None of these is an address"))


def _looked(name: str, data: bytes, terms: Terms) -> ListFile:
    """What a file is; it lies on the disk for as long as it is looked at."""
    with tempfile.TemporaryDirectory(prefix="colporteur-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return look_at(path, terms)


def _columns(found: GivenList, head: bytes) -> tuple[tuple[str, ...], dict[str, str]]:
    """What the file calls its columns, and those that are taken, by our names."""
    try:
        part = _looked(found.name, head, found.terms).parts[0]
    except ImportRefused:
        try:
            part = _looked(found.name, head, replace(Terms(), columns={"email": "1"})).parts[0]
        except ImportRefused:
            return (), {}
        return tuple(shown(one, 80) for one in part.columns.header), {}
    columns = part.columns
    header = columns.header or tuple(str(place + 1) for place in range(columns.width))
    taken = {
        field: header[place] if place < len(header) else ""
        for field, place in columns.places.items()
    }
    return tuple(header), taken


def _said(sent: Form, found: GivenList, head: bytes) -> Terms:
    """The terms that a form says; columns are said one by one, also which are left out."""
    header, _ = _columns(found, head)
    columns = {
        field: sent.one(f"column_{field}") if sent.one(f"column_{field}") in header else ""
        for field in FIELDS
    }
    stated = sent.one("how") == "stated"
    at = sent.one("consented_at") if stated else ""
    standing = sent.one("standing")
    return Terms(
        channel=sent.one("channel"),
        columns=columns,
        consent=" ".join(sent.one("consent").split())[:_CONSENT_AT_MOST] if stated else "",
        consented_at=read_moment(at) if at else None,
        standing=Standing(standing) if standing in set(_STANDINGS) else None,
    )


def _typed(terms: Terms, sent: Form | None) -> dict[str, str]:
    if sent is not None:
        names = ("channel", "how", "consent", "consented_at", "standing")
        return {name: sent.one(name) for name in names}
    at = terms.consented_at
    return {
        "channel": terms.channel,
        "how": "stated" if terms.consent else "ask",
        "consent": terms.consent,
        "consented_at": f"{at:%Y-%m-%d}" if at else "",
        "standing": terms.standing.value if terms.standing else "",
    }


def _version(visit: Visit) -> int:
    return version(visit.form.one("seen"))
