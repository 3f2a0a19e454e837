"""The short form of ``make faults``; the long one kills thirty ways (bench/faults.md)."""

from pathlib import Path

import pytest

from bench.faults.playing import play
from bench.faults.scenarios import ALL, Size
from bench.faults.verdict import Delivery, Harm, judge

FAST = Size(readers=2000, rate=200, kills=3, every=1)


@pytest.mark.postgresql
@pytest.mark.redis
@pytest.mark.smtp
def test_nobody_is_missed_though_workers_are_killed_redis_flushed_and_connections_cut(
    tmp_path: Path,
):
    played = play(ALL["mixed"], FAST, logs=tmp_path)
    assert played.verdict.complaints == ()
    assert (played.verdict.messages, played.verdict.missing) == (2000, 0)
    assert played.harm.kills == 3
    assert played.verdict.doubled == played.verdict.recorded <= played.verdict.bound


READERS = {"a@x.example", "b@x.example"}
SENT = [Delivery(one, "sent", 0) for one in sorted(READERS)]
BOTH = [("a@x.example", "<1@x>"), ("b@x.example", "<2@x>")]


@pytest.mark.parametrize(
    ("accepted", "ledger", "complaint"),
    [
        (BOTH, SENT, None),
        (BOTH[:1], SENT, "1 missing, such as b@x.example"),
        ([*BOTH, ("c@x.example", "<3@x>")], SENT, "1 never asked for, such as c@x.example"),
        ([*BOTH, BOTH[0]], [Delivery("a@x.example", "sent", 1), SENT[1]], None),
        ([*BOTH, BOTH[0]], SENT, "1 doubled and not recorded, such as a@x.example"),
        ([*BOTH, ("a@x.example", "<9@x>")], SENT, "1 of several Message-IDs, such as a@x.example"),
        ([BOTH[0], ("b@x.example", "<1@x>")], SENT, "2 of a Message-ID of another's"),
        (BOTH, [SENT[0], Delivery("b@x.example", "inflight", 0)], "1 not sent, by the ledger"),
        (BOTH, SENT[:1], "1 not in the ledger, such as b@x.example"),
        ([*BOTH, *BOTH], [Delivery(one, "sent", 1) for one in READERS], "2 doubled, and 1 may be"),
    ],
)
def test_the_judge_of_faults_sees_what_went_wrong(accepted, ledger, complaint):
    found = judge(READERS, accepted, ledger, Harm(replies=1), window=20, stop_within=25)
    if complaint is None:
        assert found.complaints == ()
    else:
        assert any(complaint in one for one in found.complaints), found.complaints
