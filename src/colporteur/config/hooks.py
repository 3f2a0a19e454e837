"""What webhooks are believed by."""

import re

_TOPIC = re.compile(r"arn:aws(?:-cn|-us-gov)?:sns:[a-z0-9-]{1,40}:\d{12}:[A-Za-z0-9_.-]{1,256}")
_SECRET_AT_LEAST = 16  # characters


def topics(text: str) -> str:
    """ARNs of SNS topics, comma-separated."""
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    for name in names:
        if not _TOPIC.fullmatch(name):
            raise ValueError("must be ARNs of SNS topics, comma-separated")
    return ",".join(names)


def credentials(text: str) -> str:
    """A user and a password, as HTTP's basic authentication has them (RFC 7617)."""
    user, _, password = text.partition(":")
    if text and (not user or len(password) < _SECRET_AT_LEAST):
        raise ValueError(f"must be user:password, the latter of at least {_SECRET_AT_LEAST}")
    return text
