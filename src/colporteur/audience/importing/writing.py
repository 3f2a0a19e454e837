"""Writes some thousand rows of a list at once. In the caller's transaction.

What each row becomes was decided before; here are a statement for each table, whatever the
number of rows: COPY on PostgreSQL, one prepared insert on SQLite.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, update

from colporteur.audience.choices import Choice, told
from colporteur.audience.importing.fates import ADDS, Fate, Known
from colporteur.audience.importing.judging import Wanted
from colporteur.audience.importing.words import Standing
from colporteur.audience.states import Event, State, transition
from colporteur.audience.subscribing import profile_of
from colporteur.audience.suppressing import Reason
from colporteur.db.bulk import add_rows, among, reserve_ids
from colporteur.db.tables.audience import (
    consents,
    subscriber_events,
    subscribers,
    subscriptions,
    suppressions,
)

METHOD = "import"
_CONFIRMED = frozenset([Fate.SUBSCRIBED, Fate.PAUSED, Fate.CONFIRMED])
_STATES = {
    Fate.SUBSCRIBED: State.ACTIVE,
    Fate.PAUSED: State.PAUSED,
    Fate.ASKED: State.PENDING,
    Fate.KEPT_AWAY: State.UNSUBSCRIBED,
}
_EVENTS = {
    Fate.SUBSCRIBED: Event.SUBSCRIBED,
    Fate.PAUSED: Event.SUBSCRIBED,
    Fate.CONFIRMED: Event.SUBSCRIBED,
    Fate.ASKED: Event.SIGNED_UP,
    Fate.KEPT_AWAY: Event.UNSUBSCRIBED,
    Fate.LEFT: Event.UNSUBSCRIBED,
}
_REASONS = {
    Standing.BOUNCED: (Reason.BOUNCED, Event.BOUNCED),
    Standing.COMPLAINED: (Reason.COMPLAINED, Event.COMPLAINED),
    Standing.SUPPRESSED: (Reason.MANUAL, Event.SUPPRESSED),
}
_SUBSCRIBER = (
    "id",
    "address",
    "address_key",
    "domain",
    "name",
    "language",
    "state",
    "created_at",
    "confirmed_at",
)
_SUBSCRIPTION = (
    "subscriber_id",
    "channel_id",
    "profile_id",
    "cadence",
    "weekday",
    "minute",
    "timezone",
    "specials",
    "state",
    "start_number",
    "created_at",
    "paused_until",
    "ended_at",
)
_EVENT = ("subscriber_id", "channel_id", "at", "kind", "detail")
_CONSENT = (
    "subscriber_id",
    "import_id",
    "method",
    "channels",
    "wording_hash",
    "form_url",
    "at",
    "confirmed_at",
)


class Decided(NamedTuple):
    """A row, what we knew of its reader, and what becomes of it."""

    row: Wanted
    known: Known
    fate: Fate


@dataclass
class Hand:
    """What writes the rows of one import; ``wording`` is the hash of the stated consent."""

    import_id: int
    by: str
    wording: str | None
    profiles: dict[tuple[object, ...], int] = field(default_factory=dict)
    _details: dict[tuple[object, ...], str] = field(default_factory=dict)

    def write(self, connection: Connection, decided: Sequence[Decided], now: datetime) -> None:
        """Have happen what was decided.

        Raises:
            IntegrityError: somebody came in by another way since we looked; nothing is lost when
                the transaction is undone and begun anew.
        """
        acting = [one for one in decided if one.fate in _EVENTS]
        ids = self._add_readers(connection, acting, now)
        self._subscribe(connection, acting, ids, now)
        self._confirm(connection, [one for one in acting if one.fate is Fate.CONFIRMED])
        self._unsubscribe(connection, [one for one in acting if one.fate is Fate.LEFT], now)
        self._record(connection, acting, ids, now)
        self._consent(connection, acting, ids, now)
        self._suppress(connection, [one for one in decided if one.fate is Fate.SUPPRESSED], now)

    def forget(self) -> None:
        """Forget ids that were made in a transaction that was undone."""
        self.profiles.clear()

    def _add_readers(
        self, connection: Connection, acting: Sequence[Decided], now: datetime
    ) -> Mapping[str, int]:
        """Make readers of who is new and confirm who was not; all their ids by address key."""
        ids: dict[str, int] = {}
        new: dict[str, list[Decided]] = defaultdict(list)
        woken: dict[State, list[int]] = {State.PENDING: [], State.ACTIVE: []}
        for one in acting:
            if one.known.subscriber_id is None:
                new[one.row.address.key].append(one)
                continue
            ids[one.row.address.key] = one.known.subscriber_id
            if one.fate in _CONFIRMED and one.known.reader is not State.ACTIVE:
                woken[State.ACTIVE].append(one.known.subscriber_id)
            elif one.fate is Fate.ASKED and one.known.reader is State.UNSUBSCRIBED:
                woken[State.PENDING].append(one.known.subscriber_id)
        made = zip(new.items(), reserve_ids(connection, subscribers, len(new)), strict=True)
        rows = []
        for (key, wanted), subscriber_id in made:
            ids[key] = subscriber_id
            rows.append(_reader(subscriber_id, wanted, now))
        add_rows(connection, subscribers, _SUBSCRIBER, rows)
        for state, theirs in woken.items():
            if theirs:
                found = among(connection, subscribers.c.id, theirs)
                confirmed_at = now if state is State.ACTIVE else None
                changed = {"state": state, "confirmed_at": confirmed_at}
                connection.execute(update(subscribers).where(found).values(changed))
        return ids

    def _subscribe(
        self,
        connection: Connection,
        acting: Sequence[Decided],
        ids: Mapping[str, int],
        now: datetime,
    ) -> None:
        rows = []
        for one in acting:
            if one.fate not in ADDS:
                continue
            row, choice, away = one.row, one.row.choice, one.fate is Fate.KEPT_AWAY
            rows.append(
                (
                    ids[row.address.key],
                    row.channel_id,
                    self._profile(connection, choice),
                    choice.cadence,
                    choice.weekday,
                    choice.minute,
                    choice.timezone,
                    choice.specials,
                    _STATES[one.fate].value,
                    row.start_number,
                    now,
                    row.paused_until if one.fate is Fate.PAUSED else None,
                    (row.left_at or now) if away else None,
                )
            )
        add_rows(connection, subscriptions, _SUBSCRIPTION, rows)

    def _confirm(self, connection: Connection, confirmed: Sequence[Decided]) -> None:
        by_number: dict[int, list[int | None]] = defaultdict(list)
        for one in confirmed:
            by_number[one.row.start_number].append(one.known.subscription_id)
        for number, ids in by_number.items():
            theirs = among(connection, subscriptions.c.id, ids)
            active = {"state": State.ACTIVE, "start_number": number}
            connection.execute(update(subscriptions).where(theirs).values(active))

    def _unsubscribe(self, connection: Connection, left: Sequence[Decided], now: datetime) -> None:
        if not left:
            return
        theirs = among(connection, subscriptions.c.id, [one.known.subscription_id for one in left])
        ended = {"state": State.UNSUBSCRIBED, "ended_at": now}
        ended |= {"paused_until": None, "keeps_backlog": False}
        connection.execute(update(subscriptions).where(theirs).values(ended))

    def _record(
        self,
        connection: Connection,
        acting: Sequence[Decided],
        ids: Mapping[str, int],
        now: datetime,
    ) -> None:
        rows = []
        for one in acting:
            reader, channel = ids[one.row.address.key], one.row.channel_id
            rows.append((reader, channel, now, _EVENTS[one.fate].value, self._detail(one)))
            if one.fate is Fate.PAUSED and one.row.paused_until:
                more = {"until": one.row.paused_until.isoformat(), "backlog": False}
                detail = json.dumps({"by": self.by, "import": self.import_id, **more})
                rows.append((reader, channel, now, Event.PAUSED.value, detail))
        add_rows(connection, subscriber_events, _EVENT, rows)

    def _consent(
        self,
        connection: Connection,
        acting: Sequence[Decided],
        ids: Mapping[str, int],
        now: datetime,
    ) -> None:
        asked: dict[tuple[int, bool], list[Wanted]] = defaultdict(list)
        for one in acting:
            if one.fate in _CONFIRMED or one.fate is Fate.ASKED:
                reader = ids[one.row.address.key]
                asked[reader, one.fate in _CONFIRMED].append(one.row)
        rows = []
        for (reader, confirmed), theirs in asked.items():
            at = min(theirs[0].consented_at or now, now) if confirmed else now
            wording, confirmed_at = (self.wording, at) if confirmed else (None, None)
            channels = json.dumps(sorted({row.channel_id for row in theirs}))
            rows.append((reader, self.import_id, METHOD, channels, wording, "", at, confirmed_at))
        add_rows(connection, consents, _CONSENT, rows)

    def _suppress(self, connection: Connection, held: Sequence[Decided], now: datetime) -> None:
        """Put addresses on the do-not-mail list; readers who have one are told so in their state."""
        if not held:
            return
        by_hash = {one.row.address.hash: one for one in held}
        lighter = [address for address, one in by_hash.items() if one.known.suppressed]
        if lighter:
            weighs_less = among(connection, suppressions.c.address_hash, lighter)
            connection.execute(delete(suppressions).where(weighs_less))
        rows = [
            (address, _REASONS[one.row.standing][0].value, now) for address, one in by_hash.items()
        ]
        add_rows(connection, suppressions, ("address_hash", "reason", "at"), rows)
        self._move(connection, by_hash.values(), now)

    def _move(self, connection: Connection, held: Iterable[Decided], now: datetime) -> None:
        moved: dict[tuple[State, State, Event], list[int]] = defaultdict(list)
        for one in held:
            before, happened = one.known.reader, _REASONS[one.row.standing][1]
            if before is not None and one.known.subscriber_id is not None:
                change = before, transition(before, happened), happened
                moved[change].append(one.known.subscriber_id)
        rows: list[tuple[Any, ...]] = []
        for (before, after, happened), ids in moved.items():
            theirs = among(connection, subscribers.c.id, ids)
            connection.execute(update(subscribers).where(theirs).values(state=after))
            said = {"by": self.by, "before": before, "after": after, "import": self.import_id}
            rows += [(reader, None, now, happened.value, json.dumps(said)) for reader in ids]
        add_rows(connection, subscriber_events, _EVENT, rows)

    def _profile(self, connection: Connection, choice: Choice) -> int:
        key = choice.topics_in, choice.topics_out, choice.layout
        if key not in self.profiles:
            self.profiles[key] = profile_of(connection, choice)
        return self.profiles[key]

    def _detail(self, one: Decided) -> str:
        """What the history keeps; who was known keeps the choice that is there already."""
        chosen, state = one.fate in ADDS, one.known.subscription
        key = one.row.choice if chosen else state, one.row.start_number, one.fate
        known = self._details.get(key)
        if known is None:
            said: dict[str, Any] = {"by": self.by, "import": self.import_id}
            if chosen or one.fate is Fate.CONFIRMED:
                said["start_number"] = one.row.start_number
            if one.fate is Fate.LEFT:
                said["before"] = state
            known = json.dumps(said | (told(one.row.choice) if chosen else {}))
            if len(self._details) > 5000:  # noqa: PLR2004 - so that memory stays flat
                self._details.clear()
            self._details[key] = known
        return known


def _reader(subscriber_id: int, theirs: Sequence[Decided], now: datetime) -> tuple[Any, ...]:
    """A new reader's row: confirmed by whichever of their channels is."""
    first = theirs[0].row
    confirmed = next((one for one in theirs if one.fate in _CONFIRMED), None)
    waits = confirmed is None and any(one.fate is Fate.ASKED for one in theirs)
    created_at = now if waits or first.created_at is None else min(first.created_at, now)
    confirmed_at = min(confirmed.row.consented_at or now, now) if confirmed else None
    return (
        subscriber_id,
        first.address.text,
        first.address.key,
        first.address.domain,
        first.name,
        first.language,
        (State.PENDING if waits else State.ACTIVE).value,
        created_at,
        confirmed_at,
    )
