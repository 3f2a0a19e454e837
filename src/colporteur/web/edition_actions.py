"""What may be done to an edition for a reason, as the engine does it: by pages and by programs."""

from collections.abc import Callable

from colporteur.editions import specials, steering
from colporteur.editions.store import Edition
from colporteur.web.desk import Desk

Action = Callable[[Desk, Edition, str], object]


def approve(desk: Desk, edition: Edition, why: str) -> None:
    """Let it leave."""
    steering.approve(
        desk.connection, edition, desk.revision, desk.names, by=desk.by, now=desk.now, why=why
    )


def hold(desk: Desk, edition: Edition, why: str) -> None:
    """Keep it back."""
    steering.hold(desk.connection, edition, by=desk.by, why=why, now=desk.now)


def release(desk: Desk, edition: Edition, why: str) -> None:
    """Let go what was held."""
    steering.release(desk.connection, edition, by=desk.by, why=why, now=desk.now)


def pause(desk: Desk, edition: Edition, why: str) -> None:
    """Stop sending for now."""
    steering.pause(desk.connection, edition, by=desk.by, why=why, now=desk.now)


def resume(desk: Desk, edition: Edition, why: str) -> None:
    """Send the rest."""
    steering.resume(desk.connection, edition, by=desk.by, why=why, now=desk.now)


def cancel(desk: Desk, edition: Edition, why: str) -> None:
    """Stop for good what has not left."""
    steering.cancel(desk.connection, edition, by=desk.by, why=why, now=desk.now)


def withdraw(desk: Desk, edition: Edition, why: str) -> None:
    """Take a special back before it leaves."""
    specials.withdraw(desk.connection, edition, by=desk.by, why=why, now=desk.now)
