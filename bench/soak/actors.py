"""Those who use an installation: what they share, and how they ask it."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.soak.figures import Figures
from bench.soak.mailbag import Mailbag
from bench.soak.verdict import Stay
from bench.soak.world import Article

FAILED = (httpx.TransportError, TimeoutError)
_LOOK_EVERY_S = 0.25


@dataclass
class World:
    """What everybody acts on: web processes, an API token, what was published and who came."""

    webs: list[str]
    token: str
    bag: Mailbag
    figures: Figures
    ends_at: float  # monotonic seconds
    client: httpx.AsyncClient
    chance: random.Random = field(default_factory=lambda: random.Random(9))
    articles: dict[str, Article] = field(default_factory=dict)
    known: dict[str, str] = field(
        default_factory=dict
    )  # what editors' polls of a web validate with
    specials: list[int] = field(default_factory=list)
    came: list[Stay] = field(default_factory=list)
    left: list[Stay] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.ends_at

    async def rest(self, seconds: float) -> None:
        """Wait as long on average, and no longer than the soak lasts."""
        wanted = self.chance.uniform(0.5, 1.5) * seconds
        await asyncio.sleep(max(min(wanted, self.ends_at - time.monotonic()), 0))

    async def ask(
        self, what: str, method: str, path: str, web: str = "", **more: Any
    ) -> httpx.Response | None:
        """One answer of a web process, timed; None where there was none, which is noted."""
        began = time.monotonic()
        where = (web or self.chance.choice(self.webs)) + path
        try:
            answer = await self.client.request(method, where, **more)
        except FAILED as error:
            self.figures.wrong[f"{what}: {type(error).__name__}"] += 1
            return None
        self.figures.answered(what, answer.status_code, time.monotonic() - began)
        return answer

    async def api(
        self, what: str, method: str, path: str, body: object
    ) -> dict[str, object] | None:
        """What the API says to an editor's request; None where it was refused, which is noted."""
        number = f'"{self.chance.getrandbits(64):x}"'
        own = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": number}
        answer = await self.ask(what, method, f"/api/v1{path}", json=body, headers=own)
        if answer is None:
            return None
        if answer.is_error:
            self.figures.wrong[f"{what}: HTTP {answer.status_code} {answer.text[:200]}"] += 1
            return None
        return dict(answer.json()) if answer.content else {}

    async def until(self, condition: Callable[[], object], within: float) -> bool:
        """Wait until it is so; False if it is not within so many seconds."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_EVERY_S)
        return True
