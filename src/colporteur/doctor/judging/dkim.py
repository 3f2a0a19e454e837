"""Whether what DNS has at a selector is the other half of the key that signs (RFC 6376, 3.6.1)."""

from collections.abc import Iterator

from colporteur.delivery.dkim.keys import record_of
from colporteur.doctor.finding import Finding, note, warning, well, wrong


def judge_dkim(name: str, records: tuple[str, ...], pem: str) -> Iterator[Finding]:
    """``records`` are the TXT records at ``selector._domainkey.domain``."""
    check, expected = "dns.dkim", record_of(pem)
    cure = f'Publish what `colporteur dkim new` printed: {name}. TXT "{expected[:40]}…"'
    keys = [one for one in map(tags, records) if "p" in one]
    if not keys:
        yield wrong(
            check, f"DNS has no DKIM key at {name}: no signature of ours can be verified.", cure
        )
        return
    if len(keys) > 1:
        yield warning(
            check, f"DNS has {len(keys)} keys at {name}; receivers take any.", "Leave one."
        )
    ours = tags(expected)["p"]
    found = next((one for one in keys if one["p"] == ours), keys[0])
    if not found["p"]:
        yield wrong(check, f"The key at {name} is revoked (p= is empty).", cure)
    elif found["p"] != ours:
        yield wrong(
            check,
            f"The key at {name} is another than COLPORTEUR_DKIM_KEY: every signature fails.",
            "Publish that of the key in use, or set the key whose record is there.",
        )
    else:
        yield well(check, f"The key at {name} is the one that signs.")
        yield from _flags(name, found)


def tags(record: str) -> dict[str, str]:
    """A list of tags as DKIM has it, without the white space inside of values; '' is none."""
    pairs = (one.partition("=") for one in record.split(";") if "=" in one)
    return {key.strip(): "".join(value.split()) for key, _, value in pairs}


def _flags(name: str, found: dict[str, str]) -> Iterator[Finding]:
    check, cure = "dns.dkim", f'Publish it as "v=DKIM1; k=rsa; p=…" at {name}.'
    if found.get("v", "DKIM1") != "DKIM1":
        yield wrong(check, f"The record at {name} begins with v={found['v']}, not DKIM1.", cure)
    if found.get("k", "rsa") != "rsa":
        yield wrong(check, f"The record at {name} says that the key is {found['k']}.", cure)
    if "sha256" not in found.get("h", "sha256").split(":"):
        yield wrong(check, f"The record at {name} does not allow sha256 (h={found['h']}).", cure)
    if not {"*", "email"} & set(found.get("s", "*").split(":")):
        yield wrong(check, f"The record at {name} is not for mail (s={found['s']}).", cure)
    if "y" in found.get("t", "").split(":"):
        yield note(
            check,
            f"The record at {name} says that signing is being tested (t=y); some give it no weight.",
            "Remove t=y once mails verify.",
        )
