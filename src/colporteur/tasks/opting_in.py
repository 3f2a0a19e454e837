"""Each minute some imported readers are asked whether they want our mail."""

from colporteur.db import database_now, writing
from colporteur.delivery.opting_in import ask_imported
from colporteur.editions import brakes
from colporteur.tasks.application import Runtime
from colporteur.tasks.signing_up import office_of

_TURNS = 10


def ask_imported_readers(run: Runtime) -> None:
    """Ask some, in small transactions, unless mail is held back."""
    for _ in range(_TURNS):
        if not _ask_some(run):
            return


def _ask_some(run: Runtime) -> int:
    """How many were asked; none in a rehearsal, whose letters would never leave after it."""
    with writing(run.engine) as connection:
        office = office_of(connection, run)
        if office is None:
            return 0
        real_relay = run.settings.outbox is None
        brake = brakes.in_force(connection, office.publication, real_relay=real_relay)
        if brake.suspended or brake.rehearsal:
            return 0
        return ask_imported(connection, office, database_now(connection))
