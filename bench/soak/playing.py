"""Plays a soak: everybody acts until the time is over, then what waits is let through."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass

import httpx

from bench.soak import comers, editors, pollers, verdict
from bench.soak.actors import World
from bench.soak.figures import Figures
from bench.soak.mailbag import Mailbag
from bench.soak.stage import Stage
from bench.soak.verdict import Kept
from bench.soak.world import GONE, Group, owed

POLLERS, LOOKERS = 240, 6
DEFERS, DROPS = 0.04, 0.002  # of the messages that the relay is offered
_SAMPLE_EVERY_S = 5.0
_DRAINS_WITHIN_S = 240.0
_LEFT_WITHIN_S = 10.0  # a message may be on its way when its reader leaves


@dataclass(frozen=True)
class Played:
    """What a soak measured, how long it lasted (seconds), and which promises it kept."""

    world: World
    kept: tuple[Kept, ...]
    seconds: float
    drained_s: float
    deferred: int
    cut: int
    restarts: int
    complaints: tuple[str, ...]

    @property
    def figures(self) -> Figures:
        """Its times and counts."""
        return self.world.figures

    @property
    def went_well(self) -> bool:
        """Whether every promise was kept and nothing was wrong."""
        broken = any(one.broken for one in self.kept)
        return not (broken or self.figures.wrong or self.complaints or self.restarts)

    def busiest(self, seconds: float = 10.0) -> float:
        """Messages a second, in the busiest such stretch."""
        stretches = Counter(int(one.at / seconds) for one in self.world.bag.mails)
        return max(stretches.values(), default=0) / seconds


def play(stage: Stage, who: tuple[Group, ...], minutes: float) -> Played:
    """Act for so many minutes, drain, and judge."""
    return asyncio.run(_play(stage, who, minutes))


async def _play(stage: Stage, who: tuple[Group, ...], minutes: float) -> Played:
    stage.sink.order(0, DROPS, defers=DEFERS, keep=True, gone=GONE)
    bag = Mailbag(stage.sink.folder / "messages")
    began = time.monotonic()
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        world = World(stage.webs, stage.token, bag, Figures(), began + minutes * 60, client)
        watching = asyncio.create_task(_watch(stage, world, began))
        async with asyncio.TaskGroup() as acts:
            for one in _everybody(world, who):
                acts.create_task(one)
        ended = time.monotonic()
        stage.sink.order(0, keep=True, gone=GONE)
        await _let_through(stage, world)
        watching.cancel()
        drained_s = time.monotonic() - ended
        for web in stage.webs:
            for path in pollers.FEEDS:
                await pollers.lint(world, web, path)
    bag.look()
    return Played(
        world,
        tuple(_judged(stage, world, who)),
        ended - began,
        drained_s,
        stage.sink.deferred(),
        stage.sink.cut(),
        stage.processes.unexpected,
        tuple(stage.complaints()),
    )


def _everybody(world: World, who: tuple[Group, ...]) -> Iterator[Coroutine[object, object, None]]:
    yield editors.publish(world)
    yield editors.send_specials(world)
    yield pollers.check(world)
    yield comers.crowd(world)
    seen = pollers.Seen()
    yield from (pollers.poll(world, number, seen) for number in range(POLLERS))
    yield from (pollers.look(world, number) for number in range(LOOKERS))
    for group in who:
        if group.leaves:
            yield from (comers.go(world, one) for one in group.addresses())


async def _watch(stage: Stage, world: World, began: float) -> None:
    """Read the mail as it comes, look at the memory now and then, and say how it goes."""
    told = sampled = 0.0
    while True:
        await asyncio.to_thread(world.bag.look)
        now = time.monotonic() - began
        if now - sampled >= _SAMPLE_EVERY_S:
            sampled = now
            for name, size in (await asyncio.to_thread(stage.memory)).items():
                world.figures.memory[name].append((now, size))
        if now - told >= 30:  # noqa: PLR2004 - twice a minute
            told = now
            wrong = sum(world.figures.wrong.values())
            print(
                f"{now:4.0f} s: {len(world.articles)} articles, {len(world.bag.mails)} messages, "
                f"{sum(world.figures.answers.values())} answers, {wrong} wrong",
                flush=True,
            )
        await asyncio.sleep(0.2)


async def _let_through(stage: Stage, world: World) -> None:
    """What instant editions gather and what was put off goes now: nobody waits for the hour."""
    if not await asyncio.to_thread(stage.drain, _DRAINS_WITHIN_S):
        world.figures.wrong["what waited was not sent in the end"] += 1
    await editors.send_the_rest(world)
    await asyncio.sleep(2)  # until a tick has begun with them
    if not await asyncio.to_thread(stage.drain, _DRAINS_WITHIN_S):
        world.figures.wrong["what was sent at the end has not left"] += 1


def _judged(stage: Stage, world: World, who: tuple[Group, ...]) -> Iterator[Kept]:
    mails, articles = world.bag.mails, list(world.articles.values())
    steady = {
        address: owed(group, articles)
        for group in who
        if not group.leaves
        for address in group.addresses()
    }
    published = {one.slug: one.at for one in articles if not one.withdrawn}
    yield verdict.nobody_missed(mails, steady, world.came, published)
    yield verdict.nobody_twice(mails)
    yield verdict.doubles_recorded(mails, stage.suspected(), stage.sink.cut())
    yield verdict.who_left_hears_nothing(mails, world.left, _LEFT_WITHIN_S)
    yield verdict.nothing_is_left(stage.statuses())
    yield verdict.ledger_agrees(mails, stage.sent(), stage.suspected())
    faults = tuple(one for one in world.figures.wrong if one.startswith("/feeds/"))
    yield verdict.Kept(
        "feeds are valid, and one validator means one document", len(pollers.FEEDS), faults
    )
