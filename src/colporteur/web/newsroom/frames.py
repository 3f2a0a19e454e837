"""What a preview's frame shows: a mail's HTML, where it can run nothing and reach nothing."""

from starlette.responses import HTMLResponse

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {site} https: data:; sandbox; "
    "frame-ancestors 'self'"
)


def framed(html: str, site: str) -> HTMLResponse:
    """A mail for an ``<iframe sandbox>``: no script, no form, an origin of its own, no session."""
    return HTMLResponse(
        html,
        headers={
            "Content-Security-Policy": _POLICY.format(site=site),
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )
