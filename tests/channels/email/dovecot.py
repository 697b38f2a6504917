"""A real Dovecot for the tests: own configuration, own ports, own mail store, nothing of the system's."""

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "support", "mikawaya-test"


def required(binary: str) -> str:
    """The path of a server's binary. Without it the test is left out, with CI=true it fails."""
    found = shutil.which(binary, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{binary} is not installed, and with CI=true nothing may be left out")
    pytest.skip(f"{binary} is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_open(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Waits until a server listens; fails with its log when it ends before."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text() if log.exists() else ''}")


@dataclass(slots=True)
class Dovecot:
    """A running server with one mailbox, which the tests fill through the file system as an MTA does."""

    port: int
    tls_port: int
    maildir: Path

    def put(self, raw: bytes, name: str) -> None:
        """Delivers a mail, atomically, under a name of its own."""
        tmp = self.maildir / "tmp" / name
        tmp.write_bytes(raw)
        shutil.chown(tmp, self.maildir.stat().st_uid, self.maildir.stat().st_gid)
        tmp.rename(self.maildir / "new" / name)

    def renumber(self) -> None:
        """Forgets all UIDs, so that the server makes a new UIDVALIDITY: what a restored backup looks like."""
        for path in self.maildir.glob("dovecot*"):
            path.unlink()
        validity = int(time.time()) + 1000
        path = self.maildir / "dovecot-uidlist"
        path.write_text(f"3 V{validity} N1 G{'a' * 32}\n")
        shutil.chown(path, self.maildir.stat().st_uid, self.maildir.stat().st_gid)

    def flags(self) -> dict[str, str]:
        """{file name: flags} of all mails: "S" means seen."""
        files = [*(self.maildir / "cur").iterdir(), *(self.maildir / "new").iterdir()]
        return {one.name.partition(":")[0].partition(",")[0]: one.name.partition(":2,")[2] for one in files}


@contextlib.contextmanager
def running(base: Path, certificate: Path) -> Iterator[Dovecot]:
    """Starts Dovecot in `base`, a directory with a short path that its users may enter; stops it at the end.
    `certificate`: a PEM file with key and certificate."""
    binary = required("dovecot")
    port, tls_port = free_port(), free_port()
    owner = "nobody" if os.geteuid() == 0 else getpass.getuser()
    account = pwd.getpwnam(owner)
    group = grp.getgrgid(account.pw_gid).gr_name
    maildir = base / "mail"
    for one in ("cur", "new", "tmp"):
        (maildir / one).mkdir(parents=True)
    if os.geteuid() == 0:
        for path in (maildir, *maildir.iterdir()):
            shutil.chown(path, account.pw_uid, account.pw_gid)
    log = base / "dovecot.log"
    config = base / "dovecot.conf"
    accounts: dict[str, Any] = {"owner": owner, "group": group, "uid": account.pw_uid, "gid": account.pw_gid}
    config.write_text(_config(base, ports=(port, tls_port), certificate=certificate, **accounts))
    with subprocess.Popen(
        [binary, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_open(port, server, log)
            yield Dovecot(port, tls_port, maildir)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def _config(
    base: Path, *, ports: tuple[int, int], certificate: Path, owner: str, group: str, uid: int, gid: int
) -> str:
    as_root = os.geteuid() == 0
    users = "dovenull", "dovecot"
    login, internal = users if as_root else (owner, owner)
    unrooted = "" if as_root else f"default_internal_group = {group}\n"
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
instance_name = {base.name}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
default_login_user = {login}
default_internal_user = {internal}
{unrooted}first_valid_uid = 1
mail_location = maildir:{base}/mail
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {ports[0]}
  }}
  inet_listener imaps {{
    port = {ports[1]}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
