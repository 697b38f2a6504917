"""A real OpenSMTPD for the tests. It needs root (it drops its rights by itself) and a configuration owned by root."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.email.dovecot import free_port, required, wait_open


@contextlib.contextmanager
def running(*, domain: str, door: int, protocol: str, relay: int) -> Iterator[int]:
    """Starts smtpd: mail for `domain` goes to our door, all other mail to `relay`. Yields its port."""
    binary = required("smtpd")
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("OpenSMTPD needs root, and with CI=true nothing may be left out")
        pytest.skip("OpenSMTPD needs root")
    if not shutil.which("unshare"):
        if os.environ.get("CI") == "true":
            pytest.fail("unshare is not installed, and with CI=true nothing may be left out")
        pytest.skip("unshare is not installed: OpenSMTPD's spool is at a fixed place")
    port = free_port()
    base = Path(tempfile.mkdtemp(prefix="mkw-smtpd-", dir="/tmp"))
    base.chmod(0o755)
    config = base / "smtpd.conf"
    inward = f"lmtp://127.0.0.1:{door}" if protocol == "lmtp" else f"smtp://127.0.0.1:{door}"
    deliver = (
        f'action "in" lmtp "127.0.0.1:{door}" rcpt-to virtual <virtuals>'
        if protocol == "lmtp"
        else f'action "in" relay host "{inward}"'
    )
    config.write_text(
        f"""
table virtuals {{ "@" = "nobody" }}
listen on lo port {port} hostname mta.test
{deliver}
action "out" relay host "smtp://127.0.0.1:{relay}"
match from any for domain "{domain}" action "in"
match from any for any action "out"
"""
    )
    config.chmod(0o600)
    for one in ("spool", "run"):
        (base / one).mkdir(mode=0o711)
    log = base / "log"
    script = (
        f"mount --bind {base}/spool /var/spool && mkdir -p /var/spool/smtpd && chmod 711 /var/spool/smtpd "
        f"&& mount --bind {base}/run /run && exec {binary} -d -v -f {config}"
    )
    with (
        log.open("wb") as out,
        subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        try:
            wait_open(port, server, log)
            yield port
        except BaseException:
            print(log.read_text())
            raise
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
            shutil.rmtree(base, ignore_errors=True)
