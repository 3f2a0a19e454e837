"""How much may leave, and when: shared by all workers, and remembered over restarts."""

from colporteur.delivery.limits.keeping import Allowance, Limits

__all__ = ["Allowance", "Limits"]
