"""What the relay took, read as it comes: who got which articles, and the links in their mail."""

import email.policy
import re
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_SLUG = re.compile(rb"/articles/([a-z0-9-]+)")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Mail:
    """One message: when it came (monotonic seconds), to whom, and what it brought."""

    at: float
    recipient: str
    message_id: str
    articles: frozenset[str]
    where: int  # of its bytes in the file
    size: int


class Mailbag:
    """The file that the relay adds messages to (``bench.faults.sink``)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.mails: list[Mail] = []
        self.last: dict[str, list[Mail]] = {}

    def look(self) -> None:
        """Read what has come since the last look."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            while head := file.readline():
                at, size, recipient = head.decode().split(" ", 2)
                body = file.read(int(size))
                if not head.endswith(b"\n") or len(body) < int(size):
                    return  # it is being written
                self._keep(float(at), recipient.strip(), body, self._read + len(head))
                self._read += len(head) + len(body)

    def _keep(self, at: float, recipient: str, body: bytes, where: int) -> None:
        found = re.search(rb"(?im)^message-id:\s*(\S+)", body)
        unfolded = body.replace(b"=\r\n", b"")
        articles = frozenset(one.decode() for one in _SLUG.findall(unfolded))
        mail = Mail(at, recipient, found[1].decode() if found else "", articles, where, len(body))
        self.mails.append(mail)
        self.last.setdefault(recipient, []).append(mail)

    def of(self, recipient: str) -> list[Mail]:
        """What an address got, in order."""
        return self.last.get(recipient, [])

    def opened(self, mail: Mail) -> EmailMessage:
        """A message, parsed."""
        with self._path.open("rb") as file:
            file.seek(mail.where)
            found = BytesParser(policy=email.policy.default).parsebytes(file.read(mail.size))
        assert isinstance(found, EmailMessage)
        return found

    def link(self, mail: Mail, path: str) -> str | None:
        """The path of the first link in a mail's text that leads below ``path``."""
        part = self.opened(mail).get_body(("plain",))
        text = part.get_content() if part else ""
        for one in _LINK.findall(text):
            if path in one:
                return path + str(one).partition(path)[2]
        return None

    def way_out(self, mail: Mail) -> str | None:
        """The path of its ``List-Unsubscribe`` (RFC 8058)."""
        said = str(self.opened(mail)["List-Unsubscribe"] or "")
        found = re.search(r"<https?://[^/]+(/[^>]+)>", said)
        return found[1] if found else None


def now() -> float:
    """Seconds of the clock that the relay's process reads too."""
    return time.monotonic()
