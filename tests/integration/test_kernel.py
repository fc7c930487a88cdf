#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the system keeps for people who don't take what they are sent, or send while nobody listens: it counts as well as
what the server keeps, and nobody's own program shows it."""
import re
import shutil
import subprocess

import glasschat_client as wire
import harness
from crowd import Quick, register
from server_case import PASSWORD, ServerCase

MEMBERS = 40
TOGETHER = 16 << 20  # bytes, for all of them: what the server keeps and what the system keeps


class QuickNarrow(wire.Narrow, Quick):
    pass


class Kernel(ServerCase):
    def narrow(self, server, name):
        client = self.enterContext(QuickNarrow(server.port, timeout=harness.PATIENCE))
        client.log_in(name, PASSWORD)
        return client

    def kept(self, server):
        """Bytes that the system keeps to be sent, with its overhead where `ss` says how much that is."""
        if shutil.which("ss") is None:
            return sum(wire.unacknowledged for wire in server.wires().values())
        shown = subprocess.run(["ss", "-tmnH", "sport", "=", f":{server.port}"], stdout=subprocess.PIPE, check=True)
        return sum(map(int, re.findall(rb"skmem:\([^)]*?,w(\d+)", shown.stdout)))

    def test_forty_who_read_nothing(self):
        server = self.server(*harness.FAST, "--max-registrations", "1000")
        register(server.port, MEMBERS, "slow")
        talker = self.member(server, "talker")
        for i in range(MEMBERS):
            self.narrow(server, f"slow{i}")
        resident, most, kernel = server.memory(), 0, 0
        while "does not read" not in server.log:
            talker.say("lobby", "x" * 4000)
            kept = self.kept(server)
            kernel, most = max(kernel, kept), max(most, kept + server.memory() - resident)
            self.assertLess(kernel, TOGETHER)
        print(f"    {MEMBERS} members: the kernel {kernel >> 10} KiB, together {most >> 10} KiB", flush=True)
        if not harness.sanitized():
            self.assertLess(most, TOGETHER)

    def test_one_who_is_not_listened_to(self):
        """They talk too fast, and what they send meanwhile waits: no more of it than the system is told to keep."""
        server = self.server("--max-rate", "1")
        self.member(server, "talker").close()
        talker = self.narrow(server, "talker")
        pings = b"".join(talker.send.seal(wire.APPLICATION, bytes([wire.PING]) + (100 + i).to_bytes(4, "big"))
                         for i in range(20000))
        talker.sock.settimeout(1)
        with self.assertRaises(TimeoutError):
            talker.sock.sendall(pings)
        self.assertLessEqual(server.wires()[talker.sock.getsockname()[1]].unread, 64 << 10)

    @harness.waits
    def test_what_is_left_of_an_ended_session(self):
        """Little enough waits to be sent after the end; but the peer takes nothing, and is not waited for long."""
        server = self.server(*harness.FAST)
        talker = self.member(server, "talker")
        self.member(server, "slow").close()
        slow = self.narrow(server, "slow")
        port = slow.sock.getsockname()[1]
        while server.wires()[port].unacknowledged < 8000:
            talker.say("lobby", "x" * 4000)
        slow.sock.sendall(b"\xff")
        server.expect_log("disconnect .*user=slow ")
        harness.wait_until(lambda: port not in server.wires(), "nothing to be left of it", harness.PATIENCE)


if __name__ == "__main__":
    harness.main()
