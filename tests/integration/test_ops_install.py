#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where a server is installed, and what systemd makes of its unit."""
import configparser
import os
import re
import signal
import socket
import subprocess
import time

import harness
from ops_case import OpsCase


class Install(OpsCase):
    def install(self, destdir, prefix):
        """Installs what is built already: -o all keeps make from building anything."""
        done = subprocess.run(["make", "-s", "-o", "all", "install", "BUILD=" + harness.BUILD, "DESTDIR=" + destdir,
                               "PREFIX=" + prefix], cwd=harness.ROOT, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def unit(self, path):
        """Its settings; one that is there more than once has a list."""
        settings = {}
        with open(path) as f:
            for name, value in re.findall(r"^(\w+)=(.*)$", f.read(), re.M):
                settings[name] = settings[name] + [value] if isinstance(settings.get(name), list) else \
                    [settings[name], value] if name in settings else value
        return settings

    def test_where_packages_want_it(self):
        self.install(self.path("root"), "/usr")
        found = {os.path.join(folder, name)[len(self.path("root")):]: os.stat(os.path.join(folder, name)).st_mode & 0o777
                 for folder, _, names in os.walk(self.path("root")) for name in names}
        self.assertEqual(found, {
            "/usr/bin/glass": 0o755, "/usr/bin/glasschat": 0o755, "/usr/bin/glasschatd": 0o755,
            "/usr/lib/systemd/system/glasschatd.service": 0o644, "/usr/lib/sysusers.d/glasschatd.conf": 0o644,
            "/usr/share/bash-completion/completions/glass": 0o644,
            "/usr/share/bash-completion/completions/glasschat": 0o644,
            "/usr/share/bash-completion/completions/glasschatd": 0o644,
            "/usr/share/man/man1/glass.1": 0o644, "/usr/share/man/man1/glasschat.1": 0o644,
            "/usr/share/man/man8/glasschatd.8": 0o644})
        unit = self.unit(self.path("root/usr/lib/systemd/system/glasschatd.service"))
        self.assertTrue(unit["ExecStart"].startswith("/usr/bin/glasschatd --listen "))
        self.assertEqual((unit["User"], unit["NoNewPrivileges"]), ("glasschat", "yes"))
        self.assertEqual((unit["ExecReload"], unit["LogsDirectory"]), ("/bin/kill -HUP $MAINPID", "glasschat"))
        with open(self.path("root/usr/lib/sysusers.d/glasschatd.conf")) as f:
            self.assertRegex(f.read(), r"(?m)^u glasschat - ")

    def test_what_systemd_says(self):
        try:
            subprocess.run(["systemd-analyze", "--version"], capture_output=True, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            self.skipTest("systemd-analyze is not there")
        self.install("", self.path("usr"))
        unit = self.path("usr/lib/systemd/system/glasschatd.service")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        complaints = [line for line in done.stderr.splitlines() if "glasschatd" in line]
        self.assertEqual((done.returncode, complaints), (0, []), done.stderr)
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", unit],
                              capture_output=True, text=True)  # of 100: less exposure is better
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def test_it_gives_up(self):
        """After five failed starts; which are within the time that is looked at, or it would never come to that. systemd
        takes no notice of a limit that stands in another section."""
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(os.path.join(harness.ROOT, "app/server/glasschatd.service"))
        burst, interval = (int(unit["Unit"][name]) for name in ("StartLimitBurst", "StartLimitIntervalSec"))
        self.assertEqual((burst, unit["Service"]["Restart"]), (5, "on-failure"))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for _ in range(2):  # the first makes the key, too
                begun = time.monotonic()
                self.run_program("glasschatd", "--listen", "127.0.0.1:%d" % taken.getsockname()[1], "--data",
                                 self.path("data"), *harness.SANDBOX, status=1)
                failing = time.monotonic() - begun
        if not harness.sanitized():
            self.assertLess(burst * (int(unit["Service"]["RestartSec"]) + failing), interval)

    def test_its_own_options_are_understood(self):
        """The unit's command line, with another folder, and /etc/default/glasschatd with another address."""
        unit = self.unit(os.path.join(harness.ROOT, "app/server/glasschatd.service"))
        self.assertEqual(unit["Environment"].split(), ["GLASSCHATD_OPTIONS=", "GLASSCHATD_LISTEN=[::]:7447"])
        command = unit["ExecStart"].replace("$GLASSCHATD_OPTIONS", "--max-clients 300").split()
        self.assertEqual((command[0], command[2], command[4]),
                         ("/usr/local/bin/glasschatd", "${GLASSCHATD_LISTEN}", "/var/lib/glasschat"))
        command[2], command[4] = "127.0.0.1:0", self.path("data")
        server = self.started(harness.Process([harness.program("glasschatd"), *command[1:], *harness.SANDBOX]))
        server.expect("^listening on ")
        server.kill(signal.SIGTERM)
        self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    harness.main()
