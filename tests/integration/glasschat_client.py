# SPDX-License-Identifier: MIT
"""A second client, from the specification alone: docs/protocol.md sections 2 to 6 and 10 over Python's integers, its
hashlib and hmac, and python3-cryptography's AES and RSA-PSS. It shares no line with the C code, so that where the two
understand each other it is because both do what is written. Each layer can be used alone, to send what nobody should.

    with Client(port) as c:
        c.register("alice", "a@example.org", "a good password")
        c.log_in("alice", "a good password")
        c.say("lobby", "hello")
        c.wait_for(SAID)
"""
import hashlib
import hmac
import os
import socket
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CLIENT_HELLO, SERVER_HELLO, RECORD, ALERT = 1, 2, 3, 4
CLOSE, APPLICATION, KEY_UPDATE, FINISHED = 0, 1, 2, 3

REGISTER, LOG_IN, LOG_OUT, PING, LIST_ROOMS, JOIN, LEAVE, SAY, WHO = range(1, 10)
(CHANGE_PASSWORD, DELETE_ACCOUNT, BEGIN_SECOND_FACTOR, CONFIRM_SECOND_FACTOR, END_SECOND_FACTOR, REPLACE_CERTIFICATE,
 BLOCK, UNBLOCK, FETCH_CERTIFICATE) = range(10, 19)
RELAY, SEAL, READY, LIST_BLOCKED = 19, 20, 21, 24
OK, ERROR, ROOMS, MEMBERS, SECRET, CERTIFICATE = range(64, 70)
BLOCKED = 72
SAID, PRESENCE, NOTICE, REPLACED, STILL_THERE, RELAYED, SEALED = range(96, 103)

(E_MALFORMED, E_UNKNOWN_TYPE, E_NOT_LOGGED_IN, E_ALREADY_LOGGED_IN, E_LOGIN_FAILED, E_TRY_LATER, E_BAD_NAME,
 E_BAD_EMAIL, E_BAD_PASSWORD, E_BAD_TEXT, E_BAD_CERTIFICATE, E_NAME_TAKEN, E_NO_SUCH_ROOM, E_NOT_IN_ROOM,
 E_ALREADY_IN_ROOM, E_LIMIT, E_NOT_SAVED, E_STOPPING, E_NO_SUCH_USER, E_NO_SECOND_FACTOR, E_WRONG_CODE,
 E_NOT_HERE) = range(1, 23)


class Cut(Exception):
    """The connection ended without a Close."""


class Closed(Exception):
    """The server said good-bye."""


class Refused(Exception):
    """An answer that is an error: args are its code and its text."""


class Alert(Exception):
    """The server refused the hello: args are the Alert's code and data."""


# --- Diffie-Hellman groups: RFC 7919 gives each prime as a formula with e in it -----------------------------------------

def _floor_e(bits):
    """floor(e * 2^bits), from the series 1/0! + 1/1! + ... with 64 bits to spare."""
    term, total, n = 1 << (bits + 64), 0, 1
    while term:
        total, term, n = total + term, term // n, n + 1
    return total >> 64


def _prime(bits, x):
    return (1 << bits) - (1 << (bits - 64)) + ((_floor_e(bits - 130) + x) << 64) - 1


GROUPS = {1: _prime(2048, 560316), 2: _prime(3072, 2625351), 3: _prime(4096, 5736041)}
EXPONENT_BITS = {1: 256, 2: 320, 3: 384}


# --- Small pieces --------------------------------------------------------------------------------------------------------

def v8(data):
    return struct.pack(">B", len(data)) + data


def v16(data):
    return struct.pack(">H", len(data)) + data


def frame(kind, body, version=1):
    return struct.pack(">BBH", kind, version, len(body)) + body


PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def key_fingerprint(key):
    modulus = key.public_key().public_numbers().n.to_bytes(384, "big")
    return hashlib.sha256(b"glasschat/1 key\0" + modulus).digest()


def certificate(key, role, name, not_before, not_after, issuer=None, broken=0):
    """A certificate of this key, signed by it, whatever issuer it names: section 7.1."""
    body = bytes([1, role]) + v8(name.encode()) + struct.pack(">QQ", not_before, not_after)
    body += key.public_key().public_numbers().n.to_bytes(384, "big") + (issuer or key_fingerprint(key))
    signature = bytearray(key.sign(b"glasschat/1 certificate\0" + body, PSS, hashes.SHA256()))
    signature[100] ^= broken
    return body + bytes(signature)


def expand(secret, info, length):
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(secret, block + info + bytes([i]), "sha256")
        out, i = out + block, i + 1
    return out[:length]


def flipped(data, at=-1):
    """With one bit flipped. A byte that is set instead is, once in 256 times, what it was."""
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)


class Direction:
    """The Records of one direction."""

    def __init__(self, secret, suite):
        self.suite, self.sequence = suite, 0
        self._use(secret)

    def _use(self, secret):
        self.secret = secret
        self.enc_key = expand(secret, b"glasschat/1 encrypt", 16 if self.suite == 1 else 32)
        self.mac_key = expand(secret, b"glasschat/1 authenticate", 32)

    def update(self):
        self._use(expand(self.secret, b"glasschat/1 update", 32))

    def seal_padded(self, plaintext):
        """A whole Record of any plaintext whose length is a multiple of 16."""
        iv = os.urandom(16)
        cipher = Cipher(algorithms.AES(self.enc_key), modes.CBC(iv)).encryptor()
        body = iv + cipher.update(plaintext) + cipher.finalize()
        header = struct.pack(">BBH", RECORD, 1, len(body) + 32)
        tag = hmac.digest(self.mac_key, struct.pack(">Q", self.sequence) + header + body, "sha256")
        self.sequence += 1
        return header + body + tag

    def seal(self, content, payload):
        plaintext = bytes([content]) + payload
        pad = 16 - len(plaintext) % 16
        return self.seal_padded(plaintext + bytes([pad]) * pad)

    def open(self, header, body):
        body, tag = body[:-32], body[-32:]
        expected = hmac.digest(self.mac_key, struct.pack(">Q", self.sequence) + header + body, "sha256")
        assert hmac.compare_digest(expected, tag), "the server's Record has a wrong tag"
        cipher = Cipher(algorithms.AES(self.enc_key), modes.CBC(body[:16])).decryptor()
        plaintext = cipher.update(body[16:]) + cipher.finalize()
        pad = plaintext[-1]
        assert 1 <= pad <= 16 and plaintext.endswith(bytes([pad]) * pad) and len(plaintext) > pad
        self.sequence += 1
        return plaintext[0], plaintext[1:-pad]


# --- The messages that a server sends ------------------------------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        assert len(self.data) >= n, "a message ends early"
        out, self.data = self.data[:n], self.data[n:]
        return out

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def text(self, size):
        return self.take(self.number(size)).decode()


class Message:
    """type, request, and by type: code, text, room, sender, time, what, more, names, members (a dict of rooms),
    secret, name, certificate, call, frame, sealed."""

    def __init__(self, payload):
        r = Reader(payload)
        self.type, self.request = r.number(1), r.number(4)
        if self.type == ERROR:
            self.code, self.text = r.number(2), r.text(2)
        elif self.type == ROOMS:
            self.more = r.number(1)
            self.members = dict((r.text(1), r.number(4)) for _ in range(r.number(2)))
        elif self.type == MEMBERS:
            self.room, self.more = r.text(1), r.number(1)
            self.names = [r.text(1) for _ in range(r.number(2))]
        elif self.type == SAID:
            self.room, self.sender, self.time, self.text = r.text(1), r.text(1), r.number(8), r.text(2)
        elif self.type == PRESENCE:
            self.what, self.room = r.number(1), r.text(1)
            self.names = [r.text(1) for _ in range(r.number(2))]
        elif self.type == NOTICE:
            self.text = r.text(2)
        elif self.type == SECRET:
            self.secret = r.take(20)
        elif self.type == CERTIFICATE:
            self.name, self.certificate = r.text(1), r.take(r.number(2))
        elif self.type == RELAYED:
            self.name, self.call, self.frame = r.text(1), r.take(16), r.take(r.number(2))
        elif self.type == SEALED:
            self.room, self.sender, self.time = r.text(1), r.text(1), r.number(8)
            self.sealed = r.take(r.number(2))
        elif self.type == BLOCKED:
            self.names = [r.text(1) for _ in range(r.number(2))]
        assert not r.data, "a message has trailing bytes"

    def __repr__(self):
        return "Message(%s)" % ", ".join("%s=%r" % item for item in vars(self).items())


# --- The client ----------------------------------------------------------------------------------------------------------

IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h; Python has no name for it


def connect(port, source="", timeout=None, host="127.0.0.1"):
    """A connection, from this address of this machine. Its port is chosen while it connects, and need only differ from
    those of other connections to the same server: a bind would take a port that nobody has had for a minute, and there
    are not enough of those."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.settimeout(timeout)
        if source:
            sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((source, 0))
        sock.connect((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


class Client:
    def __init__(self, port, host="127.0.0.1", timeout=20, handshake=True, groups=(2, 3, 1), suites=(1, 2),
                 source=""):
        """source: the address of this machine to connect from; any of 127.0.0.0/8 will do."""
        self.source = source
        self.sock = self.dial(host, port, timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = 0
        self.pushed = []
        self.send = self.receive = None
        if handshake:
            try:
                self.handshake(groups, suites)
            except BaseException:
                self.sock.close()
                raise

    def dial(self, host, port, timeout):
        return connect(port, self.source, timeout, host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    # Frames

    def _read(self, n):
        data = b""
        while len(data) < n:
            try:
                more = self.sock.recv(n - len(data))
            except ConnectionResetError:
                more = b""
            if not more:
                raise Cut("after %d of %d bytes" % (len(data), n))
            data += more
        return data

    def read_frame(self):
        header = self._read(4)
        kind, version, length = struct.unpack(">BBH", header)
        assert version == 1
        body = self._read(length)
        if kind == ALERT:
            raise Alert(body[0], body[2:])
        return kind, header, body

    # Handshake

    def client_hello(self, groups=(2, 3, 1), suites=(1, 2)):
        self.p = GROUPS[groups[0]]
        self.x = self.private_exponent(groups[0])
        self.client_random = os.urandom(32)
        public = pow(2, self.x, self.p).to_bytes((self.p.bit_length() + 7) // 8, "big")
        return frame(CLIENT_HELLO, self.client_random + v8(bytes(suites)) + v8(bytes(groups)) + bytes([groups[0]]) +
                     v16(public))

    def private_exponent(self, group):
        return int.from_bytes(os.urandom(EXPONENT_BITS[group] // 8), "big")

    def check_public_value(self, y):
        assert 1 < y < self.p - 1 and pow(y, (self.p - 1) // 2, self.p) == 1

    def handshake(self, groups=(2, 3, 1), suites=(1, 2)):
        hello = self.client_hello(groups, suites)
        self.sock.sendall(hello)
        kind, header, body = self.read_frame()
        assert kind == SERVER_HELLO
        self.answer(hello, header, body)
        kind, header, body = self.read_frame()
        assert kind == RECORD and self.receive.open(header, body) == (FINISHED, b"")
        self.sock.sendall(self.send.seal(FINISHED, b""))

    def answer(self, hello, header, body):
        r = Reader(body)
        server_random, suite = r.take(32), r.number(1)
        public, certificate = r.take(r.number(2)), r.take(r.number(2))
        signed = header + body[:len(body) - len(r.data)]
        signature = r.take(r.number(2))
        assert not r.data and len(public) == (self.p.bit_length() + 7) // 8
        y = int.from_bytes(public, "big")
        self.check_public_value(y)
        context = hashlib.sha256(b"glasschat/1 context\0" + b"\x01" + v8(b"") + v8(b"")).digest()
        self.check_identity(certificate, signature, hashlib.sha256(context + hello + signed).digest())
        t = hashlib.sha256(context + hello + header + body).digest()
        z = pow(y, self.x, self.p).to_bytes(len(public), "big")
        prk = hmac.digest(self.client_random + server_random, z, "sha256")
        self.send = Direction(expand(prk, b"glasschat/1 client" + t, 32), suite)
        self.receive = Direction(expand(prk, b"glasschat/1 server" + t, 32), suite)

    def check_identity(self, certificate, signature, digest):
        n = certificate[2]
        modulus = certificate[3 + n + 16:3 + n + 16 + 384]
        key = rsa.RSAPublicNumbers(65537, int.from_bytes(modulus, "big")).public_key()
        key.verify(signature, b"glasschat/1 server hello\0" + digest, PSS, hashes.SHA256())
        key.verify(certificate[-384:], b"glasschat/1 certificate\0" + certificate[:-384], PSS, hashes.SHA256())
        self.fingerprint = hashlib.sha256(b"glasschat/1 key\0" + modulus).digest()

    # Messages

    def post(self, kind, fields=b"", request=None):
        """Sends a request without waiting; returns its number."""
        if request is None:
            self.request += 1
            request = self.request
        self.sock.sendall(self.send.seal(APPLICATION, struct.pack(">BI", kind, request) + fields))
        return request

    def next(self):
        """The next message, whatever it is. Closed when the server says good-bye."""
        while True:
            kind, header, body = self.read_frame()
            assert kind == RECORD
            content, payload = self.receive.open(header, body)
            if content == CLOSE:
                assert payload == b""
                raise Closed()
            if content == KEY_UPDATE:
                self.receive.update()
            else:
                assert content == APPLICATION
                return Message(payload)

    def answer_to(self, request):
        while True:
            m = self.next()
            if m.request == request:
                break
            assert m.request == 0, m
            self.pushed.append(m)
        if m.type == ERROR:
            raise Refused(m.code, m.text)
        return m

    def ask(self, kind, fields=b""):
        return self.answer_to(self.post(kind, fields))

    def wait_for(self, *types):
        """The next push of these types, passing over others."""
        while True:
            m = self.pushed.pop(0) if self.pushed else self.next()
            if m.type in types:
                return m

    def register(self, name, email, password, certificate=b""):
        self.ask(REGISTER, v8(name.encode()) + v8(email.encode()) + v8(password.encode()) + v16(certificate))

    def log_in(self, name, password, code=""):
        self.ask(LOG_IN, v8(name.encode()) + v8(password.encode()) + v8(code.encode()))

    def change_password(self, password, new, code=""):
        self.ask(CHANGE_PASSWORD, v8(password.encode()) + v8(code.encode()) + v8(new.encode()))

    def delete_account(self, password, code=""):
        self.ask(DELETE_ACCOUNT, v8(password.encode()) + v8(code.encode()))

    def begin_second_factor(self, password, code=""):
        """The new secret, not confirmed yet."""
        return self.ask(BEGIN_SECOND_FACTOR, v8(password.encode()) + v8(code.encode())).secret

    def confirm_second_factor(self, code):
        self.ask(CONFIRM_SECOND_FACTOR, v8(code.encode()))

    def end_second_factor(self, password, code):
        self.ask(END_SECOND_FACTOR, v8(password.encode()) + v8(code.encode()))

    def replace_certificate(self, password, certificate, code=""):
        self.ask(REPLACE_CERTIFICATE, v8(password.encode()) + v8(code.encode()) + v16(certificate))

    def fetch_certificate(self, name):
        return self.ask(FETCH_CERTIFICATE, v8(name.encode())).certificate

    def block(self, name):
        self.ask(BLOCK, v8(name.encode()))

    def unblock(self, name):
        self.ask(UNBLOCK, v8(name.encode()))

    def blocked(self):
        return self.ask(LIST_BLOCKED).names

    def ready(self):
        self.ask(READY)

    def relay(self, name, call, frame):
        self.ask(RELAY, v8(name.encode()) + call + v16(frame))

    def seal(self, room, sealed):
        self.ask(SEAL, v8(room.encode()) + v16(sealed))

    def enter(self, name, password="a good password"):
        """Registers and logs in."""
        self.register(name, name + "@example.org", password)
        self.log_in(name, password)
        return self

    def say(self, room, text):
        return self.ask(SAY, v8(room.encode()) + v16(text.encode()))

    def join(self, room):
        self.ask(JOIN, v8(room.encode()))

    def leave(self, room):
        self.ask(LEAVE, v8(room.encode()))

    def rooms(self, after=""):
        return self.ask(LIST_ROOMS, v8(after.encode()))

    def who(self, room, after=""):
        return self.ask(WHO, v8(room.encode()) + v8(after.encode()))

    def log_out(self):
        self.ask(LOG_OUT)

    def close(self):
        """Says good-bye and waits for the server's; what it still says meanwhile is passed over."""
        self.sock.sendall(self.send.seal(CLOSE, b""))
        try:
            while True:
                self.next()
        except Closed:
            self.sock.close()


class Narrow(Client):
    """A client whose own machine keeps next to nothing, so that all that it doesn't read stays at the server's end."""

    def dial(self, host, port, timeout):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        sock.settimeout(timeout)
        sock.connect((host, port))
        return sock
