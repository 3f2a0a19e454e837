"""Readers who come and go while a soak lasts: they sign up, confirm, read, and leave."""

import asyncio
import time

import httpx

from bench.soak.actors import World
from bench.soak.mailbag import Mail
from bench.soak.verdict import Stay
from bench.soak.world import CHANNEL, SITE

_COMES_EVERY_S = 2.0
_LETTER_WITHIN_S, _DIGEST_WITHIN_S = 700.0, 700.0
_GOES = 0.5  # of those who came


async def come(world: World, number: int) -> None:
    """One newcomer: signs up, confirms, and leaves again or stays."""
    address = f"new-{number}@d{number % 40}.example.org"
    body = {
        "address": address,
        "channels": [CHANNEL],
        "ip": f"198.51.{number // 250}.{number % 250 + 1}",
        "wording": "Recevez nos lettres.",
        "form_url": f"{SITE}/compte",
    }
    asked = time.monotonic()
    if await world.api("sign up", "POST", "/signups", body) is None:
        return
    if not await world.until(lambda: world.bag.of(address) or not world.goes_on, _LETTER_WITHIN_S):
        return  # the relay put it off, for some minutes
    if not world.bag.of(address):
        return
    letter = world.bag.of(address)[0]
    world.figures.times["from signing up to the letter"].append(letter.at - asked)
    if not await _confirmed(world, letter):
        return
    since = time.monotonic()
    if world.chance.random() >= _GOES:
        world.came.append(Stay(address, since))
        return
    await go(world, address)


async def _confirmed(world: World, letter: Mail) -> bool:
    """Look at the page of the letter's link, and press its button."""
    path = world.bag.link(letter, "/confirm/")
    if path is None:
        world.figures.wrong["a letter without a link"] += 1
        return False
    for method in ("GET", "POST"):
        answer = await world.ask("confirm", method, path)
        if answer is None or answer.status_code != httpx.codes.OK:
            world.figures.wrong[f"confirming: {answer and answer.status_code}"] += 1
            return False
    return True


async def go(world: World, address: str) -> None:
    """Wait for a digest, and leave by its one click (RFC 8058)."""

    def digests() -> list[Mail]:
        return [one for one in world.bag.of(address) if one.articles]

    if not await world.until(lambda: digests() or not world.goes_on, _DIGEST_WITHIN_S):
        world.figures.wrong["no digest came to leave by"] += 1
    if not digests():
        return
    await world.rest(20)
    path = world.bag.way_out(digests()[-1])
    if path is None:
        world.figures.wrong["a digest without List-Unsubscribe"] += 1
        return
    answer = await world.ask(
        "leave by one click", "POST", path, data={"List-Unsubscribe": "One-Click"}
    )
    if answer is not None and answer.status_code == httpx.codes.OK:
        world.left.append(Stay(address, 0.0, time.monotonic()))
    elif answer is not None:
        world.figures.wrong[f"leaving: HTTP {answer.status_code}"] += 1


async def crowd(world: World) -> None:
    """One after the other, each on their own way."""
    number = 0
    async with asyncio.TaskGroup() as ways:
        while world.goes_on:
            number += 1
            ways.create_task(come(world, number))
            await world.rest(_COMES_EVERY_S)
