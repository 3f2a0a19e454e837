"""A real IMAP server: Dovecot, with one user and one mailbox."""

import contextlib
import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers import free_port, program, wait_for_port

PASSWORD = 'se"cr\\et/ é'.encode("ascii", "ignore").decode()
_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {run}
state_dir = {run}
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
ssl = yes
ssl_cert = <{pem}
ssl_key = <{pem}
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Imap:
    """Where it listens, and the Maildir that it serves."""

    port: int
    tls_port: int
    maildir: Path

    def deliver(self, message: bytes, name: str) -> None:
        """Have a message arrive, as a mail server's delivery agent does."""
        file = self.maildir / "tmp" / name
        file.write_bytes(message)
        file.chmod(0o666)
        file.rename(self.maildir / "new" / name)

    def names(self, folder: str = "cur") -> list[str]:
        """The names of the files in a folder, with their flags."""
        return sorted(one.name for one in (self.maildir / folder).iterdir())


@contextlib.contextmanager
def imap_server(pem: Path) -> Iterator[Imap]:
    """Dovecot with a certificate, on ports of its own."""
    dovecot = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin") or program(
        "dovecot", "dovecot-imapd"
    )
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    account = pwd.getpwnam(user)
    group = grp.getgrgid(account.pw_gid).gr_name
    with tempfile.TemporaryDirectory(prefix="imap", dir="/tmp") as name:
        folder = Path(name)
        imap = Imap(free_port(), free_port(), folder / "mail")
        for part in ("new", "cur", "tmp"):
            (imap.maildir / part).mkdir(parents=True)
        (folder / "users").write_text(f"bounces:{{PLAIN}}{PASSWORD}::::::\n")
        said = {"run": folder / "run", "folder": folder, "user": user, "group": group, "pem": pem}
        said |= {"port": imap.port, "tls_port": imap.tls_port}
        (folder / "dovecot.conf").write_text(_CONFIGURATION.format(**said))
        for one in (folder, *folder.rglob("*")):
            os.chown(one, account.pw_uid, account.pw_gid)
        command = [dovecot, "-F", "-c", str(folder / "dovecot.conf")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(imap.port, process)
            yield imap
        finally:
            process.terminate()
            process.wait(10)
