#!/usr/bin/env python3
"""Real servers for tests and for trying things: Apache Kafka, Mosquitto and PostgreSQL on free loopback ports.

A stack lives in a folder of its own under /tmp, touches no system service, and any number of stacks run side by side.

    stack.py serve [--with kafka,mosquitto,postgres]
        Starts the servers and prints one line of JSON: {"ok": true, "env": {"SG_...": "..."}}, or {"ok": false, "error": "..."}.
        Then obeys lines on standard input and answers each with one line of JSON:
            stop NAME term|kill      start NAME      restart NAME term|kill
        The end of standard input, SIGTERM and SIGINT tear everything down. So a test that dies in any way takes its servers along.
    stack.py up [--with ...] | down | status
        The same in the background, for people. `up` prints a file of `export NAME=value` lines.
    stack.py fetch
        Downloads Kafka's jars into the cache and does nothing else.
"""

import argparse
import base64
import contextlib
import errno
import fcntl
import glob
import hashlib
import json
import os
import pathlib
import pwd
import queue
import random
import secrets
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ALL = ("kafka", "mosquitto", "postgres")
START_LIMIT_S = 90.0  # a busy two-core machine needs 15 for a cold Kafka
STOP_LIMIT_S = 30.0
FETCH_LIMIT_S = 600.0
SETUP_HINT = "run './dev setup test' first"


class StackError(Exception):
    """What went wrong, in words for the person who reads the failed test."""


# --- small things -----------------------------------------------------------------------------------------------------


def program(name, *, folders=(), package):
    """Absolute path of a program: servers live in /usr/sbin, which is not in a user's PATH."""
    path = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"]))
    if not path:
        raise StackError(f"'{name}' not found; it is in the package {package}: {SETUP_HINT}")
    return path


def tail(path, lines=25):
    try:
        text = pathlib.Path(path).read_text(errors="replace").splitlines()
    except OSError as e:
        return f"(no log: {e})"
    return "\n".join(text[-lines:]) or "(the log is empty)"


class Ports:
    """Ports nobody else uses, ours until this process ends.

    Not from the ephemeral range: while a server is down for a restart, any outgoing connection could be given its port (a client
    that retries on loopback can even connect to itself), and the server could not come back. Two stacks agree by abstract
    sockets, which need no file and vanish with their owner.
    """

    def __init__(self):
        self._claims = []
        try:
            first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            first = 32768
        self._range = (10240, first - 1) if first > 12000 else (61001, 65535)

    def take(self):
        for _ in range(2000):
            port = random.SystemRandom().randint(*self._range)
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                claim.bind(f"\0sightglass-stack-port-{port}")
                with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
                    probe.listen()
            except OSError as e:
                claim.close()
                if e.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                continue
            self._claims.append(claim)
            return port
        raise StackError(f"no free loopback port between {self._range[0]} and {self._range[1]}")


class Account:
    """Whom a server runs as. PostgreSQL refuses root, Mosquitto as root drops its rights in the middle of its start."""

    def __init__(self, *names):
        self.name, self._ids = pwd.getpwuid(os.getuid()).pw_name, None
        if os.getuid() != 0:
            return
        for name in (*names, "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                self.name, self._ids = name, (entry.pw_uid, entry.pw_gid)
                return
        raise StackError(f"none of the users {', '.join((*names, 'nobody'))} exists, and {names[0]} must not run as root")

    def popen_args(self):
        if not self._ids:
            return {}
        return {"user": self._ids[0], "group": self._ids[1], "extra_groups": []}

    def give(self, *paths):
        if self._ids:
            for path in paths:
                os.chown(path, *self._ids)


def parents():
    """Process -> parent, of everything that runs now."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            text = pathlib.Path(path).read_text(errors="replace")
            # The command stands in parentheses and may contain anything, also a parenthesis.
            found[int(path.split("/")[2])] = int(text.rsplit(")", 1)[1].split()[1])
    return found


def descendants(pid):
    parent_of = parents()
    found, grew = {pid}, True
    while grew:
        more = {child for child, parent in parent_of.items() if parent in found and child not in found}
        grew = bool(more)
        found |= more
    return found - {pid}


def end_tree(pid, sig, patience_s):
    """Ends a process and what is left of its children. False when it did not obey in time and was killed."""
    handles = {}
    for each in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            handles[each] = os.pidfd_open(each)  # a handle cannot be mistaken for a later process of the same number
    try:
        send(handles, sig, only=None if sig == signal.SIGKILL else pid)
        if have_ended(handles, patience_s):
            return True
        send(handles, signal.SIGKILL)
        have_ended(handles, 5.0)
        return False
    finally:
        for handle in handles.values():
            os.close(handle)


def send(handles, sig, only=None):
    for pid, handle in handles.items():
        if only in (None, pid):
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(handle, sig)


def have_ended(handles, patience_s):
    # A handle becomes readable when the last thread has ended. /proc would call a process a zombie when only its first one has,
    # and a Java process still holds its ports then.
    deadline = time.monotonic() + patience_s
    for handle in handles.values():
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return False
    return True


class Watchdog:
    """A child that ends the servers and removes the folder when this process is killed by SIGKILL.

    The kernel's own signal on a parent's death is no help: it is dropped when a process changes its user, as servers of root do,
    and it follows the thread that forked. REQUIRES: made before the first thread.
    """

    def __init__(self, folder):
        read_end, self._write_end = os.pipe()
        self._lock = threading.Lock()
        if os.fork() == 0:
            os.close(self._write_end)
            self._child(read_end, folder)
            os._exit(0)
        os.close(read_end)

    @staticmethod
    def _child(read_end, folder):
        os.setsid()
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        # Whoever reads one of our pipes to its end, or waits for a lock of ours, must not wait for the watchdog too.
        os.closerange(3, read_end)
        os.closerange(read_end + 1, os.sysconf("SC_OPEN_MAX"))
        alive = {}
        with os.fdopen(read_end) as lines:
            for line in lines:
                words = line.split()
                if words[0] == "end":
                    return
                if words[0] == "started":
                    alive[int(words[1])] = signal.Signals(int(words[2]))
                else:
                    alive.pop(int(words[1]), None)
        for pid, sig in alive.items():
            end_tree(pid, sig, 5.0)
        shutil.rmtree(folder, ignore_errors=True)

    def _say(self, line):
        with self._lock, contextlib.suppress(BrokenPipeError):
            os.write(self._write_end, f"{line}\n".encode())

    def started(self, pid, sig):
        self._say(f"started {pid} {int(sig)}")

    def ended(self, pid):
        self._say(f"ended {pid}")

    def dismiss(self):
        self._say("end")


# --- servers ----------------------------------------------------------------------------------------------------------


class Server:
    """One server of a stack: same ports and data through every restart. A method runs on one thread at a time."""

    name = "?"
    discard_signal = signal.SIGKILL  # at tear-down, when nobody needs the data any more

    def __init__(self, stack):
        self.stack = stack
        self.folder = stack.folder / self.name
        self.folder.mkdir(mode=0o755)
        self.log = self.folder / "server.log"
        self.process = None

    def prepare(self):
        """Writes the configuration and makes the data folder, once."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def answers(self):
        """True when the server does its work. May raise OSError while it does not."""
        raise NotImplementedError

    def env(self):
        raise NotImplementedError

    def popen_args(self):
        return {}

    def helper(self, command, *, stdin=None, as_account=True, limit_s=START_LIMIT_S):
        """Runs a program to its end, its output in the log; gives up when the stack is told to end."""
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True, env=self.environment(), **(self.popen_args() if as_account else {}))
        self.stack.watchdog.started(process.pid, signal.SIGKILL)
        if stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin.encode())
                process.stdin.close()
        deadline = time.monotonic() + limit_s
        while process.poll() is None:
            if self.stack.stopping.is_set() or time.monotonic() > deadline:
                end_tree(process.pid, signal.SIGKILL, 5.0)
            time.sleep(0.02)
        self.stack.watchdog.ended(process.pid)
        self.stack.check_not_stopping()
        if process.returncode != 0:
            raise StackError(f"{self.name}: {pathlib.Path(command[0]).name} ended with {process.returncode}. "
                             f"Its last lines:\n{tail(self.log)}")

    @staticmethod
    def environment():
        # C.UTF-8 is part of libc, so that messages can be read and initdb finds its locale on a machine without any other.
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "JAVA_HOME", "TMPDIR")}
        return {"PATH": "/usr/bin:/bin", **keep, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}

    def start(self):
        if self.process and self.process.poll() is None:
            raise StackError(f"{self.name} runs already, as process {self.process.pid}")
        self.stack.check_not_stopping()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                            start_new_session=True, env=self.environment(), **self.popen_args())
        self.stack.watchdog.started(self.process.pid, self.discard_signal)
        began = time.monotonic()
        while True:
            self.stack.check_not_stopping()
            if self.process.poll() is not None:
                self.stack.watchdog.ended(self.process.pid)
                raise StackError(f"{self.name} ended with {self.process.returncode} before it answered. "
                                 f"Its last lines:\n{tail(self.log)}")
            with contextlib.suppress(OSError):
                if self.answers():
                    return
            if time.monotonic() - began > START_LIMIT_S:
                raise StackError(f"{self.name} did not answer within {START_LIMIT_S:.0f} s. Its last lines:\n{tail(self.log)}")
            time.sleep(0.03)

    def stop(self, sig):
        process = self.process
        if not process or process.poll() is not None:
            raise StackError(f"{self.name} does not run. Its last lines:\n{tail(self.log)}")
        self._end(sig, STOP_LIMIT_S)

    def discard(self):
        if self.process and self.process.returncode is None:
            with contextlib.suppress(StackError):
                self._end(self.discard_signal, 5.0)

    def _end(self, sig, patience_s):
        pid = self.process.pid
        in_time = end_tree(pid, sig, patience_s)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)
        self.stack.watchdog.ended(pid)
        if not in_time:
            raise StackError(f"{self.name} was still there {patience_s:.0f} s after {signal.Signals(sig).name}, and was killed. "
                             f"Its last lines:\n{tail(self.log)}")


def receive_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


class Kafka(Server):
    """Apache Kafka in KRaft mode: broker and controller in one process."""

    name = "kafka"

    def __init__(self, stack):
        super().__init__(stack)
        self.port, self.controller_port, self.far_port = (stack.ports.take() for _ in range(3))
        # Listener -> port and certificate, all of them TLS; the last takes client certificates and no password.
        self.secured = {name: (stack.ports.take(), cert) for name, cert in (
            ("SASL_SSL", "server"), ("EXPIRED", "expired"), ("WRONG_NAME", "wrong-name"), ("MTLS", "server"))}
        self.user, self.password = "sightglass", secrets.token_hex(12)
        self.denied_user, self.denied_password = "sg_denied", secrets.token_hex(12)
        self.config = self.folder / "server.properties"
        self.java = program("java", package="default-jre-headless")
        self.jars = None
        self._has_acls = False  # they live in the data, so once is enough

    def prepare(self):
        self.jars = fetch_jars(self.stack)
        (self.folder / "log4j2.properties").write_text(
            "status = error\n"
            "appender.out.type = Console\n"
            "appender.out.name = out\n"
            "appender.out.layout.type = PatternLayout\n"
            "appender.out.layout.pattern = %d %p %m (%c{1})%n%throwable\n"
            "rootLogger.level = warn\n"
            "rootLogger.appenderRef.out.ref = out\n"
            "logger.server.name = kafka.server\n"
            "logger.server.level = info\n")
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join([f"PLAINTEXT://127.0.0.1:{self.port}", f"FAR://127.0.0.1:{self.far_port}",
                                   f"CONTROLLER://127.0.0.1:{self.controller_port}",
                                   *(f"{name}://127.0.0.1:{port}" for name, (port, _) in self.secured.items())]),
            # FAR answers, and announces an address that cannot be resolved, as brokers behind a container's name do.
            "advertised.listeners": ",".join([f"PLAINTEXT://127.0.0.1:{self.port}", f"FAR://kafka-2.invalid:{self.far_port}",
                                              *(f"{name}://127.0.0.1:{port}" for name, (port, _) in self.secured.items())]),
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,FAR:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,"
                                              "EXPIRED:SASL_SSL,WRONG_NAME:SASL_SSL,MTLS:SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            # PLAIN as well: librdkafka before 2.6.1 (Debian 12 has 2.0.2) sends a SCRAM nonce that Kafka 4 refuses as a wrong password.
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
            # Who comes in the open may do everything, also the controller; ACLs are for the names of the secured listeners.
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "true",
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "true",
            "num.partitions": 1,
            # One broker cannot hold the three replicas that these ask for by default; few partitions make it start sooner.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
        }
        for name, (_, cert) in self.secured.items():
            settings.update(self._listener(f"listener.name.{name.lower()}.", cert, takes_passwords=name != "MTLS"))
        self.config.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        self.config.chmod(0o600)
        self.helper([*self._jvm("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), "kafka.tools.StorageTool", "format",
                     "--config", str(self.config), "--cluster-id", "sightglass-stack-00001A",
                     *(word for user, password in self._passwords() for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                       for word in ("--add-scram", f"{mechanism}=[name={user},password={password}]"))], limit_s=START_LIMIT_S)

    def _passwords(self):
        return (self.user, self.password), (self.denied_user, self.denied_password)

    def _listener(self, prefix, cert, takes_passwords):
        settings = {f"{prefix}ssl.keystore.type": "PEM",
                    f"{prefix}ssl.keystore.location": self.stack.tls.server_pem(self.folder / f"{cert}.pem", cert)}
        if not takes_passwords:
            return {**settings, f"{prefix}ssl.client.auth": "required", f"{prefix}ssl.truststore.type": "PEM",
                    f"{prefix}ssl.truststore.location": self.stack.tls.folder / "ca.crt"}
        users = " ".join(f'user_{user}="{password}"' for user, password in self._passwords())
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        # Takes tokens without a signature, whose claims it checks: sub, iat and exp.
        bearer = ('org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required '
                  f'unsecuredLoginStringClaim_sub="{self.user}";')
        return {**settings, f"{prefix}scram-sha-256.sasl.jaas.config": scram, f"{prefix}scram-sha-512.sasl.jaas.config": scram,
                f"{prefix}oauthbearer.sasl.jaas.config": bearer,
                f"{prefix}plain.sasl.jaas.config": f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"}

    def _jvm(self, *options):
        return [self.java, *options, f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
                f"-Djava.io.tmpdir={self.folder}", "-XX:-UsePerfData", "-cp", f"{self.jars}/*"]

    def command(self):
        return [*self._jvm("-Xms128m", "-Xmx512m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"), "kafka.Kafka", str(self.config)]

    def answers(self):
        # Metadata v1 for no topic. The broker registers itself late in its start, so an answer that names it is the sign.
        brokers, = struct.unpack(">i", self._ask(3, struct.pack(">i", 0))[:4])
        if brokers == 1 and not self._has_acls:
            self._deny()
        return brokers == 1

    def _deny(self):
        """sg_denied sees the topics denied.* and may not read them; hidden.* it does not even see."""
        def text(value):
            return struct.pack(">h", len(value)) + value.encode()

        topic, by_prefix, everything, read, deny, allow = 2, 4, 2, 3, 2, 3
        rules = [("denied.", "*", everything, allow), ("denied.", self.denied_user, read, deny),
                 ("hidden.", "*", everything, allow), ("hidden.", self.denied_user, everything, deny)]
        answer = self._ask(30, struct.pack(">i", len(rules)) + b"".join(
            struct.pack(">b", topic) + text(prefix) + struct.pack(">b", by_prefix) + text(f"User:{user}") + text("*")
            + struct.pack(">bb", what, how) for prefix, user, what, how in rules))  # CreateAcls v1
        errors = answer[8:]
        while errors:
            code, length = struct.unpack(">hh", errors[:4])
            if code:
                raise StackError(f"kafka refused a rule of access: error {code}, {errors[4:4 + max(length, 0)].decode(errors='replace')}")
            errors = errors[4 + max(length, 0):]
        self._has_acls = True

    def _ask(self, api, body):
        """What the broker answers to a request of version 1, without the answer's number."""
        request = struct.pack(">hhih", api, 1, 7, -1) + body
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            size, = struct.unpack(">i", receive_exactly(connection, 4))
            return receive_exactly(connection, min(size, 65536))[4:]

    def env(self):
        return {
            "SG_KAFKA_BROKERS": f"127.0.0.1:{self.port}",
            "SG_KAFKA_FAR_BROKERS": f"127.0.0.1:{self.far_port}",  # announces kafka-2.invalid
            "SG_KAFKA_SASL_BROKERS": f"127.0.0.1:{self.secured['SASL_SSL'][0]}",
            "SG_KAFKA_EXPIRED_BROKERS": f"127.0.0.1:{self.secured['EXPIRED'][0]}",
            "SG_KAFKA_WRONG_NAME_BROKERS": f"127.0.0.1:{self.secured['WRONG_NAME'][0]}",
            "SG_KAFKA_MTLS_BROKERS": f"127.0.0.1:{self.secured['MTLS'][0]}",
            "SG_KAFKA_SASL_MECHANISM": "PLAIN",  # SCRAM-SHA-256 and -512 with the same users, for clients that can
            "SG_KAFKA_USER": self.user,
            "SG_KAFKA_PASSWORD": self.password,
            "SG_KAFKA_DENIED_USER": self.denied_user,  # may not read denied.*, does not see hidden.*
            "SG_KAFKA_DENIED_PASSWORD": self.denied_password,
            "SG_KAFKA_JARS": str(self.jars),
            "SG_KAFKA_LOG": str(self.log),
        }


class Mosquitto(Server):
    """The MQTT broker: a listener in the open, others with TLS; a password is checked where one is given."""

    name = "mosquitto"

    def __init__(self, stack):
        super().__init__(stack)
        self.port = stack.ports.take()
        self.secured = {name: stack.ports.take() for name in ("tls", "mtls", "expired", "wrong-name")}
        self.user, self.password = "sightglass", secrets.token_hex(12)
        self.denied_user, self.denied_password = "sg_denied", secrets.token_hex(12)
        self.account = Account("mosquitto")
        self.program = program("mosquitto", folders=["/usr/sbin"], package="mosquitto")
        self.config = self.folder / "mosquitto.conf"

    def prepare(self):
        tls = self.stack.tls
        files = {cert: tls.server_files(self.folder, cert) for cert in ("server", "expired", "wrong-name")}
        passwords = self.folder / "passwords"
        passwords.touch(0o600)
        self.helper([program("mosquitto_passwd", package="mosquitto"), "-b", "-c", str(passwords), self.user, self.password],
                    as_account=False)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        access = self.folder / "access.json"
        access.write_text(json.dumps(self._access()))
        access.chmod(0o600)
        authority = self.folder / "ca.crt"
        shutil.copy(tls.folder / "ca.crt", authority)
        # Not per_listener_settings: Mosquitto 2.0.12 to 2.0.22 then keeps nothing for a session that is away. So all listeners let
        # in whoever gives no name; a name with a wrong password is refused on all.
        self.config.write_text(
            # As root it would become this user in any case, after it has made its files; said here, the two agree.
            f"user {self.account.name}\n"
            f"persistence true\n"
            f"persistence_location {data}/\n"
            # The default keeps 1,000 messages for a session that is away, and drops the others without a word.
            f"max_queued_messages 0\n"
            f"max_inflight_messages 100\n"
            f"set_tcp_nodelay true\n"
            f"log_dest stdout\n"
            f"log_timestamp_format %Y-%m-%dT%H:%M:%S\n"
            f"allow_anonymous true\n"
            f"password_file {passwords}\n"
            # An acl_file does not do: Mosquitto grants the subscription all the same, and then delivers nothing.
            f"plugin {self._plugin()}\n"
            f"plugin_opt_config_file {access}\n"
            f"listener {self.port} 127.0.0.1\n"
            + "".join(f"listener {port} 127.0.0.1\n"
                      f"certfile {files.get(name, files['server'])['cert']}\n"
                      f"keyfile {files.get(name, files['server'])['key']}\n"
                      + (f"cafile {authority}\nrequire_certificate true\n" if name == "mtls" else "")
                      for name, port in self.secured.items()))
        self.account.give(self.folder, data, passwords, access, authority, *(path for pair in files.values() for path in pair.values()))

    @staticmethod
    def _plugin():
        found = glob.glob("/usr/lib/*/mosquitto_dynamic_security.so") + glob.glob("/usr/lib/mosquitto_dynamic_security.so")
        if not found:
            raise StackError(f"no mosquitto_dynamic_security.so; it is in the package mosquitto: {SETUP_HINT}")
        return found[0]

    def _access(self):
        """Everybody may do everything, but sg_denied may not subscribe below denied/."""
        def client(user, password, roles):
            salt = secrets.token_bytes(12)
            hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
            return {"username": user, "salt": base64.b64encode(salt).decode(), "iterations": 101,
                    "password": base64.b64encode(hashed).decode(), "roles": [{"rolename": role} for role in roles]}

        return {
            "defaultACLAccess": {kind: True for kind in ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")},
            # Whoever has a password must be known here as well: the plugin lets a name that it does not know do nothing.
            "clients": [client(self.user, self.password, []), client(self.denied_user, self.denied_password, ["denied"])],
            "roles": [{"rolename": "denied", "acls": [
                {"acltype": "subscribePattern", "topic": "denied/#", "priority": 0, "allow": False}]}],
        }

    def popen_args(self):
        return self.account.popen_args()

    def command(self):
        return [self.program, "-c", str(self.config)]

    def answers(self):
        client = b"stack-" + secrets.token_hex(4).encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x0a" + struct.pack(">H", len(client)) + client
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(bytes([0x10, len(body)]) + body)
            answer = receive_exactly(connection, 4)
            connection.sendall(b"\xe0\x00")
        return answer[0] == 0x20 and answer[3] == 0

    def env(self):
        return {
            "SG_MQTT_URL": f"tcp://127.0.0.1:{self.port}",
            "SG_MQTT_TLS_URL": f"ssl://127.0.0.1:{self.secured['tls']}",
            "SG_MQTT_MTLS_URL": f"ssl://127.0.0.1:{self.secured['mtls']}",
            "SG_MQTT_EXPIRED_URL": f"ssl://127.0.0.1:{self.secured['expired']}",
            "SG_MQTT_WRONG_NAME_URL": f"ssl://127.0.0.1:{self.secured['wrong-name']}",
            "SG_MQTT_USER": self.user,
            "SG_MQTT_PASSWORD": self.password,
            "SG_MQTT_DENIED_USER": self.denied_user,  # may not subscribe to denied/#
            "SG_MQTT_DENIED_PASSWORD": self.denied_password,
            "SG_MQTT_LOG": str(self.log),
        }


def postgres_answers(port, user, database):
    body = struct.pack(">i", 196608) + f"user\0{user}\0database\0{database}\0\0".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(struct.pack(">i", len(body) + 4) + body)
        answer = receive_exactly(connection, 1)
        connection.sendall(b"X\0\0\0\4")
    return answer == b"R"


class Postgres(Server):
    """PostgreSQL: one superuser on trust, and readers who need TLS and a password. Nobody else is in pg_hba.conf.

    It has one certificate at a time; the superuser gives it another of SG_PG_CERTS (server, expired, wrong-name) by
    ALTER SYSTEM SET ssl_cert_file, ssl_key_file and pg_reload_conf().
    """

    name = "postgres"
    discard_signal = signal.SIGQUIT  # ends at once as well, and leaves no shared memory segment behind

    def __init__(self, stack):
        super().__init__(stack)
        self.port = stack.ports.take()
        self.user, self.database = "sg", "sightglass"
        self.tls_user, self.tls_password = "sg_tls", secrets.token_hex(12)
        self.account = Account("postgres")
        self.data = self.folder / "data"
        candidates = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: float(p.split("/")[4]))
        if not candidates:
            raise StackError(f"no /usr/lib/postgresql/*/bin/postgres; it is in the package postgresql: {SETUP_HINT}")
        self.programs = pathlib.Path(candidates[-1]).parent

    def prepare(self):
        files = {cert: self.stack.tls.server_files(self.folder, cert) for cert in ("server", "expired", "wrong-name")}
        tls = files["server"]
        self.account.give(self.folder, *(path for pair in files.values() for path in pair.values()))
        self.helper([str(self.programs / "initdb"), "--pgdata", str(self.data), "--username", self.user, "--auth", "trust",
                     "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"])
        with open(self.data / "postgresql.conf", "a") as config:
            config.write(
                f"listen_addresses = '127.0.0.1'\n"
                f"port = {self.port}\n"
                f"unix_socket_directories = ''\n"
                f"ssl = on\n"
                f"ssl_cert_file = '{tls['cert']}'\n"
                f"ssl_key_file = '{tls['key']}'\n"
                f"shared_buffers = 64MB\n"
                # We kill the process, never the machine, and what the process wrote the kernel keeps.
                f"fsync = off\n"
                f"log_connections = on\n"
                f"log_line_prefix = '%m [%p] %u@%d '\n")
        (self.data / "pg_hba.conf").write_text(
            f"hostssl all {self.tls_user} 127.0.0.1/32 scram-sha-256\n"
            f"host    all {self.tls_user} 127.0.0.1/32 reject\n"
            f"hostssl all +sg_readers 127.0.0.1/32 scram-sha-256\n"
            f"host    all {self.user} 127.0.0.1/32 trust\n")
        # Single-user mode saves a start and needs no client. It takes one command a line.
        self.helper([str(self.programs / "postgres"), "--single", "-D", str(self.data), "postgres"], stdin=(
            f"CREATE DATABASE {self.database}\n"
            f"CREATE ROLE sg_readers\n"
            f"CREATE ROLE {self.tls_user} LOGIN PASSWORD '{self.tls_password}' IN ROLE pg_read_all_data\n"))

    def popen_args(self):
        return self.account.popen_args()

    def stop(self, sig):
        # SIGTERM waits until the last client has left of itself; the orderly end that service managers ask for is SIGINT.
        super().stop(signal.SIGINT if sig == signal.SIGTERM else sig)

    def command(self):
        return [str(self.programs / "postgres"), "-D", str(self.data)]

    def answers(self):
        return postgres_answers(self.port, self.user, self.database)

    def env(self):
        return {
            "SG_PG_HOST": "127.0.0.1",
            "SG_PG_PORT": str(self.port),
            "SG_PG_USER": self.user,
            "SG_PG_DB": self.database,
            "SG_PG_TLS_USER": self.tls_user,
            "SG_PG_TLS_PASSWORD": self.tls_password,
            "SG_PG_CERTS": str(self.folder),
            "SG_PG_LOG": str(self.log),
        }


class Pgbouncer(Server):
    """PgBouncer in front of the stack's PostgreSQL, pooling by transaction. Only where it is named, behind postgres."""

    name = "pgbouncer"

    def __init__(self, stack):
        super().__init__(stack)
        if "postgres" not in stack.servers:
            raise StackError("pgbouncer stands in front of postgres: --with postgres,pgbouncer")
        self.port = stack.ports.take()
        self.behind = stack.servers["postgres"]
        self.account = Account("postgres")
        self.config = self.folder / "pgbouncer.ini"
        self.program = program("pgbouncer", package="pgbouncer")

    def prepare(self):
        users = self.folder / "users.txt"
        users.write_text(f'"{self.behind.user}" ""\n')
        self.config.write_text(
            f"[databases]\n"
            f"{self.behind.database} = host=127.0.0.1 port={self.behind.port}\n"
            f"[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\n"
            f"listen_port = {self.port}\n"
            f"unix_socket_dir =\n"
            f"auth_type = trust\n"
            f"auth_file = {users}\n"
            f"pool_mode = transaction\n")
        self.account.give(self.folder, users, self.config)

    def popen_args(self):
        return self.account.popen_args()

    def command(self):
        return [self.program, str(self.config)]

    def answers(self):
        return postgres_answers(self.port, self.behind.user, self.behind.database)

    def env(self):
        return {"SG_PGBOUNCER_PORT": str(self.port)}


SERVERS = {server.name: server for server in (Kafka, Mosquitto, Postgres, Pgbouncer)}


class Tls:
    """An authority with certificates for servers (right, expired, of another name) and clients, and one that no server trusts."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o755)
        self._openssl = program("openssl", package="openssl")
        self._authority("ca", "Sightglass stack")
        self._authority("wrong-ca", "Somebody else")
        here = "DNS:localhost,IP:127.0.0.1"
        self._signed("server", "localhost", "ca", "serverAuth", here)
        self._signed("wrong-name", "elsewhere.invalid", "ca", "serverAuth", "DNS:elsewhere.invalid")
        self._expired("expired", "localhost", "serverAuth", here)
        self._signed("client", "sg_client", "ca", "clientAuth")
        self._expired("expired-client", "sg_client", "clientAuth")
        self._signed("wrong-client", "sg_client", "wrong-ca", "clientAuth")

    def _authority(self, name, subject):
        self._run(name, subject, "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    @staticmethod
    def _of_a_peer(usage, names):
        return ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"extendedKeyUsage={usage}",
                *(["-addext", f"subjectAltName={names}"] if names else [])]

    def _signed(self, name, subject, authority, usage, names=None):
        self._run(name, subject, "-CA", self.folder / f"{authority}.crt", "-CAkey", self.folder / f"{authority}.key",
                  *self._of_a_peer(usage, names))

    def _expired(self, name, subject, usage, names=None):
        # Only `openssl ca` takes a date in the past, and it insists on books.
        config, index, request = (self.folder / f"{name}.{kind}" for kind in ("cnf", "index", "csr"))
        index.touch()
        config.write_text(f"[ca]\ndefault_ca = it\n[it]\ndatabase = {index}\nnew_certs_dir = {self.folder}\nrand_serial = yes\n"
                          f"default_md = sha256\npolicy = names\ncopy_extensions = copyall\n[names]\ncommonName = supplied\n")
        self._openssl_req(name, subject, request, *self._of_a_peer(usage, names))
        self._call(name, "ca", "-config", config, "-batch", "-notext", "-startdate", "20240101000000Z", "-enddate", "20240201000000Z",
                   "-cert", self.folder / "ca.crt", "-keyfile", self.folder / "ca.key", "-in", request,
                   "-out", self.folder / f"{name}.crt")
        (self.folder / f"{name}.crt").chmod(0o644)

    def _run(self, name, subject, *options):
        self._openssl_req(name, subject, self.folder / f"{name}.crt", "-x509", "-days", "30", *options)
        (self.folder / f"{name}.crt").chmod(0o644)

    def _openssl_req(self, name, subject, out, *options):
        # Elliptic keys take milliseconds to make, RSA a second.
        self._call(name, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={subject}",
                   "-keyout", self.folder / f"{name}.key", "-out", out, *options)

    def _call(self, name, *words):
        result = subprocess.run([self._openssl, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                                check=False)
        if result.returncode != 0:
            raise StackError(f"openssl could not make the {name} certificate: {result.stderr.strip()}")

    def server_files(self, folder, name):
        """Copies of certificate and key: each server insists on a key that is its own user's alone."""
        cert, key = folder / f"{name}.crt", folder / f"{name}.key"
        shutil.copy(self.folder / f"{name}.crt", cert)
        shutil.copy(self.folder / f"{name}.key", key)
        key.chmod(0o600)
        return {"cert": cert, "key": key}

    def server_pem(self, path, name):
        path.touch(0o600)
        path.write_text((self.folder / f"{name}.key").read_text() + (self.folder / f"{name}.crt").read_text())
        return path

    def env(self):
        values = {"SG_CA": "ca.crt", "SG_WRONG_CA": "wrong-ca.crt"}
        for name in ("CLIENT", "EXPIRED_CLIENT", "WRONG_CLIENT"):  # of our authority, of it and expired, of the other authority
            file = name.lower().replace("_", "-")
            values |= {f"SG_{name}_CERT": f"{file}.crt", f"SG_{name}_KEY": f"{file}.key"}
        return {name: str(self.folder / file) for name, file in values.items()}


def fetch_jars(stack=None):
    """Folder with Kafka's jars, filled by Maven when this pom was never fetched before."""
    pom = HERE / "pom.xml"
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sightglass" / "kafka"
    target = cache / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two stacks that start together fetch once
        if target.is_dir():
            return target
        for left in cache.glob("fetch-*"):  # by somebody who was killed, since we hold the lock
            shutil.rmtree(left, ignore_errors=True)
        unfinished = pathlib.Path(tempfile.mkdtemp(prefix="fetch-", dir=cache))
        try:
            _run_maven(pom, unfinished, stack)
            unfinished.rename(target)  # a folder that exists is complete
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _run_maven(pom, folder, stack):
    mvn = program("mvn", package="maven")
    log = folder.with_name("fetch.log")
    command = [mvn, "--batch-mode", "--no-transfer-progress", "-Dstyle.color=never", "--file", str(pom), "dependency:copy-dependencies",
               f"-DoutputDirectory={folder}"]
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True)
    deadline = time.monotonic() + FETCH_LIMIT_S
    while process.poll() is None:
        if (stack and stack.stopping.is_set()) or time.monotonic() > deadline:
            end_tree(process.pid, signal.SIGKILL, 5.0)
        time.sleep(0.05)
    if process.returncode != 0 or not any(folder.glob("kafka_*.jar")):
        raise StackError(f"Maven could not fetch Kafka's jars (exit status {process.returncode}). Is there a network, and does Maven's "
                         f"own configuration (~/.m2/settings.xml) know its mirror? The last lines of {log}:\n{tail(log, 15)}")


# --- the stack --------------------------------------------------------------------------------------------------------


class Stack:
    """The chosen servers in one folder. Its own thread only, but for `stopping`."""

    def __init__(self, names, folder, ports):
        self.stopping = threading.Event()
        self.folder = folder
        self.watchdog = Watchdog(folder)
        self.ports = ports
        self.servers = {}
        self.tls = None
        self._names = names

    def check_not_stopping(self):
        if self.stopping.is_set():
            raise StackError("the stack was told to end")

    def start(self):
        self.tls = Tls(self.folder / "tls")
        for name in self._names:
            self.servers[name] = SERVERS[name](self)
        failures = []

        def bring_up(server):
            try:
                server.prepare()
                server.start()
            except StackError as e:
                failures.append(str(e))
            except Exception as e:  # a thread's exception would otherwise end in nobody's hands
                failures.append(f"{server.name}: {type(e).__name__}: {e}")

        threads = [threading.Thread(target=bring_up, args=(server,)) for server in self.servers.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise StackError("\n".join(failures))

    def env(self):
        values = {"SG_STACK_FOLDER": str(self.folder), **self.tls.env()}
        for server in self.servers.values():
            values.update(server.env())
        return values

    def obey(self, line):
        words = line.split()
        how = {"term": signal.SIGTERM, "kill": signal.SIGKILL}
        if len(words) < 2 or words[0] not in ("start", "stop", "restart"):
            raise StackError(f"'{line}' is not a command; expected: stop NAME term|kill, start NAME, restart NAME term|kill")
        if words[1] not in self.servers:
            raise StackError(f"no server '{words[1]}' in this stack, which has {', '.join(self.servers)}")
        server = self.servers[words[1]]
        if words[0] == "start":
            if len(words) != 2:
                raise StackError(f"'{line}': start takes only a name")
            server.start()
            return
        if len(words) != 3 or words[2] not in how:
            raise StackError(f"'{line}': expected {words[0]} {words[1]} term|kill")
        server.stop(how[words[2]])
        if words[0] == "restart":
            server.start()

    def tear_down(self):
        self.stopping.set()
        threads = [threading.Thread(target=server.discard) for server in self.servers.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.watchdog.dismiss()


def make_folder():
    # /tmp and not $TMPDIR: a socket's or a lock file's path must stay short, and servers of another user must be able to enter.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sightglass-stack-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def say(**answer):
    try:
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode(errors="replace") + b"\n")
        sys.stdout.buffer.flush()
    except ConnectionError:
        # Nobody reads any more; standard input tells us when to end. Python would complain at exit about the unsent line.
        sys.stdout = open(os.devnull, "w")


def serve(names, on_ready=None, on_failure=None, reads_commands=True):
    """Runs a stack until it is told to end. Returns the exit status."""
    commands = queue.SimpleQueue()  # a line, or None for the end; SimpleQueue because a signal handler puts
    stack = Stack(names, make_folder(), Ports())

    def end(*_):
        stack.stopping.set()
        commands.put(None)

    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sig, end)

    def read_commands():
        for line in sys.stdin:
            commands.put(line.strip())
        end()

    if reads_commands:
        threading.Thread(target=read_commands, daemon=True).start()
    try:
        try:
            stack.start()
        except (StackError, OSError) as e:
            (on_failure or (lambda text: say(ok=False, error=text)))(str(e))
            return 1
        (on_ready or (lambda env: say(ok=True, env=env)))(stack.env())
        while (line := commands.get()) is not None:
            try:
                stack.obey(line)
                say(ok=True)
            except (StackError, OSError) as e:
                say(ok=False, error=str(e))
        return 0
    finally:
        stack.tear_down()


# --- in the background, for people ------------------------------------------------------------------------------------


class Background:
    """One stack per user that outlives its shell. Whoever holds the lock on the pid file is the running one."""

    def __init__(self):
        base = os.environ.get("XDG_RUNTIME_DIR")
        if not base or not os.access(base, os.W_OK):
            base = "/tmp"
        self.folder = pathlib.Path(base) / f"sightglass-stack-{os.getuid()}"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        info = self.folder.lstat()
        if info.st_uid != os.getuid() or self.folder.is_symlink() or info.st_mode & 0o077:
            raise StackError(f"{self.folder} is not a private folder of yours; remove it, or set XDG_RUNTIME_DIR")
        self.pid_file = self.folder / "pid"
        self.env_file = self.folder / "env"
        self.log_file = self.folder / "log"

    def running(self):
        """Process number of the running stack, or None."""
        with open(self.pid_file, "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                text = file.read().strip()
                return int(text) if text else None
            return None

    def up(self, names):
        if self.running():
            print(self.env_file.read_text() if self.env_file.exists() else "# the stack is still starting\n", end="")
            return 0
        read_end, write_end = os.pipe()
        sys.stdout.flush()
        if os.fork() == 0:
            os.close(read_end)
            os._exit(self._daemon(names, write_end))
        os.close(write_end)
        with os.fdopen(read_end) as outcome:
            text = outcome.read()
        if not text.startswith("ready"):
            print(f"stack: {text or 'the supervisor died, see ' + str(self.log_file)}", file=sys.stderr)
            return 1
        print(self.env_file.read_text(), end="")
        return 0

    def _daemon(self, names, outcome):
        os.setsid()
        os.chdir("/")
        pid_file = open(self.pid_file, "a+")  # stays open, and so locked, until we end
        try:
            fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.write(outcome, b"another './dev stack up' starts one right now")
            return 1
        pid_file.truncate(0)
        pid_file.write(f"{os.getpid()}\n")
        pid_file.flush()
        log = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, null), (1, log), (2, log)):
            os.dup2(source, target)

        def ready(env):
            text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
            temporary = self.env_file.with_suffix(".new")
            temporary.touch(0o600)
            temporary.write_text(f"# {self.env_file}: source it\n{text}")
            temporary.rename(self.env_file)
            os.write(outcome, b"ready")
            os.close(outcome)

        def failed(text):
            os.write(outcome, text.encode())

        try:
            return serve(names, ready, failed, reads_commands=False)
        except Exception as e:
            print(f"{type(e).__name__}: {e}", file=sys.stderr, flush=True)
            return 1
        finally:
            self.env_file.unlink(missing_ok=True)

    def down(self):
        pid = self.running()
        if not pid:
            print("no stack is up")
            return 0
        handle = os.pidfd_open(pid)
        if self.running() != pid:  # it ended between the two lines, and the number may be another's by now
            return 0
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        deadline = time.monotonic() + STOP_LIMIT_S
        while self.running():
            if time.monotonic() > deadline:
                print(f"stack: process {pid} is still there {STOP_LIMIT_S:.0f} s after SIGTERM", file=sys.stderr)
                return 1
            time.sleep(0.05)
        print("the stack is down")
        return 0

    def status(self):
        pid = self.running()
        if not pid:
            print("no stack is up; start one with './dev stack up'")
            return 3
        if not self.env_file.exists():
            print(f"the stack is starting, as process {pid}")
            return 0
        print(f"the stack is up, as process {pid}; its addresses are in {self.env_file}")
        return 0


def chosen(text):
    names = [name for name in text.split(",") if name]
    unknown = [name for name in names if name not in SERVERS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"'{text}': expected some of {','.join(SERVERS)}")
    return list(dict.fromkeys(names))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("serve", "up", "down", "status", "fetch"))
    parser.add_argument("--with", dest="names", type=chosen, default=list(ALL), metavar="A,B", help=f"servers, of {','.join(SERVERS)}")
    options = parser.parse_args()
    try:
        if options.command == "serve":
            return serve(options.names)
        if options.command == "fetch":
            print(fetch_jars())
            return 0
        background = Background()
        if options.command == "up":
            return background.up(options.names)
        return background.down() if options.command == "down" else background.status()
    except StackError as e:
        if options.command == "serve":
            say(ok=False, error=str(e))
        else:
            print(f"stack: {e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
