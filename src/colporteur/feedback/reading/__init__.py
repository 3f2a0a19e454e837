"""Bytes of a message that came back -> what it reports. Pure, bounded, and it never raises.

In reading order: ``parts`` (MIME), ``headers``, ``texts`` (what a person would read), ``returned``
(the message that it is about), ``addresses``, ``statuses`` (RFC 3464), ``prose`` (bounces in a
server's own words), ``complaints`` (RFC 5965), ``answers`` (RFC 3834, challenges, wishes to
leave), and ``reading``, which decides among them.
"""

from colporteur.feedback.reading.report import Failure, Kind, Report

__all__ = ["Failure", "Kind", "Report", "read_report"]


def read_report(message: bytes) -> Report:
    """Read a message that came back. Never raises; takes a bounded time whatever it is given."""
    from colporteur.feedback.reading import (  # noqa: PLC0415 - 50 ms that only such messages need
        reading,
    )

    return reading.read_report(message)
