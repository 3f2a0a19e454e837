"""What ``/metrics`` says: what all processes counted, and the figures of this moment."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy import Connection, select

from colporteur import __version__
from colporteur.counting import COUNTED, Counted
from colporteur.db.tables.vitals import metric_totals
from colporteur.vitals.figures import Vitals

Values = Iterable[tuple[tuple[str, ...], float]]
"""Values of a gauge, each with those of its labels."""


@dataclass(frozen=True)
class Gauge:
    """A figure of this moment: its name, what it says, its labels, and how it is read."""

    name: str
    says: str
    labels: tuple[str, ...]
    read: Callable[[Vitals], Values]


def _one(read: Callable[[Vitals], float]) -> Callable[[Vitals], Values]:
    return lambda vitals: [((), float(read(vitals)))]


GAUGES: tuple[Gauge, ...] = (
    Gauge(
        "colporteur_build_info",
        "Always 1; the release that answers.",
        ("version",),
        lambda _: [((__version__,), 1.0)],
    ),
    Gauge(
        "colporteur_publication_revision",
        "The number of the publication in force.",
        (),
        _one(lambda of: of.revision),
    ),
    Gauge(
        "colporteur_beat_silent_seconds",
        "How long ago the last tick was that beat rang for and a worker did, to ten seconds.",
        (),
        lambda of: [((), (of.now - of.beat_seen).total_seconds())] if of.beat_seen else [],
    ),
    Gauge(
        "colporteur_processes",
        "Web servers and workers that said lately that they live.",
        ("kind",),
        lambda of: [
            ((kind,), float(sum(one.kind == kind for one in of.processes)))
            for kind in ("bounces", "up", "web", "worker")
        ],
    ),
    Gauge(
        "colporteur_work_waiting",
        "What could be done now and is not: batches, letters, feeds, hub, webhooks, sources.",
        ("work",),
        lambda of: [((work,), float(count)) for work, count in of.waiting.items()],
    ),
    Gauge(
        "colporteur_work_oldest_seconds",
        "How long the oldest of it has waited; 0 where nothing does.",
        ("work",),
        lambda of: [((work,), age) for work, age in of.oldest_due_s.items()],
    ),
    Gauge(
        "colporteur_editions_late",
        "Editions that are due and have not left whole.",
        (),
        _one(lambda of: len(of.late_editions)),
    ),
    Gauge(
        "colporteur_edition_late_seconds",
        "How late the latest edition of a channel is, while one is.",
        ("channel",),
        lambda of: _latest((one.channel, one.late_s) for one in of.late_editions),
    ),
    Gauge(
        "colporteur_editions_unfrozen",
        "Editions whose freeze is past and did not happen.",
        (),
        _one(lambda of: len(of.unfrozen_late)),
    ),
    Gauge(
        "colporteur_editions_paused",
        "Editions that are paused.",
        (),
        _one(lambda of: len(of.paused_editions)),
    ),
    Gauge(
        "colporteur_sending_held",
        "1 while all sending is suspended.",
        (),
        _one(lambda of: of.held is not None),
    ),
    Gauge(
        "colporteur_rehearsal",
        "1 while only the staff get mail.",
        (),
        _one(lambda of: of.rehearsal),
    ),
    Gauge(
        "colporteur_messages_day",
        "Messages that a relay took in the last day.",
        (),
        _one(lambda of: of.sent),
    ),
    Gauge(
        "colporteur_bounced_day",
        "Messages that bounced for good, heard of in the last day.",
        (),
        _one(lambda of: of.bounced),
    ),
    Gauge(
        "colporteur_complaints_day",
        "Complaints heard of in the last day.",
        (),
        _one(lambda of: of.complained),
    ),
    Gauge("colporteur_sources", "Sources that are polled.", (), _one(lambda of: of.sources_polled)),
    Gauge(
        "colporteur_source_failures",
        "Failures in a row of a source that fails, 1 at the least; sources in health are not shown.",
        ("channel", "source"),
        lambda of: [
            ((one.channel, str(one.id)), float(max(one.failures, 1))) for one in of.sources_failing
        ],
    ),
    Gauge(
        "colporteur_hub_subscribers",
        "Programs that the hub tells of changes.",
        (),
        _one(lambda of: of.hub_subscribers),
    ),
    Gauge(
        "colporteur_hub_subscribers_failing",
        "Those of them that could not be reached last.",
        (),
        _one(lambda of: of.hub_failing),
    ),
    Gauge(
        "colporteur_webhooks",
        "Programs that are told what happens, and those that were switched off.",
        ("state",),
        lambda of: [(("on",), float(of.webhooks_on)), (("off",), float(of.webhooks_off))],
    ),
    Gauge(
        "colporteur_refusals",
        "Articles that stand refused until somebody mends them.",
        (),
        _one(lambda of: of.refusals),
    ),
)


def expose(connection: Connection, vitals: Vitals, accept: str) -> tuple[bytes, str]:
    """The text for Prometheus in the format that it accepts best, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found([*_totals(connection), *_gauges(vitals)]))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def described() -> list[Counted]:
    """Every metric that ``/metrics`` has, in order of names: those counted, and the gauges."""
    gauges = [Counted(one.name, "gauge", one.says, one.labels) for one in GAUGES]
    return sorted([*COUNTED, *gauges], key=lambda one: one.name)


class _Found(Collector):
    """Metrics that are known already, as a registry takes them."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        return self._metrics


def _totals(connection: Connection) -> Iterator[Metric]:
    """What all processes counted; one that none has counted yet is named all the same."""
    families = {_family(one.name): one for one in COUNTED}
    found = {name: Metric(name, one.says, one.type) for name, one in families.items()}
    rows = connection.execute(select(metric_totals))
    for sample, labels, value in sorted(rows, key=_in_order):
        family = found.get(_family(sample))
        if family is not None:
            family.add_sample(sample, labels=json.loads(labels), value=value)
    yield from found.values()


def _family(sample: str) -> str:
    for suffix in ("_total", "_bucket", "_sum", "_count"):
        if sample.endswith(suffix):
            return sample.removesuffix(suffix)
    return sample


def _in_order(row: tuple[str, str, float]) -> tuple[str, str, float, str]:
    """Samples of the same labels together, a histogram's buckets from the narrowest on."""
    sample, labels, _ = row
    said = json.loads(labels)
    bound = float(said.pop("le", "inf"))
    return _family(sample), json.dumps(said, sort_keys=True), bound, sample


def _gauges(vitals: Vitals) -> Iterator[Metric]:
    for gauge in GAUGES:
        family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
        for labels, value in gauge.read(vitals):
            family.add_metric(labels, value)
        yield family


def _latest(found: Iterable[tuple[str, float]]) -> Values:
    latest: dict[str, float] = {}
    for channel, seconds in found:
        latest[channel] = max(seconds, latest.get(channel, 0.0))
    return [((channel,), seconds) for channel, seconds in latest.items()]
