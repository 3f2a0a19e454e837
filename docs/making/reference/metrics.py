"""Every metric, from what processes count and the gauges that are read."""

from colporteur.vitals.exposing import described
from docs.making.reference.writing import code, page, table

_LEAD = (
    "Every metric of `/metrics`. Names end in their unit; `_total` only grows. A histogram has "
    "`_bucket` (with the label `le`), `_sum` and `_count`. Labels are few and bounded: no address, "
    "no person, no path that a stranger made up. Who may read them, and how they are gathered: "
    "[What it shows](../monitoring.md)."
)


def metrics() -> str:
    """The page of metrics."""
    rows = [
        (code(one.name), one.type, ", ".join(map(code, one.labels)), one.says)
        for one in described()
    ]
    return page("Metrics", _LEAD, table(("metric", "type", "labels", "what it says"), rows))
