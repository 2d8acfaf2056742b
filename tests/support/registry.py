#!/usr/bin/env python3
"""A schema registry that speaks Confluent's REST interface, as far as reading needs it: there is none in the distribution.

usage: registry.py SCHEMAS PORT [USER PASSWORD [CERTIFICATE KEY]]

SCHEMAS is a JSON file: {"ids": {"42": {"schemaType": ..., "schema": ..., "references": [...]}}, "subjects": {"name": {"1": "42"}}}.
PORT 0 takes a free one. Prints the port, then one line for each request (its path, or "refused"), and runs until its standard input ends.
"""

import base64
import http.server
import json
import ssl
import sys
import threading
import urllib.parse

SCHEMAS = json.load(open(sys.argv[1]))
LOGIN = sys.argv[3:5]
TLS = sys.argv[5:7]


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, what):
        body = json.dumps(what).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        if code == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="SchemaRegistry"')
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if LOGIN:
            wanted = "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()
            if self.headers.get("Authorization") != wanted:
                print("refused", flush=True)
                self.answer(401, {"error_code": 401, "message": "Unauthorized"})
                return
        print(self.path, flush=True)
        parts = [urllib.parse.unquote(part) for part in self.path.split("/")[1:]]
        if parts[:2] == ["schemas", "ids"] and len(parts) == 3:
            found = SCHEMAS["ids"].get(parts[2])
            if found:
                self.answer(200, found)
            else:
                self.answer(404, {"error_code": 40403, "message": "Schema %s not found" % parts[2]})
        elif len(parts) == 4 and parts[0] == "subjects" and parts[2] == "versions":
            number = SCHEMAS.get("subjects", {}).get(parts[1], {}).get(parts[3])
            if number:
                self.answer(200, {"subject": parts[1], "version": int(parts[3]), "id": int(number), **SCHEMAS["ids"][number]})
            else:
                self.answer(404, {"error_code": 40401, "message": "Subject '%s' not found." % parts[1]})
        else:
            self.answer(404, {"error_code": 404, "message": "HTTP 404 Not Found"})

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    server = Server(("127.0.0.1", int(sys.argv[2])), Registry)
    if TLS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*TLS)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
