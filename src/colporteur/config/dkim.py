"""What mail is signed with: a domain, a selector and an RSA key (DKIM, RFC 6376 and 8301)."""

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationInfo

AT_LEAST, WELL = 1024, 2048
"""Bits of a key: verifiers take none shorter than the first, and signers should not use any
shorter than the second (RFC 8301 section 3.2)."""
_SELECTOR = 63  # octets, so that its name and the domain's fit together
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def domain(text: str) -> str:
    """A domain as DNS has it."""
    if text and not (_NAME.fullmatch(text) and "." in text and len(text) <= 253):  # noqa: PLR2004
        raise ValueError("must be a domain in ASCII, without @ and without a dot at its end")
    return text.lower()


def label(text: str) -> str:
    """What stands before ``._domainkey``."""
    if not _NAME.fullmatch(text) or len(text) > _SELECTOR:
        raise ValueError("must be letters, digits and hyphens, with single dots between them")
    return text.lower()


def selector(text: str, others: ValidationInfo) -> str:
    """The same, or nothing where no domain signs."""
    return _with_domain(label(text) if text else text, others)


def key(pem: str, others: ValidationInfo) -> str:
    """A private key that can sign."""
    if pem:
        read_key(pem)
    return _with_domain(pem, others)


def read_key(pem: str) -> RSAPrivateKey:
    r"""The key of a PEM text, in lines or with ``\n`` for each end of line.

    Raises:
        ValueError: says what is wrong with it, and shows nothing of it.
    """
    text = pem.replace("\\n", "\n").strip()
    if "PRIVATE KEY" not in text:
        raise ValueError("holds no private key in PEM, which begins with -----BEGIN PRIVATE KEY")
    try:
        found = load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise ValueError("is encrypted, and nobody is there to type its password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds a private key that is damaged, too short or unknown") from None
    if not isinstance(found, RSAPrivateKey):
        problem = "holds a key that is not RSA, the one kind that every receiver can verify"
        raise ValueError(problem)  # noqa: TRY004 - pydantic tells ValueErrors to people
    if found.key_size < AT_LEAST:
        raise ValueError(f"holds a key of {found.key_size} bits, and receivers want {AT_LEAST}")
    return found


def _with_domain(text: str, others: ValidationInfo) -> str:
    wanted = others.data.get("dkim_domain")
    if bool(text) != bool(wanted) and "dkim_domain" in others.data:
        if text:
            raise ValueError("is set, but COLPORTEUR_DKIM_DOMAIN is not")
        raise ValueError("is not set, but COLPORTEUR_DKIM_DOMAIN is")
    return text
