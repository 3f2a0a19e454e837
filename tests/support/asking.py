"""A web of the tests' own, asked over ASGI; the real server is in end_to_end."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from house import SITE, TEMPLATES, House
from starlette.types import ASGIApp

from colporteur.config import Settings
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web import create_app
from colporteur.web.feeds import FeedsInFront

Ask = Callable[..., httpx.Response]


def make_app(
    house: House, folder: Path, looks: Templates | None = None, **changes: Any
) -> FeedsInFront:
    values = {"mail_url": f"maildir:{folder}/outbox", "secret_key": "k" * 32, "base_url": SITE}
    settings = Settings(**(values | changes))
    shipped = settings.template_folders == TEMPLATES.folders
    templates = looks or (TEMPLATES if shipped else Templates(settings.template_folders))
    return create_app(Runtime(settings, house.engine, templates))


def asker(app: ASGIApp, client: str = "127.0.0.1", *, raises: bool = True) -> Ask:
    def ask(method: str, path: str, **options: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app, client=(client, 4711), raise_app_exceptions=raises)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                return await http.request(method, path, **options)

        return asyncio.run(once())

    return ask
