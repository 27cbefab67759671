"""Takes quick approvals from the gateway with the published library of Standard Webhooks.

Usage: pip install standardwebhooks; python handler.py [gateway] [port]
"""

import json
import os
import sys
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

GATEWAY = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 9000
# Without one, the sandbox's.
SECRET = os.environ.get("SIGNING_SECRET", "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldC0wMQ==")
STATUS = {"approve": "approved", "reject": "rejected"}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = Webhook(SECRET).verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            return self.answer(401)
        if event["action"] not in STATUS or not event.get("instance_id") or not event.get("task_id"):
            # Whoever tapped reads this in Feishu.
            return self.answer(422, {"message": "此操作不受支持。This action is not supported."})
        status = STATUS[event["action"]]
        patch = {"status": status, "tasks": {event["task_id"]: {"status": status}}}
        request = urllib.request.Request(
            f"{GATEWAY}/v1/instances/{urllib.parse.quote(event['instance_id'], safe='')}",
            json.dumps(patch).encode(),
            {"Content-Type": "application/merge-patch+json"},
            method="PATCH",
        )
        urllib.request.urlopen(request).close()
        return self.answer(200)

    def answer(self, status: int, body: dict | None = None) -> None:
        text = json.dumps(body or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
