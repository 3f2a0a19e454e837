"""An IMAP mailbox in (RFC 3501): what is unseen in a folder is heard, then flagged or moved."""

import contextlib
import imaplib
import ssl
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine

from colporteur.config.listening import Mailbox
from colporteur.exceptions import ServiceUnavailable
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import AT_MOST, Came
from colporteur.feedback.taking import Fetched, refuse, take

SOURCE = "imap"
_ANSWERS_WITHIN_S = 30
_STEP = 50_000  # messages: their UIDs take half a megabyte


def fetch_imap(
    engine: Engine, ears: Ears, mailbox: Mailbox, at_most: int, stopping: Callable[[], bool]
) -> Fetched:
    """Hear what is unseen in a folder, the oldest first; each is flagged once that is committed.

    Raises:
        ServiceUnavailable: the server does not answer, or not as it should.
    """
    fetched = Fetched()
    with _told(mailbox), _connected(mailbox) as server:
        _login(server, mailbox)
        there = int(_ask(server.select(_quoted(mailbox.folder)))[0] or 0)
        found = _unseen(server, there, at_most)
        able = _able(server, mailbox) if found else b""
        for uid in found:
            if stopping():
                break
            try:
                message = _read(server, uid)
                if message is None:
                    fetched.count(refuse(engine, SOURCE, Drop.TOO_LARGE))
                else:
                    fetched.count(take(engine, ears, Came(SOURCE, message)))
                _mark(server, uid, mailbox, able)
            except imaplib.IMAP4.abort:
                raise  # the connection is of no use any more
            except imaplib.IMAP4.error as error:  # the others do not wait for it
                fetched.fail(SOURCE, error)
    return fetched


def try_imap(mailbox: Mailbox) -> int:
    """Sign in and open the folder, to look only; how many messages lie there.

    Raises:
        ServiceUnavailable: the server does not answer, or not as it should.
    """
    with _told(mailbox), _connected(mailbox) as server:
        _login(server, mailbox)
        return int(_ask(server.select(_quoted(mailbox.folder), readonly=True))[0] or 0)


def _unseen(server: imaplib.IMAP4, there: int, at_most: int) -> list[str]:
    """The first messages of a folder that are unseen, in steps: imaplib takes lines of 1 MB."""
    found: list[bytes] = []
    for first in range(1, there + 1, _STEP):
        last = "*" if first + _STEP > there else str(first + _STEP - 1)
        said = _ask(server.uid("SEARCH", f"{first}:{last}", "UNSEEN", "UNDELETED"))[0]
        found += (said or b"").split()
        if len(found) >= at_most:
            break
    return [one.decode() for one in found[:at_most]]


@contextlib.contextmanager
def _connected(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    server: imaplib.IMAP4
    where: dict[str, Any] = {"host": mailbox.host, "port": mailbox.port}
    where["timeout"] = _ANSWERS_WITHIN_S
    if mailbox.implicit_tls:
        server = imaplib.IMAP4_SSL(**where, ssl_context=context)
    else:
        server = imaplib.IMAP4(**where)
    with server:
        if not mailbox.implicit_tls and not mailbox.loopback:
            server.starttls(context)
        yield server


def _login(server: imaplib.IMAP4, mailbox: Mailbox) -> None:
    _ask(server.login(_quoted(mailbox.user), mailbox.password))


def _read(server: imaplib.IMAP4, uid: str) -> bytes | None:
    """A message; None if it is too large. Reading it does not mark it."""
    size = b" ".join(one for one in _ask(server.uid("FETCH", uid, "(RFC822.SIZE)")) if one)
    digits = size.upper().partition(b"RFC822.SIZE")[2].strip(b" )").split(b" ")[0]
    if digits.isdigit() and int(digits) > AT_MOST:
        return None
    parts = _ask(server.uid("FETCH", uid, "(BODY.PEEK[])"))
    return next((one[1] for one in parts if isinstance(one, tuple)), b"")


def _mark(server: imaplib.IMAP4, uid: str, mailbox: Mailbox, able: bytes) -> None:
    _ask(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))
    if not mailbox.moved_to:
        return
    if b" MOVE" in able:  # RFC 6851
        _ask(server.uid("MOVE", uid, _quoted(mailbox.moved_to)))
        return
    _ask(server.uid("COPY", uid, _quoted(mailbox.moved_to)))
    _ask(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
    if b" UIDPLUS" in able:  # RFC 4315: it expunges this one alone
        _ask(server.uid("EXPUNGE", uid))


def _able(server: imaplib.IMAP4, mailbox: Mailbox) -> bytes:
    """What the server can do, now that it knows who asks; where to move to is made."""
    if mailbox.moved_to:
        server.create(_quoted(mailbox.moved_to))  # it says no where there is one
    said: bytes = _ask(server.capability())[0]
    return b" " + said.upper()


def _ask(answer: tuple[str, Any]) -> Any:
    kind, said = answer
    if kind != "OK":
        text = b" ".join(one for one in said if isinstance(one, bytes))
        raise imaplib.IMAP4.error(text.decode("utf-8", "replace"))
    return said


def _quoted(name: str) -> str:
    """A name as a quoted string (RFC 3501 section 4.3)."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@contextlib.contextmanager
def _told(mailbox: Mailbox) -> Iterator[None]:
    """Say in a sentence what a server answered, or that it did not; never the password."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        said = str(error).replace(mailbox.password, "…") if mailbox.password else str(error)
        raise ServiceUnavailable(
            f"The mailbox at {mailbox.host}:{mailbox.port} does not serve: {said[:200]}",
            cure="Correct COLPORTEUR_FEEDBACK_MAILBOX, or look at that server.",
        ) from None
