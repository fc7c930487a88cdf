#!/usr/bin/python3
"""What an operator does with a running server: its log in a file, rotated and as JSON."""
import json
import os
import signal

import glasschat_client as wire
import harness
from glasschat_client import Client

PASSWORD = "a good password"


class OpsCase(harness.TestCase):
    def connect(self, server, **kw):
        client = Client(server.port, timeout=harness.PATIENCE, **kw)
        self.addCleanup(client.sock.close)
        return client

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()


class Log(OpsCase):
    def test_rotation(self):
        server = self.server("--log-file", self.path("log"))
        self.connect(server).enter("anna", PASSWORD)
        harness.wait_until(lambda: " login user=anna" in self.read("log"), "anna's login in the log")
        os.rename(self.path("log"), self.path("log.1"))
        self.connect(server).enter("bert", PASSWORD)
        harness.wait_until(lambda: " login user=bert" in self.read("log.1"), "the old file goes on until SIGHUP")
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: os.path.exists(self.path("log")) and "log reopened" in self.read("log"), "a new file")
        self.connect(server).enter("carl", PASSWORD)
        harness.wait_until(lambda: " login user=carl" in self.read("log"), "carl's login in the new file")
        self.assertNotIn("carl", self.read("log.1"))
        self.assertEqual(os.stat(self.path("log")).st_mode & 0o777, 0o600)
        server.stop()
        self.assertIn(" stopping", self.read("log"))
        self.assertEqual(server.log, "")

    def test_rotation_into_nothing(self):
        """A folder that is gone: the server says so in the old file, and goes on."""
        os.mkdir(self.path("logs"))
        server = self.server("--log-file", self.path("logs/log"))
        os.rename(self.path("logs"), self.path("moved"))
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: "can't be reopened" in self.read("moved/log"), "a line about it")
        self.connect(server).enter("anna", PASSWORD)
        server.stop()

    def test_hang_up_without_a_file(self):
        """Neither the end of the server nor of anybody's session."""
        server = self.server()
        member = self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        member.say("lobby", "still here")
        self.connect(server).enter("bert", PASSWORD)
        server.stop()

    def test_hang_up_at_a_terminal(self):
        """Whoever closes the window ends the server that ran in it, in order."""
        server = self.server(terminal=True)
        member = self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        self.assertEqual(member.wait_for(wire.NOTICE).text, "the server is stopping")
        with self.assertRaises(wire.Closed):
            member.next()
        member.sock.sendall(member.send.seal(wire.CLOSE, b""))
        self.assertEqual(server.wait(), 0)

    def test_no_such_folder(self):
        done = self.run_program("glasschatd", "--log-file", self.path("no/log"), status=1)
        self.assertRegex(done.stderr.decode(), r"cannot open the log .*/no/log: No such file .*--log-file")

    def test_json(self):
        server = self.server("--log-format", "json")
        client = self.connect(server)
        client.register("anna", "a@example.org", PASSWORD)
        with self.assertRaises(wire.Refused):
            client.log_in("anna", "wrong" + PASSWORD)
        client.log_in("anna", PASSWORD)
        client.close()
        server.expect_log(r'"event":"disconnect"')
        server.stop()
        lines = [json.loads(line) for line in server.log.splitlines()]
        events = [line["event"] for line in lines]
        for event in ("listening", "register", "login failed", "login", "disconnect", "stopping"):
            self.assertIn(event, events)
        for line in lines:
            self.assertRegex(line["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
            self.assertIn(line["level"], ("error", "warn", "info"))
        login = lines[events.index("login")]
        self.assertEqual(sorted(login), ["event", "from", "level", "time", "user"])
        self.assertEqual(login["user"], "anna")


if __name__ == "__main__":
    harness.main()
