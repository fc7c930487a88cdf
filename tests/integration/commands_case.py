# SPDX-License-Identifier: MIT
"""What the tests of the client's commands about one's own account share: the real client, against the real server or one
that is written from the specification."""
import base64
import os
import re
import shutil
import struct
import subprocess
import time

import glasschat_client as wire
import glasschat_server
import harness

PASSWORD = "correct horse"
NEW = "a better horse"


def code_of(secret, at=None):
    """The six digits, by oathtool where it is installed, which shares no code with ours."""
    at = int(time.time() if at is None else at)
    text = base64.b32encode(secret).decode()
    if shutil.which("oathtool"):
        command = ["oathtool", "--totp", "--base32", text, "--now", f"@{at}"]
    else:
        command = [harness.program("glass"), "totp", "--key", text, "--time", str(at)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def holds(process, secret):
    """The addresses of these bytes in the memory that the process can write."""
    found = []
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            start, end = (int(x, 16) for x in span.split("-"))
            if "w" not in mode or line.rstrip().endswith("[vvar]") or end - start > 1 << 32:
                continue  # the last: a sanitizer's shadow
            memory.seek(start)
            at = memory.read(end - start).find(secret)
            if at >= 0:
                found.append(f"{start + at:x} in {line.strip()}")
    return found


class Commands(harness.TestCase):
    def run_client(self, port, lines, *options, user="alice", password=PASSWORD, status=0, code=""):
        path = os.path.join(self.folder, "password")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(password + "\n" + (code + "\n" if code else ""))
        done = subprocess.run([harness.program("glasschat"), f"{user}@127.0.0.1:{port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file", path, *options],
                              capture_output=True, input="\n".join(lines).encode() + b"\n", timeout=harness.PATIENCE)
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + err)
        return out, err

    def peer(self, part):
        """A server that lets anybody in, then plays this part; what it found wrong fails the test."""
        def enter(peer):
            request = peer.next()
            while request.type != wire.LOG_IN:
                peer.answer(request)
                request = peer.next()
            peer.answer(request)
            part(peer)
            peer.answer(peer.expect(wire.LOG_OUT))
            peer.close()
        server = self.started(glasschat_server.Server(enter))
        self.addCleanup(lambda: self.assertIsNone(server.failure))
        return server

    @staticmethod
    def after_login(out):
        """What the client said once it was logged in, to an account of which no key is kept."""
        return re.fullmatch(r"(?s).*\n\* logged in as \w+, in lobby\n\* no key of \w+ is kept here: [^\n]*\n(.*)", out)[1]

    @staticmethod
    def names(*names):
        return struct.pack(">H", len(names)) + b"".join(wire.v8(name.encode()) for name in names)

    @staticmethod
    def fields(request, count):
        out = [request.fields.text(1) for _ in range(count)]
        assert not request.fields.data
        return out
