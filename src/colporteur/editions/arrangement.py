"""What an editor makes of an edition: its lead, its order, its words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Arrangement:
    """An editor's wishes; article ids. ``subject`` and ``preheader`` speak of the lead."""

    lead: int | None = None
    order: tuple[int, ...] = ()
    left_out: frozenset[int] = field(default_factory=frozenset)
    intro: str = ""
    subject: str = ""
    preheader: str = ""

    @property
    def pinned(self) -> tuple[int, ...]:
        """The lead, then the others in the order wished for."""
        lead = (self.lead,) if self.lead is not None else ()
        return tuple(dict.fromkeys((*lead, *self.order)))

    def words_for(self, first: int | None) -> tuple[str, str]:
        """Subject and preheader for a digest whose first article this is.

        They were written for the lead; a reader whose digest begins with another gets those that
        are made of that one. Without a lead they are everybody's.
        """
        fits = self.lead is None or self.lead == first
        return (self.subject, self.preheader) if fits else ("", "")

    def as_json(self) -> dict[str, Any]:
        """What is stored: only what was wished for."""
        values = {
            "lead": self.lead,
            "order": list(self.order),
            "left_out": sorted(self.left_out),
            "intro": self.intro,
            "subject": self.subject,
            "preheader": self.preheader,
        }
        return {name: value for name, value in values.items() if value}


AS_IT_COMES = Arrangement()
"""Nothing wished for: the newest first."""


def read_arrangement(stored: Mapping[str, Any]) -> Arrangement:
    """What ``as_json`` wrote."""
    return Arrangement(
        lead=stored.get("lead"),
        order=tuple(stored.get("order", ())),
        left_out=frozenset(stored.get("left_out", ())),
        intro=stored.get("intro", ""),
        subject=stored.get("subject", ""),
        preheader=stored.get("preheader", ""),
    )
