"""The examination, part after part."""

from collections.abc import Callable, Iterator

from colporteur.doctor import abroad, at_home
from colporteur.doctor.finding import Finding, Severity
from colporteur.doctor.installation import Installation

PARTS = {
    "machine": "This machine",
    "clock": "Clocks",
    "secrets": "Secrets",
    "database": "Database",
    "broker": "Broker",
    "engine": "Beat and workers",
    "sending": "Sending",
    "feedback": "What comes back",
    "relay": "Relays",
    "dns": "DNS",
    "site": "The site",
}
"""What is examined, in reading order, as people call it."""


def examine(patient: Installation, telling: Callable[[str], None]) -> Iterator[Finding]:
    """Every finding. ``telling`` is told the key of each part before it is asked."""
    telling("machine")
    yield from at_home.machine(patient)
    telling("secrets")
    yield from at_home.secrets(patient)
    telling("database")
    databases = list(at_home.database(patient))
    yield from databases
    known, troubles = at_home.learn(patient)
    if Severity.WRONG not in {one.severity for one in databases}:  # else they say it again
        yield from troubles
    telling("broker")
    brokers = list(at_home.broker(patient))
    yield from brokers
    telling("engine")
    reached = all(one.severity is not Severity.WRONG for one in brokers if "version" in one.check)
    yield from at_home.engine(patient, known, broker_answers=reached)
    telling("sending")
    yield from at_home.sending(patient, known)
    telling("relay")
    yield from abroad.relays(patient, known)
    telling("dns")
    yield from abroad.names(patient, known)
    telling("clock")
    yield from abroad.clock(patient, known)
    telling("site")
    yield from abroad.site(patient, known)
