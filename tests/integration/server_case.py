# SPDX-License-Identifier: MIT
"""What the tests share in which the second client (glasschat_client.py) meets the real server."""
import os
import re

import glasschat_client as wire
import harness
from glasschat_client import Client, Cut, Refused

PASSWORD = "a good password"


class ServerCase(harness.TestCase):
    def connect(self, server, **kw):
        return self.enterContext(Client(server.port, timeout=harness.PATIENCE, **kw))

    def enterContext(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def member(self, server, name):
        return self.connect(server).enter(name, PASSWORD)

    def assert_refused(self, code, ask, *args):
        with self.assertRaises(Refused) as refused:
            ask(*args)
        self.assertEqual(refused.exception.args[0], code, refused.exception.args[1])
        return refused.exception.args[1]

    def assert_ended(self, client, how=(Cut,)):
        """The server hangs up on this client; what it says before is passed over."""
        with self.assertRaises(how):
            while True:
                client.next()

    def assert_hear_each_other(self, a, b, room="lobby"):
        for speaker, listener in ((a, b), (b, a)):
            text = os.urandom(8).hex()
            speaker.say(room, text)
            while listener.wait_for(wire.SAID).text != text:
                pass

    def disconnects(self, server):
        return re.findall(r"disconnect from=\S+ user=(\S+) cause=(.*)$", server.log, re.M)

    def expect_disconnect(self, server, cause):
        server.expect_log(r"disconnect from=\S+ user=\S+ cause=\"?" + cause)
