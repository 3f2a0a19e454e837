"""Certificates of a test's own, made by OpenSSL's command."""

import ssl
import subprocess
from pathlib import Path


def certificate(folder: Path, host: str, days: int = 2) -> Path:
    """A self-signed certificate for a host's name or address, with its key, in one file."""
    kind = "IP" if host[0].isdigit() else "DNS"
    made = folder / f"{host}.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-days", str(days), "-subj", f"/CN={host}"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-addext", f"subjectAltName={kind}:{host}", "-keyout", "-", "-out", "-"]
    made.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return made


def server_context(pem: Path) -> ssl.SSLContext:
    """TLS as a server with this certificate speaks it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def trusting(pem: Path) -> ssl.SSLContext:
    """TLS as a client speaks it that trusts nobody but this certificate."""
    return ssl.create_default_context(cafile=str(pem))
