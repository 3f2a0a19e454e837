"""``/metrics``: how the installation does, as Prometheus reads it.

It names channels, relays and groups of domains, and no person. With a token set, whoever brings it
may read it, and nobody else; without one, whoever asks straight from this machine or a private
network under a name of such a network: the outside comes past a proxy, under the site's name.
"""

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from colporteur.db import database_now, reading
from colporteur.tasks import Runtime
from colporteur.vitals.exposing import expose
from colporteur.vitals.reading import read_vitals
from colporteur.web.clients import past_a_proxy

_BEARER = "Bearer "
_NOT_YOURS = (
    "Only this machine and private networks may read this, or set COLPORTEUR_METRICS_TOKEN.\n"
)
_BRING_IT = "Bring the token of COLPORTEUR_METRICS_TOKEN: Authorization: Bearer …\n"


def metrics_routes(runtime: Runtime) -> APIRouter:
    """The one route that Prometheus asks."""
    routes = APIRouter()
    token = runtime.settings.metrics_token

    @routes.get("/metrics")
    def metrics(request: Request) -> Response:
        if token and not _brings(request, token):
            return PlainTextResponse(_BRING_IT, 401, {"WWW-Authenticate": "Bearer"})
        if not token and not _is_near(request):
            return PlainTextResponse(_NOT_YOURS, 403)
        with reading(runtime.engine) as connection:
            vitals = read_vitals(connection, runtime.settings, database_now(connection))
            accept = request.headers.get("accept", "")
            body, content_type = expose(connection, vitals, accept)
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return Response(body, headers=headers)

    return routes


def _brings(request: Request, token: str) -> bool:
    said = request.headers.get("authorization", "")
    given = said.removeprefix(_BEARER) if said.startswith(_BEARER) else ""
    return hmac.compare_digest(given.encode(), token.encode())


def _is_near(request: Request) -> bool:
    """From a private address, past no proxy, and under no name that strangers could point here."""
    if past_a_proxy(request) or request.client is None:
        return False
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:  # such as [
        return False
    return _is_private(request.client.host) and (_is_private(host) or "." not in host)


def _is_private(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_private or found.is_loopback
