"""Writes a publication back as the TOML files it can be read from."""

from typing import Any

import tomli_w

from colporteur.publication.model import Publication


def to_files(publication: Publication, revision: int) -> dict[str, str]:
    """File name to text, for ``publication.toml`` and each channel.

    ``based_on`` tells a later ``apply`` which revision these files have seen.
    """
    tree = publication.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    channels: list[dict[str, Any]] = tree.pop("channels")
    order = [channel["slug"] for channel in channels]
    main = {"based_on": revision, "channels": order, **tree}
    files = {"publication.toml": tomli_w.dumps(main)}
    for channel in channels:
        slug = channel.pop("slug")
        files[f"{slug}.toml"] = tomli_w.dumps(channel)
    return files
