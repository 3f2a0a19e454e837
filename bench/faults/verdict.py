"""What came of an edition: nobody missed, nobody twice beyond the stated window. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Delivery:
    """What the ledger says of one reader."""

    address: str
    status: str
    possible_duplicates: int


@dataclass(frozen=True)
class Harm:
    """What was done to the processes while an edition went out.

    ``connections``: how many may have lost a whole group of messages whose answers were not
    recorded; ``replies``: how many single answers the relay may have failed to give.
    """

    kills: int = 0
    connections: int = 0
    replies: int = 0
    slowest_stop: float = 0.0  # seconds from SIGTERM to the end of a process
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Harm") -> "Harm":
        return Harm(
            self.kills + other.kills,
            self.connections + other.connections,
            self.replies + other.replies,
            max(self.slowest_stop, other.slowest_stop),
            self.notes + other.notes,
        )


@dataclass(frozen=True)
class Verdict:
    """How an edition ended; ``complaints`` is empty when it kept what is promised."""

    messages: int
    missing: int
    doubled: int
    bound: int
    recorded: int
    complaints: tuple[str, ...] = field(default=())


def judge(
    expected: set[str],
    accepted: Iterable[tuple[str, str]],
    ledger: Sequence[Delivery],
    harm: Harm,
    window: int,
    stop_within: float,
) -> Verdict:
    """Compare what the relay took, as (recipient, Message-ID), with what the ledger says."""
    ids = defaultdict(list)
    for recipient, message_id in accepted:
        ids[recipient].append(message_id)
    suspected = {one.address for one in ledger if one.possible_duplicates}
    doubled = {address for address, found in ids.items() if len(found) > 1}
    bound = window * harm.connections + harm.replies
    checks = {
        "missing": expected - ids.keys(),
        "never asked for": ids.keys() - expected,
        "not sent, by the ledger": {one.address for one in ledger if one.status != "sent"},
        "not in the ledger": expected ^ {one.address for one in ledger},
        "doubled and not recorded": doubled - suspected,
        "of several Message-IDs": {one for one, found in ids.items() if len(set(found)) > 1},
        "without a Message-ID": {one for one, found in ids.items() if "" in found},
        "of a Message-ID of another's": _shared(ids),
    }
    complaints = [
        f"{len(found)} {what}, such as {min(found)}" for what, found in checks.items() if found
    ]
    if len(doubled) > bound:
        complaints.append(f"{len(doubled)} doubled, and {bound} may be")
    if harm.slowest_stop > stop_within:
        complaints.append(f"SIGTERM took {harm.slowest_stop:.0f} s")
    return Verdict(
        messages=len(expected),
        missing=len(checks["missing"]),
        doubled=len(doubled),
        bound=bound,
        recorded=len(doubled & suspected),
        complaints=(*complaints, *harm.notes),
    )


def _shared(ids: dict[str, list[str]]) -> set[str]:
    """Recipients whose Message-ID another one has too."""
    owners = defaultdict(set)
    for address, found in ids.items():
        for one in found:
            owners[one].add(address)
    return {address for whom in owners.values() if len(whom) > 1 for address in whom}
