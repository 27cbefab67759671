"""Lets a handler take a tap of the sandbox: python3 .ci/tap.py path/to/approval-gateway command [arguments]"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from services import STEP_SECONDS, Failed, Service

CODE = "7C468A54-8745-2245-9675-08B7C63E7A85"
# Ids may hold anything, so a handler has to escape them.
INSTANCE_ID = "trip/1?part=a#上海"
TASK_ID = "trip/1~lisi"
DOCUMENT = {
    "approval_code": CODE,
    "status": "pending",
    "pc_link": "https://oa.example.com/1",
    "applicant_user_id": "zhangsan",
    "started_at": "2026-09-01T09:30:00+08:00",
    "tasks": [
        {
            "task_id": TASK_ID,
            "user_id": "lisi",
            "status": "pending",
            "created_at": "2026-09-01T09:30:00+08:00",
            "actions": [{"action": "approve"}, {"action": "escalate", "label": "上报"}],
        }
    ],
}


def call(method, url, body=None):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=STEP_SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise Failed(f"{method} {url}: {error.read().decode(errors='replace')}") from None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    deadline = time.monotonic() + STEP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failed("the handler did not start")


def main():
    binary, *handler = sys.argv[1:]
    port = free_port()
    command = [binary, "serve", "--sandbox", "--listen", "127.0.0.1:0", "--callback-target", f"http://127.0.0.1:{port}/"]
    with tempfile.NamedTemporaryFile() as log, Service(command, log.name) as gateway:
        process = subprocess.Popen([*handler, gateway.url, str(port)], stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process)
            instance = f"{gateway.url}/v1/instances/{urllib.parse.quote(INSTANCE_ID, safe='')}"
            call("PUT", instance, DOCUMENT)
            tap = {"user_id": "lisi", "task_id": TASK_ID, "action": "approve"}
            seen = call("POST", f"{gateway.url}/sandbox/tap", tap)
            shown = call("GET", instance)
            if seen["result"] != "success" or shown["instance_status"] != "approved":
                raise Failed(f"nothing was approved: {seen} {shown}")
            forged = urllib.request.Request(f"http://127.0.0.1:{port}/", b"{}", method="POST")
            for name, value in {"webhook-id": "x", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,eA=="}.items():
                forged.add_header(name, value)
            try:
                urllib.request.urlopen(forged, timeout=STEP_SECONDS)
                raise Failed("the handler takes what is not signed")
            except urllib.error.HTTPError as error:
                if error.code != 401:
                    raise Failed(f"the handler answers a forged action with {error.code}") from None
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
