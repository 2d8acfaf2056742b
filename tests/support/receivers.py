#!/usr/bin/env python3
"""Receivers of notifications that misbehave on purpose: an HTTP server that fails, hangs and answers late, and a mail server with
STARTTLS and a login that does the same. What reaches them is written to LOG, one JSON object a line, when they take it.

usage: receivers.py FOLDER CERTIFICATE KEY SEED      prints "HTTP-PORT SMTP-PORT" and runs until its standard input ends.
"""

import base64
import json
import os
import random
import socket
import ssl
import sys
import threading
import time

FOLDER, CERTIFICATE, KEY, SEED = sys.argv[1:5]
CHANCE = random.Random(int(SEED))
LOCK = threading.Lock()
LOG = open(os.path.join(FOLDER, "received.jsonl"), "w", buffering=1)
USER, PASSWORD = "sg", "mail-secret-4711"


def note(**what):
    with LOCK:
        LOG.write(json.dumps(what) + "\n")


def fate():
    """How the next message is treated: taken and answered, taken but the answer is lost, refused for now, or left hanging."""
    with LOCK:
        return CHANCE.choices(["take", "late", "lost", "fail", "hang"], [6, 1, 1, 2, 1])[0]


def lines(stream):
    while True:
        line = stream.readline(65536)
        if not line.endswith(b"\n"):
            return
        yield line.rstrip(b"\r\n")


def serve_http(connection):
    connection.settimeout(60)
    stream = connection.makefile("rb")
    while True:
        headers = {}
        request = b""
        for line in lines(stream):
            if not line:
                break
            if not request:
                request = line
            else:
                name, _, value = line.partition(b":")
                headers[name.decode().lower()] = value.strip().decode()
        if not request:
            return
        body = stream.read(int(headers.get("content-length", "0"))).decode()
        key, attempt = headers.get("idempotency-key", "").strip('"'), int(headers.get("sightglass-attempt", "0"))
        if request.split()[1] == b"/beat":
            note(kind="beat", key=key)
            connection.sendall(b"HTTP/1.1 204 Fine\r\nContent-Length: 0\r\n\r\n")
            continue
        if request.split()[1] == b"/never":
            note(kind="refused", key=key, attempt=attempt)
            connection.sendall(b"HTTP/1.1 422 Not this\r\nContent-Length: 7\r\n\r\nnothing")
            continue
        if request.split()[1] == b"/moved" and headers.get("authorization") != "Bearer new-secret-4711":
            note(kind="denied", key=key, attempt=attempt)
            answer = b"401 Who" if CHANCE.random() < 0.5 else b"404 Moving"
            connection.sendall(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 2\r\n\r\nno")
            continue
        if request.split()[1] == b"/moved":
            connection.sendall(b"HTTP/1.1 204 Fine\r\nContent-Length: 0\r\n\r\n")
            continue
        end = fate()
        if end == "hang":
            time.sleep(5)
            return
        if end == "fail":
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
            continue
        note(kind="http", key=key, attempt=attempt, body=body, token=headers.get("authorization", ""))
        if end == "lost":
            return
        if end == "late":
            time.sleep(0.4)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def serve_mail(connection):
    connection.settimeout(60)
    stream = connection.makefile("rwb", buffering=0)

    def say(text):
        stream.write(text.encode() + b"\r\n")

    say("220 receiver")
    secure = known = False
    to = []
    while True:
        line = stream.readline(65536)
        if not line:
            return
        word = line.strip().split(b" ")[0].upper()
        if word == b"EHLO":
            say("250-receiver")
            say("250 AUTH PLAIN" if secure else "250 STARTTLS")
        elif word == b"STARTTLS":
            say("220 go on")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE, KEY)
            connection = context.wrap_socket(connection, server_side=True)
            stream = connection.makefile("rwb", buffering=0)
            secure = True
        elif word == b"AUTH":
            parts = line.split()
            if len(parts) < 3:
                say("334 ")
                parts.append(stream.readline(65536).strip())
                if not parts[2]:
                    return  # killed in the middle of its login
            _, user, password = base64.b64decode(parts[2]).split(b"\0")
            known = secure and user.decode() == USER and password.decode() == PASSWORD
            say("235 welcome" if known else "535 no")
        elif word == b"MAIL":
            say("250 ok" if known else "530 log in first")
        elif word == b"RCPT":
            if b"gone@" in line:
                say("550 no such user")
                continue
            to.append(line.strip().decode().split(":", 1)[1])
            say("250 ok")
        elif word == b"DATA":
            end = fate()
            if end == "fail":
                say("451 later")
                continue
            say("354 go on")
            text = b""
            while not text.endswith(b"\r\n.\r\n"):
                more = stream.readline(65536)
                if not more:
                    return
                text += more
            if end == "hang":
                time.sleep(5)
                return
            head, _, body = text.decode().partition("\r\n\r\n")
            fields = dict(one.split(": ", 1) for one in head.replace("\r\n ", " ").split("\r\n"))
            note(kind="smtp", key=fields["Message-ID"].strip("<>").split("@")[0], attempt=int(fields["Sightglass-Attempt"]), to=to,
                 subject=fields["Subject"], body=base64.b64decode(body[:-3]).decode())
            to = []
            if end == "lost":
                return
            if end == "late":
                time.sleep(0.4)
            say("250 taken")
        elif word == b"QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")


def listen(serve):
    server = socket.create_server(("127.0.0.1", 0))

    def one(connection):
        try:
            serve(connection)
        except (OSError, ValueError, KeyError) as failed:
            note(kind="trouble", why=repr(failed))
        finally:
            connection.close()

    def run():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


print(listen(serve_http), listen(serve_mail), flush=True)
sys.stdin.read()
