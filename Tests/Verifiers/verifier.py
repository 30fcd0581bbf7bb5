"""A webhook receiver that verifies with other people's libraries: standardwebhooks and svix for secrets (whsec_), and
cryptography for public keys (whpk_).

Usage: verifier.py [--fail-first] KEY...

Prints its port, then a line of JSON for every call: its id, its attempt, and for each key what each library says. Of each
call it also tries three forgeries (another body, id or time), and says if any was believed.
"""

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import standardwebhooks
import svix.webhooks
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

fail_first = "--fail-first" in sys.argv
keys = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
seen = set()


def believes(library, key, headers, body):
    try:
        library(key).verify(body, headers)
        return True
    except (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError):
        return False


def believes_pair(key, headers, body):
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_"), validate=True))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for one in headers["webhook-signature"].split(" "):
        version, signature = one.split(",")
        if version != "v1a":
            continue
        try:
            public.verify(base64.b64decode(signature, validate=True), signed)
            return True
        except InvalidSignature:
            pass
    return False


def judge(headers, body):
    """For each key, what each library that can read it says."""
    verdicts = []
    for key in keys:
        if key.startswith("whpk_"):
            verdicts.append([believes_pair(key, headers, body)])
        else:
            libraries = (standardwebhooks.Webhook, svix.webhooks.Webhook)
            verdicts.append([believes(library, key, headers, body) for library in libraries])
    return verdicts


def forgeries(headers, body):
    earlier = str(int(headers["webhook-timestamp"]) - 1)
    yield headers, body.replace(b"processed", b"Processed", 1)
    yield headers | {"webhook-id": headers["webhook-id"] + "0"}, body
    yield headers | {"webhook-timestamp": earlier}, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        verdicts = judge(headers, body)
        deceived = any(any(map(any, judge(*forged))) for forged in forgeries(headers, body))
        first = headers["webhook-id"] not in seen
        seen.add(headers["webhook-id"])
        status = 500 if fail_first and first else 200 if any(map(any, verdicts)) else 401
        print(json.dumps({
            "id": headers["webhook-id"], "attempt": int(headers["x-attempt"]), "verdicts": verdicts,
            "deceived": deceived, "body_signature": "x-signature" in headers, "status": status,
        }), flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
