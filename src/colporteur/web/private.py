"""What the pages share that are one reader's own."""

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
"""Headers: no cache keeps such a page, no other site learns its address, no index lists it."""
