"""Secret keys while they change: one signs, and those of before are believed for as long as kept."""

Keys = str | tuple[str, ...]
"""A secret key; or several, of which the first signs and seals, and all are believed."""
AT_LEAST = 32  # characters; 256 bits as hex are 64, as base64 43


def signing(keys: Keys) -> str:
    """The key that signs and seals."""
    return believed(keys)[0]


def believed(keys: Keys) -> tuple[str, ...]:
    """Every key whose signature counts, the one that signs first."""
    return (keys,) if isinstance(keys, str) else keys


def secret(value: str) -> str:
    """A secret key that is long enough, or none."""
    if value and len(value) < AT_LEAST:
        raise ValueError(f"must be at least {AT_LEAST} characters")
    return value


def fallbacks(value: str) -> str:
    """Keys of before, separated by spaces or ends of line."""
    if any(len(one) < AT_LEAST for one in value.split()):
        raise ValueError(f"must be keys of at least {AT_LEAST} characters, separated by spaces")
    return value
