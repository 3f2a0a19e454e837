"""What this process counts, under the names by which Prometheus knows it.

A process adds to these as things happen; ``vitals.keeping`` sums what all processes counted in the
database, and ``/metrics`` shows the sums. So the children of a worker count too, a process that
ended is not forgotten, and one web server tells of the whole installation. What a transaction
brings about is counted after it.
"""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()


@dataclass(frozen=True)
class Counted:
    """A metric that processes count: its name as ``/metrics`` has it, its type and labels."""

    name: str
    type: str
    says: str
    labels: tuple[str, ...]


COUNTED: list[Counted] = []
"""All of them."""


def _counter(name: str, says: str, *labels: str) -> Counter:
    COUNTED.append(Counted(f"{name}_total", "counter", says, labels))
    return Counter(name, says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, *labels: str, up_to: tuple[float, ...]) -> Histogram:
    COUNTED.append(Counted(name, "histogram", says, labels))
    return Histogram(name, says, labels, buckets=up_to, registry=REGISTRY)


DELIVERIES = _counter(
    "colporteur_deliveries",
    "What became of each attempt to hand a mail to a relay: sent, deferred, failed, lost (the "
    "connection, in the middle), skipped (before it), put_off (ours was at fault).",
    "domain_group",
    "relay",
    "outcome",
)
EDITION_LATENESS = _histogram(
    "colporteur_edition_lateness_seconds",
    "How long after its time the first mail of an edition was taken by a relay.",
    "kind",
    up_to=(1, 5, 15, 60, 300, 900, 3600),
)
FREEZES = _histogram(
    "colporteur_freeze_seconds",
    "How long it took to fix an edition's articles and readers; their count is that of freezes.",
    "kind",
    up_to=(0.1, 0.5, 1, 5, 15, 60),
)
FEED_POLLS = _counter(
    "colporteur_feed_polls",
    "Polls of feeds that reached a web server, by format and status; 304 is a reader's own cache.",
    "format",
    "status",
)
ENTRY_FRAGMENTS = _counter(
    "colporteur_entry_fragments",
    "Entries that feeds were joined from: kept ones that were found, and those that were written.",
    "result",
)
SOURCE_POLLS = _counter(
    "colporteur_source_polls",
    "Polls of sources elsewhere: ok, failed, or gone (410).",
    "result",
)
FEEDBACK = _counter(
    "colporteur_feedback",
    "What came back and was about a reader; refusals during the handover are failed deliveries.",
    "source",
    "kind",
    "verdict",
)
HUB = _counter(
    "colporteur_hub_requests",
    "Requests of the WebSub hub to its subscribers, by step (verify, deliver) and result.",
    "step",
    "result",
)
WEBHOOKS = _counter(
    "colporteur_webhook_messages",
    "Messages sent to programs elsewhere: taken or failed.",
    "result",
)
TASKS = _histogram(
    "colporteur_task_seconds",
    "How long workers' tasks took; their count is that of tasks that ended, well or not.",
    "task",
    up_to=(0.01, 0.1, 1, 10, 60),
)
TASK_FAILURES = _counter(
    "colporteur_task_failures",
    "Tasks that ended with an error that nobody expected.",
    "task",
)
REQUESTS = _histogram(
    "colporteur_http_request_seconds",
    "How long answers to HTTP requests took, until their first byte; feeds' polls are apart.",
    "route",
    up_to=(0.01, 0.05, 0.1, 0.5, 1, 5),
)
ANSWERS = _counter(
    "colporteur_http_requests",
    "HTTP requests answered, by route and status; feeds' polls are apart.",
    "method",
    "route",
    "status",
)
