"""Serves the web: uvicorn in this process, with the fast lane for polls."""

import contextlib
import socket
from collections.abc import Iterator

from colporteur.config import Settings
from colporteur.exceptions import ConfigurationError, EngineBusy
from colporteur.tasks import Runtime


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The web server's socket, taken before anything is begun.

    Raises:
        EngineBusy: the port cannot be had.
        ConfigurationError: the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(512)
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
        yield listener


def serve(run: Runtime, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests that are being answered are finished."""
    import uvicorn  # noqa: PLC0415 - with the web it takes 0.5 s, and no other command serves

    from colporteur.web import create_app, protocol_for  # noqa: PLC0415 - the same

    settings = run.settings
    app = create_app(run)
    config = uvicorn.Config(
        app,
        http=protocol_for(app),
        log_config=None,  # its lines are written as ours are
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        access_log=settings.log_level == "debug",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=10,
        lifespan="off",
        ws="none",
    )

    class Server(uvicorn.Server):
        """One that first ends the answers that last, and waits for the others alone."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.close()
            await super().shutdown(sockets)

    with app.documents.following():
        Server(config).run(sockets=[listener])
