"""Programs of a soak that poll feeds, each from an address of its own, and people who read pages."""

import asyncio
import hashlib
import time
from dataclasses import dataclass, field

import httpx

from bench.soak.actors import World
from bench.soak.world import CHANNEL, TOPIC
from colporteur.clock import utcnow
from colporteur.syndication.lint import lint_document

FEEDS = tuple(
    f"/feeds/{name}.{kind}"
    for name in (CHANNEL, f"{CHANNEL}/{TOPIC}", "all")
    for kind in ("rss", "atom", "json")
)
_POLL_EVERY_S = 6.0
_CHECK_EVERY_S = 20.0
_PAGES = ("/", f"/{CHANNEL}", "/archive", "/feeds.opml", "/subscribe")


@dataclass
class Seen:
    """Which bytes each validator stood for, of all web processes together."""

    bodies: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, path: str, answer: httpx.Response) -> str | None:
        """What is wrong about an answer, if anything."""
        etag = answer.headers.get("etag", "")
        mark = hashlib.sha256(answer.content).hexdigest()
        if not etag:
            return f"{path} came without an ETag"
        if self.bodies.setdefault((path, etag), mark) != mark:
            return f"{path} has two bodies under {etag}"
        return None


async def poll(world: World, number: int, seen: Seen) -> None:
    """One program: one feed, with the validators that it was given."""
    path = FEEDS[number % len(FEEDS)]
    own = {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}
    etag = ""
    await world.rest(_POLL_EVERY_S / 2)
    while world.goes_on:
        asked = own | ({"If-None-Match": etag} if etag else {})
        answer = await world.ask("poll a feed", "GET", path, headers=asked)
        if answer is not None and answer.status_code == httpx.codes.OK:
            etag = answer.headers.get("etag", "")
            if wrong := seen.note(path, answer):
                world.figures.wrong[wrong] += 1
        await world.rest(_POLL_EVERY_S)


async def look(world: World, number: int) -> None:
    """One person: the pages, and the articles."""
    own = {"X-Forwarded-For": f"198.19.0.{number % 250 + 1}"}
    while world.goes_on:
        slugs = list(world.articles)
        path = world.chance.choice([*_PAGES, *(f"/articles/{one}" for one in slugs[-3:])])
        await world.ask("open a page", "GET", path, headers=own)
        await world.rest(2.0)


async def check(world: World) -> None:
    """Lint every feed of every web process, again and again."""
    while world.goes_on:
        for web in world.webs:
            for path in FEEDS:
                await lint(world, web, path)
                await asyncio.sleep(0.2)
        await world.rest(_CHECK_EVERY_S)


async def lint(world: World, web: str, path: str) -> list[str]:
    """The faults of one feed as it is served, which are noted."""
    # Each time another program: one that asks without validators again and again has to wait.
    own = {"X-Forwarded-For": f"203.0.113.{world.chance.randrange(1, 255)}"}
    answer = await world.ask("poll a feed", "GET", path, web, headers=own)
    if answer is None or answer.status_code != httpx.codes.OK:
        return [f"{path} was not served"]
    began = time.monotonic()
    faults = [str(one) for one in lint_document(answer.content, now=utcnow())]
    world.figures.times["lint a feed (here)"].append(time.monotonic() - began)
    for one in faults:
        world.figures.wrong[f"{path}: {one}"] += 1
    return faults
