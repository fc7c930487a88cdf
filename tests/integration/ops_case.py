# SPDX-License-Identifier: MIT
"""What the tests of a running server as its operator meets it share."""
import harness
from glasschat_client import Client

PASSWORD = "a good password"


class OpsCase(harness.TestCase):
    def connect(self, server, **kw):
        client = Client(server.port, timeout=harness.PATIENCE, **kw)
        self.addCleanup(client.sock.close)
        return client

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()
