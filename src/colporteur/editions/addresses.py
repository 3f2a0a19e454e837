"""Where editions are read on the web. Pure."""

KEY_SHOWN = 16
"""How much of a variant's key its address has: enough to tell it from the edition's others."""


def page_path(public_id: str, key: str = "") -> str:
    """Where an edition is read on the web; with a variant's key, what its readers got."""
    return f"/editions/{public_id}" + (f"/{key[:KEY_SHOWN]}" if key else "")


def archive_path(slug: str, page: int = 1) -> str:
    """Where the past editions of a channel are listed, from page 1, the newest."""
    return f"/archive/{slug}" + (f"?page={page}" if page > 1 else "")
