"""A Maildir that the web shows at ``/outbox``: mail to look at instead of mail that leaves."""

import itertools
import os
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from colporteur.delivery.transports.reply import Parcel, Reply, Result
from colporteur.exceptions import ServiceUnavailable

_number = itertools.count(1)  # of this process: with its id, the time and the host no name repeats


class MaildirTransport:
    """Writes each message as a file, complete or not at all; safe from several threads."""

    name = "outbox"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._host = socket.gethostname().replace("/", "_").replace(":", "_")
        self.trouble: ServiceUnavailable | None = None

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Result]:
        """Keep messages, as :class:`Transport` says; nothing is pulled ahead."""
        self.trouble = None
        made = False
        for parcel in parcels:
            try:
                if not made:
                    for part in ("tmp", "new", "cur"):
                        (self._folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
                    made = True
                name = self._keep(parcel)
            except OSError as error:
                self.trouble = ServiceUnavailable(
                    f"The outbox {self._folder} cannot be written: {error.strerror}.",
                    cure="Mend its permissions or free some space; the mail is sent then.",
                )
                yield Result(parcel.delivery_id, None)
                return
            yield Result(parcel.delivery_id, Reply(250, f"kept as {name}"))

    def interrupt(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """Nothing is open between messages."""

    def _keep(self, parcel: Parcel) -> str:
        """One message, its envelope in front as a delivering server writes it; the file's name.

        Lines end as Maildir's do, with LF. Not forced to the disk: it is there to be looked at.
        """
        now = time.time_ns()
        seconds, fraction = divmod(now // 1000, 1_000_000)
        name = f"{seconds}.M{fraction}P{os.getpid()}Q{next(_number)}.{self._host}"
        head = f"Delivered-To: {parcel.envelope.recipient}\n".encode()
        written = self._folder / "tmp" / name
        try:
            written.write_bytes(head + parcel.message.replace(b"\r\n", b"\n"))
            written.rename(self._folder / "new" / name)
        except OSError:
            written.unlink(missing_ok=True)
            raise
        return name
