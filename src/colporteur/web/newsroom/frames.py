"""What a preview's frame shows: a mail's HTML, where it can run nothing and reach nothing."""

from starlette.responses import HTMLResponse

_OF_PAGES = (
    "default-src 'none'; style-src 'self'; img-src 'self' http: https: data:; sandbox; "
    "frame-ancestors 'self'"
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {site} https: data:; sandbox; "
    "frame-ancestors 'self'"
)


def framed(html: str, site: str) -> HTMLResponse:
    """A mail for an ``<iframe sandbox>``: no script, no form, an origin of its own, no session."""
    return HTMLResponse(html, headers=_headers(_POLICY.format(site=site)))


def framed_page(page: HTMLResponse) -> HTMLResponse:
    """A page of the site, likewise; its looks come from where it is served."""
    return HTMLResponse(page.body, page.status_code, headers=_headers(_OF_PAGES))


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
