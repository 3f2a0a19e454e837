"""Serves the web: Granian in this process, on a port that is known to be free."""

import asyncio
import logging
import signal
import socket

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from colporteur.config import Settings
from colporteur.exceptions import ConfigurationError, EngineBusy
from colporteur.tasks import Runtime
from colporteur.web import create_app

_STOP_WITHIN_S = 5
_log = logging.getLogger(__name__)


def require_port(settings: Settings) -> None:
    """Check that the port can be had, before anything is begun.

    Raises:
        EngineBusy: another process listens on it, or it is a privileged one.
        ConfigurationError: the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            probe.listen(1)
        except socket.gaierror:
            raise ConfigurationError(
                f"COLPORTEUR_HOST: {settings.host} is no address of this machine.",
                cure="Example: 127.0.0.1, or 0.0.0.0 for every address it has.",
            ) from None
        except OSError as error:
            raise EngineBusy(
                f"Port {settings.port} on {settings.host} cannot be had: {error.strerror}.",
                cure=f"Choose another: COLPORTEUR_PORT={settings.port + 1}",
            ) from None


def serve(run: Runtime) -> None:
    """Serve until SIGINT or SIGTERM; requests that are being answered are finished."""
    app = create_app(run)
    with app.documents.following():
        asyncio.run(_serve(app, run.settings))


async def _serve(app: object, settings: Settings) -> None:
    trusted = settings.trusted_proxies.split(",") if settings.trusted_proxies else []
    served = wrap_asgi_with_proxy_headers(app, trusted) if trusted else app
    server = Server(
        served,
        address=str(socket.getaddrinfo(settings.host, None)[0][4][0]),  # it takes no names
        port=settings.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,  # a proxy in front speaks TLS and HTTP/2 to the world
        websockets=False,
        backlog=512,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    serving = loop.create_task(server.serve())
    await asyncio.wait([serving, loop.create_task(stop.wait())], return_when="FIRST_COMPLETED")
    server.signal_handler_interrupt()  # type: ignore[no-untyped-call]
    try:
        await asyncio.wait_for(serving, _STOP_WITHIN_S)
    except TimeoutError:
        _log.warning("Some connections were still open after %s s.", _STOP_WITHIN_S)
