"""What a soak promised, and whether it kept it. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.soak.mailbag import Mail

_SHOWN = 3


@dataclass(frozen=True)
class Kept:
    """A promise, how many readers or things it was looked at for, and those that it failed."""

    promise: str
    of: int
    broken: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """How it went, for people."""
        if not self.broken:
            return "yes"
        some = ", ".join(self.broken[:_SHOWN])
        return f"NO, {len(self.broken)} times: {some}"


@dataclass(frozen=True)
class Stay:
    """Somebody who came or left: who, from when and until when they are owed what is published."""

    address: str
    since: float
    until: float | None = None


def nobody_missed(
    mails: Iterable[Mail],
    owed: Mapping[str, set[str]],
    came: Sequence[Stay],
    published: Mapping[str, float],
) -> Kept:
    """Each reader got every article that they are owed.

    ``owed`` is by the address of a steady reader; newcomers are owed what was published after
    they had confirmed.
    """
    got: dict[str, set[str]] = defaultdict(set)
    for mail in mails:
        got[mail.recipient] |= mail.articles
    wanted = dict(owed)
    for one in came:
        if one.until is None:
            wanted[one.address] = {slug for slug, at in published.items() if at > one.since}
    broken = [
        f"{address} lacks {min(lacking)}"
        for address, articles in wanted.items()
        if (lacking := articles - got[address])
    ]
    return Kept("nobody is missed", len(wanted), tuple(broken))


def nobody_twice(mails: Iterable[Mail]) -> Kept:
    """No reader got an article in two messages that are not the same one."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in mails:
        for slug in mail.articles:
            seen[mail.recipient, slug].add(mail.message_id)
    broken = [f"{who} got {slug}" for (who, slug), ids in seen.items() if len(ids) > 1]
    return Kept("nobody gets an article twice", len(seen), tuple(broken))


def doubles_recorded(mails: Iterable[Mail], suspected: set[str], drops: int) -> Kept:
    """A message that came twice is one that the ledger counts as possibly doubled.

    ``suspected``: addresses with such a delivery. ``drops``: connections that the relay cut; each
    may have left one message in doubt.
    """
    times = Counter((mail.recipient, mail.message_id) for mail in mails)
    doubled = sorted({who for (who, _), number in times.items() if number > 1})
    broken = [f"{who}'s is not recorded" for who in doubled if who not in suspected]
    if len(doubled) > drops:
        broken.append(f"{len(doubled)} doubled after {drops} cut connections")
    return Kept("what is doubled is recorded, one a cut at most", len(times), tuple(broken))


def who_left_hears_nothing(mails: Iterable[Mail], left: Sequence[Stay], within: float) -> Kept:
    """Nobody gets a digest ``within`` seconds after they left, or later."""
    ends = {one.address: one.until for one in left if one.until is not None}
    broken = [
        f"{mail.recipient} after {mail.at - ends[mail.recipient]:.0f} s"
        for mail in mails
        if mail.recipient in ends and mail.articles and mail.at > ends[mail.recipient] + within
    ]
    return Kept("who left gets no more digests", len(ends), tuple(broken))


def nothing_is_left(statuses: Mapping[str, int]) -> Kept:
    """Every delivery came to an end."""
    unfinished = {
        name: n for name, n in statuses.items() if name not in {"sent", "failed", "skipped"}
    }
    broken = [f"{number} {name}" for name, number in unfinished.items()]
    return Kept("the ledger is through", sum(statuses.values()), tuple(broken))


def ledger_agrees(mails: Iterable[Mail], sent: Mapping[str, int], suspected: set[str]) -> Kept:
    """Each address took as many different messages as the ledger calls sent to it.

    One more it may have where the ledger suspects so: a message was taken as the connection was
    cut, and its reader had left before the next try.
    """
    taken = Counter(who for who, _ in {(mail.recipient, mail.message_id) for mail in mails})
    broken = [
        f"{who}: {sent.get(who, 0)} sent, {taken[who]} taken"
        for who in sorted(taken.keys() | sent.keys())
        if not 0 <= taken[who] - sent.get(who, 0) <= int(who in suspected)
    ]
    return Kept("the ledger and the relay agree", sum(taken.values()), tuple(broken))
