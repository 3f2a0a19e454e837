"""Makes a certificate that signs itself, so that TLS can be tried before there is a real one.

``python worker/certificate.py FOLDER NAME`` writes ``fullchain.pem`` and ``privkey.pem`` there,
unless there are some: a real one that was put there stays.
"""

import argparse
import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from colporteur.clock import utcnow

LASTS = timedelta(days=90)


def make(folder: Path, name: str, now: datetime) -> str:
    """Write the two files, unless there are some; what became of it, in a sentence."""
    chain, key_file = folder / "fullchain.pem", folder / "privkey.pem"
    if chain.exists() and key_file.exists():
        return f"{folder} has a certificate; it stays."
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = self_signed(key, name, now)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(key_file, private, 0o600)
    _write(chain, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return f"{folder} has a certificate for {name} now, that nobody but itself signed."


def self_signed(key: ec.EllipticCurvePrivateKey, name: str, now: datetime) -> x509.Certificate:
    """A certificate for one name or address."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([_named(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make a certificate that signs itself.")
    parser.add_argument("folder", type=Path, help="where fullchain.pem and privkey.pem go")
    parser.add_argument("name", help="the site's host name or address")
    wanted = parser.parse_args()
    parser.exit(0, make(wanted.folder, wanted.name, utcnow()) + "\n")


if __name__ == "__main__":
    main()
