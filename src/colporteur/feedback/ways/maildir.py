"""A Maildir in: what is new or unseen in it is heard, and then marked as seen."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from colporteur.exceptions import ServiceUnavailable
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import AT_MOST, Came
from colporteur.feedback.taking import Fetched, refuse, take

SOURCE = "maildir"
_SEEN = "S"


def fetch_maildir(
    engine: Engine, ears: Ears, folder: Path, at_most: int, stopping: Callable[[], bool]
) -> Fetched:
    """Hear what is unseen in a Maildir, the oldest first; a file is marked once that is committed.

    Raises:
        ServiceUnavailable: the folder cannot be read or written.
    """
    fetched, why = Fetched(), None
    try:
        unseen = _unseen(folder)[:at_most]
    except OSError as error:
        raise _no_use(folder, error) from None
    for file in unseen:
        if stopping():
            break
        try:
            _hear(engine, ears, file, fetched)
            _mark(folder, file)
        except OSError as error:  # the others do not wait for it
            why = error
            fetched.fail(SOURCE, error.strerror)
    if why is not None and fetched.failed == len(unseen):
        raise _no_use(folder, why)
    return fetched


def _hear(engine: Engine, ears: Ears, file: Path, fetched: Fetched) -> None:
    if file.stat().st_size > AT_MOST:
        fetched.count(refuse(engine, SOURCE, Drop.TOO_LARGE))
    else:
        fetched.count(take(engine, ears, Came(SOURCE, file.read_bytes())))


def _no_use(folder: Path, error: OSError) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"The Maildir {folder} cannot be read and written: {error.strerror}.",
        cure="Correct COLPORTEUR_FEEDBACK_MAILBOX, or let this user in.",
    )


def _unseen(folder: Path) -> list[Path]:
    found = [one for one in (folder / "new").iterdir() if one.is_file()]
    if (folder / "cur").is_dir():
        found += [one for one in (folder / "cur").iterdir() if _SEEN not in _flags(one)]
    return sorted((one for one in found if not one.name.startswith(".")), key=lambda one: one.name)


def _flags(file: Path) -> str:
    return file.name.partition(":2,")[2]


def _mark(folder: Path, file: Path) -> None:
    flags = "".join(sorted({*_flags(file), _SEEN}))
    (folder / "cur").mkdir(exist_ok=True)
    file.rename(folder / "cur" / f"{file.name.partition(':')[0]}:2,{flags}")
