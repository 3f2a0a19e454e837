"""One freeze in a process of its own, so that its memory is what is measured."""

import json
import resource
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import func, select

from colporteur.clock import use_shipped_zones
from colporteur.db import make_engine, reading, writing
from colporteur.db.tables.editions import variants
from colporteur.editions import scheduling
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require

NOW = datetime(2026, 11, 20, 5, 50, tzinfo=UTC)  # ten minutes before a slot in Paris


def freeze_once(url: str) -> dict[str, float]:
    """Freeze the edition that is due; seconds with the commit, and this process's peak."""
    use_shipped_zones()
    engine = make_engine(url)
    began = time.perf_counter()
    with writing(engine) as connection:
        revision = require(connection)
        names = ids(connection, revision.publication)
        (edition_id,) = scheduling.advance(connection, revision, names, NOW)
    seconds = time.perf_counter() - began
    with reading(engine) as connection:
        readers = sum(scheduling.counts(connection, edition_id).values())
        made = select(func.count()).where(variants.c.edition_id == edition_id)
        count = connection.scalar(made) or 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "readers": readers, "variants": count, "mb": peak}


if __name__ == "__main__":
    print(json.dumps(freeze_once(sys.argv[1])))
