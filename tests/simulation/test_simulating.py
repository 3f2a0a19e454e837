import json
from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine
from typer.testing import CliRunner

from colporteur.cli.app import app
from colporteur.simulation.log import Ended, Refused
from colporteur.simulation.press import publication
from colporteur.simulation.running import simulate
from colporteur.simulation.world import World


def world(seed: int) -> World:
    return World(seed, 10, 9, publication(), step=timedelta(hours=2))


def test_each_reader_gets_each_article_they_should_once(engine: Engine):
    done = simulate(engine, world(9))
    assert [str(fault) for fault in done.verdict.faults] == []
    happened = Counter(type(event).__name__ for event in done.log.events)
    for kind in ("Withdrawn", "Restored", "Changed", "Left", "Paused", "Missed", "Tried"):
        assert happened[kind], kind
    for kind in ("Arranged", "Approved", "Announced", "Forced", "Suspended", "Recalled"):
        assert happened[kind], kind
    skipped = {event.reason for event in done.log.events if isinstance(event, Ended)}
    assert len(skipped) > 2
    refused = [event for event in done.log.events if isinstance(event, Refused)]
    assert len(refused) < len(done.log.events) / 50


def test_a_world_is_the_same_each_time():
    assert world(3).doings() == world(3).doings()
    assert list(world(3).moments()) == list(world(3).moments())
    assert world(3).doings() != world(4).doings()


def test_the_command_says_the_counts_and_ends_with_0():
    asked = ["editions", "simulate", "--days", "1", "--readers", "3", "--json"]
    answered = CliRunner().invoke(app, asked)
    said = json.loads(answered.stdout)
    assert (answered.exit_code, said["repeated"], said["missing"], said["extra"]) == (0, 0, 0, 0)
    assert (said["days"], said["readers"], said["seed"]) == (1, 3, 0)
