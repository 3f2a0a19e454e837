"""``colporteur doctor``: what is wrong with an installation, and the cure of each."""

from colporteur.doctor.examining import PARTS, examine
from colporteur.doctor.finding import Finding, Severity, worst
from colporteur.doctor.installation import Installation
from colporteur.doctor.names import Names

__all__ = ["PARTS", "Finding", "Installation", "Names", "Severity", "examine", "worst"]
