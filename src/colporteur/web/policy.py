"""What pages may load (Content-Security-Policy): no script, but for the page that says so."""

_REST = (
    "style-src 'self'; img-src 'self' https: data:; form-action 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
POLICY = f"default-src 'none'; {_REST}"
WITH_SCRIPTS = f"default-src 'none'; script-src 'self'; {_REST}"
