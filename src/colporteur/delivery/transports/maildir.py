"""A Maildir that the web shows at ``/outbox``: mail to look at instead of mail that leaves."""

import mailbox
from pathlib import Path

from colporteur.delivery.message import Envelope
from colporteur.delivery.transports.reply import Reply
from colporteur.exceptions import ServiceUnavailable


class MaildirTransport:
    """Writes each message as a file, complete or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope: Envelope, message: bytes) -> Reply:
        """Keep one message, its envelope in front as a delivering server writes it."""
        head = f"Delivered-To: {envelope.recipient}\r\n".encode()
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            box = mailbox.Maildir(self._folder, create=True)
            name = box.add(head + message)
        except OSError as error:
            raise ServiceUnavailable(
                f"The outbox {self._folder} cannot be written: {error.strerror}.",
                cure="Mend its permissions or free some space; the mail is sent then.",
            ) from error
        return Reply(250, f"kept as {name}")

    def close(self) -> None:
        """Nothing is open between messages."""
