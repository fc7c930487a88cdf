#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The server on hosts whose networks are set up otherwise than this one's: each in a network of its own, where what a
host has of IPv6 is set as its administrator would, or in a system that says that it has none. Who comes by IPv4 is
counted, and named in the log, by the IPv4 address, whichever way it comes."""
import ctypes
import functools
import os
import re
import socket
import subprocess
import unittest

import glasschat_client as wire
import harness
from server_case import PASSWORD, ServerCase
from store_case import NO_LEAK_CHECK, may_trace

CLONE_NEWNET = 0x40000000


def set_up(ipv6):
    """What has to be done in a new network, where nothing runs but the loopback."""
    return f"ip link set lo up && sysctl -qw {ipv6}"


@functools.cache
def has_networks():
    """Whether this machine lets us make one, with IPv6 in it."""
    try:
        return subprocess.run(["unshare", "-n", "sh", "-c", set_up("net.ipv6.bindv6only=1")],
                              capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class Networks(ServerCase):
    def server_in(self, ipv6, *options):
        return self.server("--listen", "[::]:0", "--log-level", "debug", *options,
                           before=["unshare", "-n", "sh", "-c", set_up(ipv6) + ' && exec "$@"', "sh"])

    def socket_in(self, server, family=socket.AF_INET):
        """A socket of the network that the server is in."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as ours, open(f"/proc/{server.pid}/ns/net") as there:
            self.assertEqual(libc.setns(there.fileno(), CLONE_NEWNET), 0, os.strerror(ctypes.get_errno()))
            try:
                return self.enterContext(socket.socket(family))
            finally:
                self.assertEqual(libc.setns(ours.fileno(), CLONE_NEWNET), 0)

    def assert_comes(self, server, address, family=socket.AF_INET):
        came = self.socket_in(server, family)
        came.settimeout(harness.PATIENCE)
        came.connect((address, server.port))
        host = f"[{address}]" if family == socket.AF_INET6 else address
        server.expect_log(r"connect from=" + re.escape(f"{host}:{came.getsockname()[1]}"))

    @unittest.skipUnless(has_networks(), "no network of one's own, or no IPv6")
    def test_sockets_of_ipv6_alone(self):
        """What the administrator has made the default does not change what [::] means."""
        server = self.server_in("net.ipv6.bindv6only=1")
        self.assertEqual(server.host, "[::]")
        self.assert_comes(server, "127.0.0.1")
        self.assert_comes(server, "::1", socket.AF_INET6)
        self.assertNotIn("no IPv6", server.log)

    @unittest.skipUnless(has_networks(), "no network of one's own, or no IPv6")
    def test_ipv6_switched_off(self):
        server = self.server_in("net.ipv6.conf.all.disable_ipv6=1")
        self.assertEqual(len(re.findall("warn .*this host has no IPv6", server.log)), 1)
        self.assert_comes(server, "127.0.0.1")

    @unittest.skipUnless(may_trace(), "strace is not there, or may not trace")
    def test_a_system_without_ipv6(self):
        """The kernel knows no such sockets: the first that is asked for, and the one by which the server looks again. Who
        named an address of IPv6 gets no other one."""
        before = ["strace", "-D", "-qq", "-o", self.path("trace"), "-e", "trace=socket", "-e",
                  "inject=socket:error=EAFNOSUPPORT:when=1..3+2"]
        alone = subprocess.run([*before, harness.program("glasschatd"), "--listen", "[::1]:0", "--data",
                                self.path("alone"), *harness.SANDBOX], capture_output=True, text=True,
                               env={**os.environ, **NO_LEAK_CHECK})
        self.assertEqual(alone.returncode, 1)
        self.assertIn("cannot listen on [::1]:0: Address family not supported", alone.stderr)
        server = self.server("--listen", "[::]:0", before=before, env=NO_LEAK_CHECK)
        self.assertEqual(server.host, "0.0.0.0")
        self.assertEqual(len(re.findall("warn .*this host has no IPv6", server.log)), 1)
        self.assertIn(f"on=0.0.0.0:{server.port}", server.log)
        self.member(server, "anna")

    @unittest.skipUnless(socket.has_dualstack_ipv6(), "this machine has no IPv6")
    def test_who_comes_by_either(self):
        """All that is counted by address: registrations here. In IPv6 all IPv4 addresses would be one network, ::1's."""
        server = self.server("--listen", "[::]:0", "--max-registrations", "1")
        self.member(server, "anna")
        self.assert_refused(wire.E_TRY_LATER, self.connect(server).register, "ben", "b@example.org", PASSWORD)
        self.connect(server, host="::1").register("carla", "c@example.org", PASSWORD)
        self.connect(server, source="127.2.0.1").register("dimitri", "d@example.org", PASSWORD)
        for host in (r"127\.0\.0\.1", r"\[::1\]", r"127\.2\.0\.1"):
            server.expect_log(rf"register user=\w+ from={host}:\d+$")


if __name__ == "__main__":
    harness.main()
