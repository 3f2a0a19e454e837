"""The second factor: codes of a phone (TOTP, RFC 6238), and recovery codes for when it is lost."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from pyotp import TOTP, random_base32
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from colporteur.config.keys import Keys
from colporteur.db.tables.staff import recovery_codes, users
from colporteur.sealing import seal, unseal

SEALED_FOR = "totp"
"""What the secrets of phones are sealed for (``colporteur.sealing``)."""
_STEPS = (0, -1, 1)  # RFC 6238, section 5.2: a clock may be one step off
_RECOVERY_CODES = 10
_RECOVERY_OCTETS = 10  # 80 bits: nobody tries them all, whatever they know of the database
_CODE_AT_MOST = 40


def begin(connection: Connection, secret_key: Keys, person_id: int) -> None:
    """Make a secret for somebody's phone; it counts from when they prove that they have it."""
    sealed = seal(secret_key, SEALED_FOR, random_base32())
    off = (users.c.id == person_id) & users.c.totp_since.is_(None)
    connection.execute(update(users).where(off).values(totp_secret=sealed, totp_step=None))


def waiting_secret(connection: Connection, secret_key: Keys, person_id: int) -> str | None:
    """The secret that somebody was shown and has not proved yet."""
    row = connection.execute(select(users).where(users.c.id == person_id)).one()
    if row.totp_secret is None or row.totp_since is not None:
        return None
    return unseal(secret_key, SEALED_FOR, row.totp_secret)


def address_of(secret: str, account: str, issuer: str) -> str:
    """What a phone reads from the picture: ``otpauth://totp/…``."""
    return str(TOTP(secret).provisioning_uri(name=account, issuer_name=issuer.replace(":", " ")))


def turn_on(
    connection: Connection, secret_key: Keys, person_id: int, code: str, now: datetime
) -> Sequence[str]:
    """Turn it on for who proves their phone by a code; their recovery codes, none where it is wrong."""
    if waiting_secret(connection, secret_key, person_id) is None:
        return []
    if not _take_code(connection, secret_key, person_id, code, now):
        return []
    proved = update(users).where(users.c.id == person_id)
    connection.execute(proved.values(totp_since=now))
    return new_recovery_codes(connection, person_id)


def turn_off(connection: Connection, person_id: int) -> bool:
    """Forget somebody's second factor; whether there was one."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == person_id))
    mine = (users.c.id == person_id) & users.c.totp_secret.is_not(None)
    none = {"totp_secret": None, "totp_since": None, "totp_step": None}
    return connection.execute(update(users).where(mine).values(none)).rowcount > 0


def passes(
    connection: Connection, secret_key: Keys, person_id: int, code: str, now: datetime
) -> bool:
    """Whether somebody proves their second factor: a code of now, or a recovery code; each once."""
    said = "".join(code[:_CODE_AT_MOST].split()).replace("-", "")
    if said.isascii() and said.isdecimal():
        return _take_code(connection, secret_key, person_id, said, now)
    mine = recovery_codes.c.user_id == person_id
    kept = recovery_codes.c.code_hash == _hash(said.upper())
    return connection.execute(delete(recovery_codes).where(mine, kept)).rowcount > 0


def new_recovery_codes(connection: Connection, person_id: int) -> Sequence[str]:
    """New recovery codes, which nothing else keeps; the old ones end."""
    made = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == person_id))
    connection.execute(
        insert(recovery_codes),
        [{"user_id": person_id, "code_hash": _hash(one.replace("-", ""))} for one in made],
    )
    return made


def recovery_codes_left(connection: Connection, person_id: int) -> int:
    """How many recovery codes somebody has not used yet."""
    mine = recovery_codes.c.user_id == person_id
    found = connection.scalar(select(func.count()).select_from(recovery_codes).where(mine))
    return int(found or 0)


def _take_code(
    connection: Connection, secret_key: Keys, person_id: int, code: str, now: datetime
) -> bool:
    """Use a code: its step, and those before it, sign nobody in again."""
    sealed = connection.scalar(select(users.c.totp_secret).where(users.c.id == person_id))
    secret = unseal(secret_key, SEALED_FOR, sealed) if sealed else None
    if secret is None:
        return False
    found = matching_step(secret, "".join(code[:_CODE_AT_MOST].split()), now)
    if found is None:
        return False
    newer = or_(users.c.totp_step.is_(None), users.c.totp_step < found)
    using = update(users).where(users.c.id == person_id, newer).values(totp_step=found)
    return connection.execute(using).rowcount > 0


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step of time that a code is of: now's, or one beside it; None if it is of none."""
    phone = TOTP(secret)
    current = phone.timecode(now)
    found = [current + one for one in _STEPS if _same(phone.generate_otp(current + one), code)]
    return found[0] if found else None


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_OCTETS)).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
