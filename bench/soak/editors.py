"""Editors of a soak: they publish, correct, withdraw, and send special editions, by the API."""

import asyncio
import time

from bench.soak.actors import World
from bench.soak.world import CADENCES, CHANNEL, TOPIC, Article

_ARTICLE_EVERY_S = 8.0
_SPECIAL_EVERY_S = 75.0
_CORRECTED, _WITHDRAWN = 0.25, 0.06  # of the articles
_SEEN_WITHIN_S = 30.0
_TEXT = "Du texte qui dit ce qui a été mesuré, et encore un peu. " * 12


async def publish(world: World) -> None:
    """An article every few seconds until the end; some are corrected, some taken back."""
    number = 0
    while world.goes_on:
        number += 1
        await _one(world, number)
        await world.rest(_ARTICLE_EVERY_S)


async def _one(world: World, number: int) -> None:
    topic = TOPIC if number % 2 else "villes"
    title = f"Mesure numero {number:04}"
    body = {"id": f"soak-{number}", "title": title, "body": _TEXT, "topics": [topic]}
    made = await world.api("publish an article", "POST", "/articles", body)
    if made is None:
        return
    slug = str(made["url"]).rpartition("/")[2]
    world.articles[slug] = Article(slug, time.monotonic(), topic)
    await _shown(world, slug)
    if world.chance.random() < _CORRECTED:
        changed = {"title": f"{title}, corrigée", "significant": False}
        await world.api("correct an article", "PATCH", f"/articles/soak-{number}", changed)
    if world.chance.random() < _WITHDRAWN:
        world.articles[slug] = world.articles[slug].taken_back()
        await world.api("withdraw an article", "DELETE", f"/articles/soak-{number}", None)


async def _shown(world: World, slug: str) -> None:
    """Time until every web process has it in its feed."""
    began = time.monotonic()
    for web in world.webs:
        path = f"/feeds/{CHANNEL}.json"
        while True:
            own = {"If-None-Match": world.known[web]} if web in world.known else {}
            answer = await world.ask("poll for news", "GET", path, web, headers=own)
            if answer is not None and "etag" in answer.headers:
                world.known[web] = answer.headers["etag"]
            if answer is not None and slug in answer.text:
                break
            if time.monotonic() > began + _SEEN_WITHIN_S:
                world.figures.wrong[f"{slug} is in no feed of {web}"] += 1
                return
            await asyncio.sleep(0.1)
    world.figures.times["from the answer to every feed"].append(time.monotonic() - began)


async def send_specials(world: World) -> None:
    """A special edition now and then: a note, and the newest article."""
    number = 0
    while world.goes_on:
        await world.rest(_SPECIAL_EVERY_S)
        if not world.goes_on or not world.articles:
            return
        number += 1
        await _special(world, number)


async def _special(world: World, number: int) -> None:
    newest = max(world.articles.values(), key=lambda one: one.at)
    draft = {
        "channels": [CHANNEL],
        "articles": [] if newest.withdrawn else [newest.slug],
        "subject": f"Édition spéciale {number}",
        "note": "Ce que l’on sait à cette heure.",
    }
    made = await world.api("draft a special", "POST", "/editions/specials", draft)
    if made is None:
        return
    path = f"/editions/{made['id']}/confirm"
    told = {"readers": made["readers"]}
    if await world.api("confirm a special", "POST", path, told) is not None:
        world.specials.append(int(str(made["id"])))


async def send_the_rest(world: World) -> None:
    """An edition of each cadence now: whoever still lacks something gets it."""
    for cadence in CADENCES:
        path = f"/channels/{CHANNEL}/cadences/{cadence}/send"
        await world.api("send now", "POST", path, None)
