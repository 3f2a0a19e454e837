"""The web of a house on a real port, in a thread, for browsers."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from servers import free_port
from starlette.types import ASGIApp


@contextlib.contextmanager
def served(app: ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    """An application on loopback; its address. With a certificate and its key it speaks TLS."""
    port = free_port()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="off",
        ssl_certfile=certificate,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
