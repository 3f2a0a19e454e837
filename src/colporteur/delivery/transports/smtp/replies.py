"""Reads SMTP replies out of bytes, however these are cut (RFC 5321 section 4.2). No input here."""

import re

from colporteur.delivery.transports.reply import Reply

LONGEST = 65_536  # octets of one reply, all its lines; the RFC asks for 512 a line
_KEPT = 2000  # characters of its text
_LINE = re.compile(rb"([2-5][0-9][0-9])([ -]?)(.*)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\s+")


class MalformedReply(ValueError):  # noqa: N818 - named for what it is
    """What came is no SMTP reply; nobody can say what the relay did."""


class ReplyReader:
    """Takes bytes as they come, gives replies when they are whole."""

    def __init__(self) -> None:
        self._buffer = b""
        self._lines: list[bytes] = []
        self._size = 0  # of the lines of a reply that is not whole yet
        self.lines: list[bytes] = []  # of the last whole reply, without their codes

    @property
    def empty(self) -> bool:
        """Whether nothing came that has not been read."""
        return not self._buffer and not self._lines

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._buffer = self._buffer + data if self._buffer else data

    def next(self) -> Reply | None:
        """The next whole reply, if there is one.

        Raises:
            MalformedReply: it has no code of three digits, or no end.
        """
        while (end := self._buffer.find(b"\n")) >= 0:
            line, self._buffer = self._buffer[:end].rstrip(b"\r"), self._buffer[end + 1 :]
            found = _LINE.fullmatch(line)
            if found is None or (not found[2] and found[3]):
                raise MalformedReply("it does not speak SMTP")
            self._lines.append(found[3])
            if found[2] != b"-":
                self.lines, self._lines, self._size = self._lines, [], 0
                return Reply(int(found[1]), _text(self.lines))
            self._size += len(line)
            self._require_short(self._size)
        self._require_short(self._size + len(self._buffer))
        return None

    def _require_short(self, size: int) -> None:
        if size > LONGEST:
            raise MalformedReply(f"its reply is longer than {LONGEST:,} octets")


def _text(lines: list[bytes]) -> str:
    """One line of text: the status code that each line repeats stands once (RFC 2034)."""
    first = lines[0].decode("utf-8", "replace")
    said = [first]
    if len(lines) > 1:
        status = _STATUS.match(first)
        again = status[0].strip() if status else None
        for line in lines[1:]:
            text = line.decode("utf-8", "replace")
            said.append(text.removeprefix(again).lstrip() if again else text)
    text = " ".join(said) if len(said) > 1 else first
    return text[:_KEPT] if text.isprintable() else _CONTROLS.sub(" ", text)[:_KEPT]
