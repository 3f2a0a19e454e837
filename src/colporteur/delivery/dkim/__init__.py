"""DKIM: what says that a mail is from whom it says, and as they wrote it (RFC 6376)."""

from colporteur.delivery.dkim.signing import Seal, Signer, signer_of

__all__ = ["Seal", "Signer", "signer_of"]
