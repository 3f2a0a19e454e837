"""Keys that mail cannot be signed with stop the start, and nothing of them is shown."""

from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from house import publication

from colporteur.config import load_settings
from colporteur.config.dkim import read_key
from colporteur.delivery.dkim import Signer, signer_of
from colporteur.delivery.dkim.alignment import aligned, doubts
from colporteur.exceptions import ConfigurationError

_E = 65539  # prime to both of the small key's factors less one


@cache
def key(bits: int) -> rsa.RSAPrivateKey:
    if bits >= 1024:
        return rsa.generate_private_key(65537, bits)
    p, q = 2**256 - 2**224 + 2**192 + 2**96 - 1, 2**256 - 2**32 - 977  # two well-known primes
    d = pow(_E, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_E, p * q)
    crt = d % (p - 1), d % (q - 1), pow(q, -1, p)
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def pem(
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    form = PrivateFormat.PKCS8
    return private.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def load(tmp_path: Path, **variables: str) -> Signer | None:
    values = {"domain": "relais.example", "selector": "col1", "key": pem(key(1024))} | variables
    named = {f"COLPORTEUR_DKIM_{name.upper()}": one for name, one in values.items() if one}
    named["COLPORTEUR_DATA_DIR"] = str(tmp_path)
    return signer_of(load_settings(named))


def test_nothing_set_signs_nothing(tmp_path: Path):
    assert load(tmp_path, domain="", selector="", key="") is None


@pytest.mark.parametrize("how", ["in lines", "in one line", "in a file", "older form"])
def test_a_key_is_read_however_it_is_handed_in(tmp_path: Path, how: str):
    text, file = pem(key(1024)), tmp_path / "dkim.pem"
    file.write_text(text)
    older = key(1024).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    given = {
        "in lines": {"key": text},
        "in one line": {"key": text.replace("\n", "\\n")},
        "in a file": {"key": "", "key_file": str(file)},
        "older form": {"key": older.decode()},
    }[how]
    signer = load(tmp_path, selector="Col1.A", domain="Relais.example", **given)
    assert signer is not None
    assert (signer.domain, signer.selector) == ("relais.example", "col1.a")
    assert signer.key.private_numbers() == key(1024).private_numbers()


def test_what_cannot_sign_stops_the_start_and_is_not_shown(tmp_path: Path):
    public = key(1024).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    first, *lines, last = pem(key(1024)).splitlines()
    damaged = "\n".join([first, *reversed(lines), last])
    bad = {
        public.decode(): "holds no private key",
        "no key": "holds no private key",
        damaged: "is damaged",
        pem(key(1024), BestAvailableEncryption(b"x")): "is encrypted",
        pem(ed25519.Ed25519PrivateKey.generate()): "that is not RSA",
        pem(key(512)): "a key of 512 bits",
        "": "COLPORTEUR_DKIM_KEY: is not set, but COLPORTEUR_DKIM_DOMAIN is",
    }
    for text, problem in bad.items():
        with pytest.raises(ConfigurationError, match="COLPORTEUR_DKIM_KEY") as refused:
            load(tmp_path, key=text)
        assert problem in refused.value.message
        assert not any(line in refused.value.message for line in text.splitlines()[1:-1])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domain": ""}, "COLPORTEUR_DKIM_SELECTOR: is set, but COLPORTEUR_DKIM_DOMAIN is not"),
        ({"selector": ""}, "COLPORTEUR_DKIM_SELECTOR: is not set"),
        ({"domain": "bonjour@relais.example"}, "COLPORTEUR_DKIM_DOMAIN: must be a domain"),
        ({"domain": "été.example"}, "must be a domain in ASCII"),
        ({"domain": "relais.example."}, "without a dot at its end"),
        ({"domain": "localhost"}, "must be a domain"),
        ({"selector": "col1._domainkey"}, "must be letters, digits and hyphens"),
        ({"selector": "a; p="}, "must be letters, digits and hyphens"),
        ({"key": "", "key_file": "/nowhere/dkim.pem"}, "COLPORTEUR_DKIM_KEY_FILE names"),
    ],
)
def test_settings_that_do_not_go_together_stop_the_start(
    tmp_path: Path, changes: dict[str, str], problem: str
):
    with pytest.raises(ConfigurationError, match="COLPORTEUR_DKIM") as refused:
        load(tmp_path, **changes)
    assert problem in refused.value.message


@pytest.mark.parametrize(
    ("sender", "signing", "same"),
    [
        ("relais.example", "relais.example", True),
        ("news.relais.example", "relais.example", True),
        ("relais.example", "mail.relais.example", True),
        ("relais.example", "autre.example", False),
        ("monrelais.example", "relais.example", False),
        ("relais.example", "monrelais.example", False),
    ],
)
def test_a_signature_is_the_senders_own_within_one_domain(sender: str, signing: str, same: bool):
    assert aligned(sender, signing) is same


def test_a_signature_that_receivers_would_not_honour_is_doubted():
    def doubted(domain: str, bits: int) -> list[str]:
        return doubts(publication(), Signer(domain, "col1", read_key(pem(key(bits)))))

    assert doubted("relais.example", 2048) == []
    (weak,) = doubted("relais.example", 1024)
    assert "1024 bits" in weak
    (stranger,) = doubted("autre.example", 2048)
    assert "relais.example is signed by autre.example" in stranger
