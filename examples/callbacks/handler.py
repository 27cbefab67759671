"""Takes quick approvals from the gateway with nothing but Python: is it signed? Then the task is done, and Feishu is told.

Usage: python3 handler.py [gateway] [port]
"""

import base64, hashlib, hmac, json, sys, time, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GATEWAY = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 9000
# The sandbox's; yours is in the file that callbacks.secret_file names.
KEY = base64.b64decode("c2FuZGJveC1zaWduaW5nLXNlY3JldC0wMQ==")
STATUS = {"approve": "approved", "reject": "rejected"}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = "{webhook-id}.{webhook-timestamp}.".format_map(self.headers).encode() + body
        signature = "v1," + base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
        is_fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        if not is_fresh or not any(hmac.compare_digest(signature, one) for one in self.headers["webhook-signature"].split()):
            return self.send_error(401)
        event = json.loads(body)
        status = STATUS.get(event["action"])
        if not status or not event.get("instance_id") or not event.get("task_id"):
            return self.send_error(422)
        patch = json.dumps({"status": status, "tasks": {event["task_id"]: {"status": status}}}).encode()
        url = f"{GATEWAY}/v1/instances/{urllib.parse.quote(event['instance_id'], safe='')}"
        headers = {"Content-Type": "application/merge-patch+json"}
        urllib.request.urlopen(urllib.request.Request(url, patch, headers, method="PATCH")).close()
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
