"""What is asked of this machine and of the installation's own servers."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from colporteur import __version__
from colporteur.config.relay import is_loopback
from colporteur.db import database_now, reading
from colporteur.doctor.asking.broker import look_at_broker
from colporteur.doctor.asking.database import look_at_database
from colporteur.doctor.asking.ears import look_at_ears
from colporteur.doctor.asking.machine import look_at_machine, sqlite_file
from colporteur.doctor.asking.workers import look_at_workers
from colporteur.doctor.finding import Finding, note, unknown, well, wrong
from colporteur.doctor.installation import Installation, Known, guarded
from colporteur.doctor.judging.broker import judge_broker
from colporteur.doctor.judging.database import judge_database
from colporteur.doctor.judging.ears import judge_ears
from colporteur.doctor.judging.engine import (
    is_ticking,
    judge_beat,
    judge_releases,
    judge_workers,
)
from colporteur.doctor.judging.machine import judge_machine
from colporteur.doctor.judging.secrets import judge_secrets
from colporteur.doctor.judging.sending import (
    judge_brakes,
    judge_figures,
    judge_people,
)
from colporteur.publication.files import read_publication
from colporteur.publication.revisions import current
from colporteur.publication.site import site_in_force
from colporteur.staff.people import Role, listing
from colporteur.vitals.reading import read_vitals


def machine(patient: Installation) -> Iterator[Finding]:
    """Python, zones, clock, disks and files."""
    found = look_at_machine(patient.settings, patient.origins)
    return judge_machine(found, real=patient.real)


def secrets(patient: Installation) -> Iterator[Finding]:
    """What could be guessed."""
    settings = patient.settings
    opened: dict[str, str | None] = {}
    if not settings.database.startswith("sqlite"):
        url = make_url(settings.database)
        # Without a password in the address, a file of libpq's or the socket's owner may say who.
        if not is_loopback(url.host or "localhost") and url.password is not None:
            opened["the database"] = str(url.password)
    if settings.feedback_postmark:
        opened["/feedback/postmark"] = settings.feedback_postmark.partition(":")[2]
    if not settings.embedded and (password := urlsplit(settings.broker_url).password):
        opened["Redis"] = unquote(password)
    return judge_secrets(settings.secret_key, opened)


def database(patient: Installation) -> Iterator[Finding]:
    """Whether it answers, and how it is set."""
    file = sqlite_file(patient.settings)
    if file is not None and not file.exists():
        yield note(
            "database.version",
            f"There is no database at {file} yet.",
            "`colporteur up` or `colporteur migrate` makes it.",
        )
        return
    yield from guarded(
        "database.version", lambda: judge_database(look_at_database(patient.engine)), wrong
    )


def learn(patient: Installation) -> tuple[Known, list[Finding]]:
    """What the database knows, and what kept it from telling.

    Before a first start the publication's files tell what can be told.
    """
    known: list[Known] = []

    def ask() -> list[Finding]:
        file = sqlite_file(patient.settings)
        if file is None or file.exists():
            with reading(patient.engine) as connection:
                known.append(_known(patient, connection))
        return []

    def read() -> list[Finding]:
        found = read_publication(patient.settings.feeds_folder).publication
        known.append(Known(found, patient.settings.site(found.base_url)))
        return []

    troubles = list(guarded("database.read", ask, wrong))
    if not known:
        troubles += guarded("sending.publication", read, wrong)
    return (known[0] if known else Known()), troubles


def broker(patient: Installation) -> Iterator[Finding]:
    """Redis, where there is one."""
    if patient.settings.embedded:
        yield well("broker.version", "The broker is in the memory of `colporteur up`.")
        return
    url = patient.settings.broker_url
    yield from guarded("broker.version", lambda: judge_broker(look_at_broker(url)), wrong)


def engine(
    patient: Installation, known: Known, *, broker_answers: bool = True
) -> Iterator[Finding]:
    """Who does the work."""
    embedded = patient.settings.embedded
    if known.vitals is not None:
        yield judge_beat(known.vitals.beat_seen, known.vitals.now, embedded=embedded)
        yield from judge_releases(known.vitals, __version__)
    if not broker_answers:
        yield unknown("engine.workers", "Workers are asked by the broker, which does not answer.")
    elif not embedded:
        yield from guarded(
            "engine.workers",
            lambda: judge_workers(
                look_at_workers(patient.celery, patient.workers_within_s), patient.queues
            ),
            wrong,
        )


def sending(patient: Installation, known: Known) -> Iterator[Finding]:
    """What keeps mail from leaving, and who is told."""
    settings = patient.settings
    if known.vitals is None or known.publication is None or not known.vitals.revision:
        yield note(
            "sending.publication",
            "No publication is in force yet.",
            "`colporteur up` puts that of COLPORTEUR_FEEDS in force, or `publication apply`.",
        )
        return
    yield from judge_brakes(known.vitals)
    yield from judge_figures(known.vitals, settings.limits_of_alerts)
    if not patient.real:
        yield note("sending.outbox", f"Mail stays on this machine, in {settings.outbox}.")
        return
    yield from judge_people(known.publication, known.admins)
    here = settings.embedded and is_ticking(known.vitals.beat_seen, known.vitals.now)
    yield from judge_ears(look_at_ears(settings, offline=patient.names is None, here=here))


def _known(patient: Installation, connection: Connection) -> Known:
    now = database_now(connection)
    revision = current(connection)
    settings = patient.settings
    publication = (
        revision.publication if revision else read_publication(settings.feeds_folder).publication
    )
    return Known(
        publication=publication,
        site=site_in_force(connection, settings, publication),
        vitals=read_vitals(connection, settings, now),
        admins=sum(
            one.role in {Role.ADMIN, Role.APPROVER} and one.disabled_at is None
            for one in listing(connection)
        ),
    )
