# SPDX-License-Identifier: MIT
"""The servers that are compared, a class for each, with its configuration. Started on loopback in a scratch
folder and pinned to one core; TLS 1.3 alone, AES-128-GCM, the same RSA-3072 certificate, and TCP_NODELAY.

What would slow a busy room down on purpose is switched off in each, and every limit raised; comments say where."""
import ctypes
import errno
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import time

SERVER_CORE, LOAD_CORE = 0, 1
START_SECONDS = 15
PIDFD_GETFD = 438  # the system call's number, everywhere


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pinned(command, core, **options):
    """A process on one core, with all descriptors that the system gives."""
    def prepare():
        os.sched_setaffinity(0, {core})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # Debian's inspircd crashes when it is told to stop
    return subprocess.Popen(command, preexec_fn=prepare, stdin=subprocess.DEVNULL, **options)


def forbid_waiting(pid, port):
    """TCP_NODELAY for all connections to come: they inherit it from the listening socket, and this is how to get hold
    of that of another process. ngircd and inspircd have no setting for it, and would hold a text back, for up to 40 ms,
    while an earlier one is not acknowledged."""
    library, done = ctypes.CDLL(None, use_errno=True), 0
    process = os.pidfd_open(pid)
    for name in os.listdir(f"/proc/{pid}/fd"):
        fd = library.syscall(PIDFD_GETFD, process, int(name), 0)
        if fd < 0 and ctypes.get_errno() == errno.EBADF:  # closed meanwhile
            continue
        if fd < 0:
            raise RuntimeError(f"the sockets of {pid} can't be reached: {os.strerror(ctypes.get_errno())}")
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            os.close(fd)
            continue
        with socket.socket(fileno=fd) as s:
            if s.family == socket.AF_INET and s.getsockname()[1] == port \
                    and s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                done += 1
    os.close(process)
    if done == 0:
        raise RuntimeError(f"{pid} has no socket that listens on {port}")


def make_certificate(folder):
    """RSA-3072, self-signed, as glasschatd's own key has 3072 bits; and what ngircd would else make at each start."""
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=peer.test"], check=True, capture_output=True)
    with open(os.path.join(folder, "dh.pem"), "w") as f:
        subprocess.run(["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe3072"],
                       check=True, stdout=f, stderr=subprocess.DEVNULL)
    return certificate, key


class Server:
    """`with server:` is one run of it, with server.port and server.pid."""
    at_once = 16  # clients between connecting and being in the room

    def __init__(self, program, folder, certificate=None, key=None):
        self.program, self.folder = program, folder
        self.certificate, self.key = certificate, key

    @classmethod
    def find(cls, path):
        return shutil.which(cls.name, path=path)

    def version(self):
        said = subprocess.run([self.program, *self.version_option], capture_output=True, text=True).stdout
        return re.search(r"\d+(\.\d+)+|\d+", said).group()

    def __enter__(self):
        self.port = free_port()
        self.log = open(os.path.join(self.folder, f"{self.name}.log"), "ab")
        config = os.path.join(self.folder, f"{self.name}.conf")
        with open(config, "w") as f:
            f.write(self.config())
        self.child = pinned(self.command(config), SERVER_CORE, cwd=self.folder, stdout=self.log, stderr=self.log)
        self.pid = self.child.pid
        try:
            self.wait_until_it_listens()
        except RuntimeError:
            self.__exit__()
            raise
        return self

    def wait_until_it_listens(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            with open(self.log.name, errors="replace") as f:
                raise RuntimeError(f"{self.name} does not start:\n{f.read()[-2000:]}")
        forbid_waiting(self.pid, self.port)

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()
        self.log.close()


class Ngircd(Server):
    """One process; Debian's has GnuTLS. What has gathered in a connection's buffer goes into one TLS record."""
    name, protocol, version_option = "ngircd", "irc", ["--version"]

    def config(self):
        # MaxPenaltyTime = 0: no waiting after each command. MaxConnectionsIP = 0: all come from 127.0.0.1.
        return f"""[Global]
Name = peer.test
Info = peer
Listen = 127.0.0.1
Ports = {free_port()}
MotdPhrase = peer
ServerUID = {pwd.getpwuid(os.getuid()).pw_name}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 20
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {self.certificate}
KeyFile = {self.key}
DHFile = {os.path.join(self.folder, "dh.pem")}
CipherList = SECURE128:-VERS-ALL:+VERS-TLS1.3
Ports = {self.port}
"""

    def command(self, config):
        return [self.program, "--nodaemon", "--config", config]


class Inspircd(Server):
    """One process; Debian's has the GnuTLS module. What has gathered for a connection goes into one TLS record."""
    name, protocol, version_option = "inspircd", "irc", ["--version"]
    at_once = 100  # it welcomes those who wait once a second, all together

    def config(self):
        # fakelag="no" and the two rates: no waiting after commands. localmax, globalmax, limit, softlimit: all may come
        # from one address. The queues are wide enough that nobody is dropped in the fastest run.
        return f"""<server name="peer.test" description="peer" network="peer">
<admin name="peer" nick="peer" email="peer@peer.test">
<path configdir="{self.folder}" datadir="{self.folder}" logdir="{self.folder}" runtimedir="{self.folder}">
<pid file="{self.folder}/inspircd.pid">
<module name="ssl_gnutls">
<sslprofile name="tls" provider="gnutls" certfile="{self.certificate}" keyfile="{self.key}" requestclientcert="no"
            priority="SECURE128:-VERS-ALL:+VERS-TLS1.3">
<bind address="127.0.0.1" port="{self.port}" type="clients" sslprofile="tls">
<connect name="all" allow="*" timeout="120" pingfreq="1h" hardsendq="100M" softsendq="50M" recvq="1M"
         threshold="100000000" commandrate="1000000000" fakelag="no" localmax="100000" globalmax="100000"
         maxconnwarn="no" resolvehostnames="no" useident="no" limit="100000" maxchans="100">
<performance softlimit="100000" somaxconn="4096" clonesonconnect="no">
<whowas groupsize="0" maxgroups="0">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="inspircd-own.log">
"""

    def command(self, config):
        return [self.program, "--nofork", "--config", config] + (["--runasroot"] if os.getuid() == 0 else [])


class Mosquitto(Server):
    """One process, OpenSSL. QoS 0, one topic. It tells nobody who came, so its joins are cheaper."""
    name, protocol, version_option = "mosquitto", "mqtt", ["-h"]

    def config(self):
        # max_queued_messages 0: no text is dropped for a reader that is behind.
        return f"""persistence false
log_type error
sys_interval 0
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
{"user root" if os.getuid() == 0 else ""}
listener {self.port} 127.0.0.1
max_connections -1
allow_anonymous true
certfile {self.certificate}
keyfile {self.key}
tls_version tlsv1.3
"""

    def command(self, config):
        return [self.program, "-c", config]


class Glasschatd(Server):
    """Ours, with the limits of docs/performance.md. Its hashes are cheap, as the others ask for no password."""
    name, protocol, version_option = "glasschatd", None, ["--version"]

    def config(self):
        return ""

    def make_accounts(self, file):
        subprocess.run([self.program, "--data", os.path.join(self.folder, "data"), "--pbkdf2-iterations", "1000",
                        "account", "add", "--from", file], check=True, capture_output=True)

    def command(self, config):
        return [self.program, "--data", os.path.join(self.folder, "data"), "--listen", f"127.0.0.1:{self.port}",
                "--pbkdf2-iterations", "1000", "--log-level", "warn", "--max-clients", "20000", "--max-per-address",
                "20000", "--max-handshakes", "20000", "--max-rate", "100000", "--max-said", "100000000",
                "--max-said-room", "100000000"]


PEERS = [Ngircd, Inspircd, Mosquitto]
