"""What the recording scripts beside this file put a gateway through: documents of three sizes, reads, mistakes, and TLS."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.request

import services

SIZES = ["small", "medium", "large"]
TOGETHER = 8
SEARCH = "/v1/instances?user_id=a987sf9s&limit=5"


def certificates(folder):
    """An authority and a certificate for loopback, as PEM files."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    with open(os.path.join(folder, "extensions"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=recorded", "-days", "2")
    openssl("req", *key, "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "extensions", "-out", "tls.pem")


def prepare(folder):
    """Puts what is sent, and what TLS needs, into the folder."""
    certificates(folder)
    subprocess.run([services.executable("--bench", "load"), "documents", folder], check=True)


def pump(source, target):
    """Passes bytes on until there are no more."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()


def behind_tls(folder, upstream):
    """A port where TLS ends, in front of the upstream."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "tls.pem"), os.path.join(folder, "tls.key"))
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            plain, _ = listener.accept()
            try:
                caller = context.wrap_socket(plain, server_side=True)
            except OSError:
                continue
            host, port = upstream.split(":")
            feishu = socket.create_connection((host, int(port)))
            for pair in [(caller, feishu), (feishu, caller)]:
                pair[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"https://localhost:{listener.getsockname()[1]}"


@contextlib.contextmanager
def gateway(command, folder, tls):
    """A gateway of this command that has TLS toward its "upstream", toward its "callers", or not at all."""
    settings = {"GATEWAY_FEISHU__APP_ID": "cli_recorded", "GATEWAY_FEISHU__APP_SECRET": "recorded",
                # As many as can be, so that calls are paced and none waits.
                "GATEWAY_FEISHU__RATE__PER_SECOND": "1000000", "GATEWAY_FEISHU__RATE__PER_MINUTE": "1000000",
                "SSL_CERT_FILE": os.path.join(folder, "ca.pem"),
                # A connection may rest while others send, which takes its time under callgrind.
                "GATEWAY_SERVER__IDLE_TIMEOUT_MS": "600000"}
    log = os.path.join(folder, "log")
    # What the sandbox does is not to be counted, should its binary count.
    unheard = {"LLVM_PROFILE_FILE": os.devnull}
    with services.Service([command[-1], "sandbox", "--listen", "127.0.0.1:0"], log, unheard) as sandbox:
        switches = urllib.request.Request(f"{sandbox.url}/sandbox/switches", b'{"per_second": 0, "per_minute": 0}',
                                          {"Content-Type": "application/json"}, method="PUT")
        urllib.request.urlopen(switches, timeout=services.PATIENCE_SECONDS).close()
        settings["GATEWAY_FEISHU__BASE_URL"] = behind_tls(folder, sandbox.address) if tls == "upstream" else sandbox.url
        if tls == "callers":
            settings |= {"GATEWAY_SERVER__TLS__CERT_FILE": os.path.join(folder, "tls.pem"),
                         "GATEWAY_SERVER__TLS__KEY_FILE": os.path.join(folder, "tls.key")}
        with services.Service([*command, "serve", "--listen", "127.0.0.1:0"], log, settings) as running:
            yield running


def requests(url, folder, times, cut=lambda: None):
    """What callers and operators usually send: one after another over connections that stay, and many at once.

    Pushes so many documents of each size; calls `cut` before and after that.
    """
    trust = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
    scheme, _, address = url.partition("://")
    kept = threading.local()

    def connection():
        if not hasattr(kept, "connection"):
            kept.connection = (
                http.client.HTTPSConnection(address, timeout=services.PATIENCE_SECONDS, context=trust)
                if scheme == "https" else http.client.HTTPConnection(address, timeout=services.PATIENCE_SECONDS)
            )
        return kept.connection

    def send(method, path, body=None, expected=200):
        connection().request(method, path, body, {"Content-Type": "application/json"})
        answer = connection().getresponse()
        text = answer.read()
        if answer.status != expected:
            raise services.Failed(f"{method} {path} answered {answer.status}: {text.decode()[:1000]}")
        return text

    def together(*calls):
        with concurrent.futures.ThreadPoolExecutor(TOGETHER) as callers:
            sent = [callers.submit(send, *call) for call in calls]
        for call in sent:
            call.result()

    # The first ones wait for a token together.
    together(*[("GET", SEARCH)] * TOGETHER)
    definition = {"name": "Purchase", "definition_key": "purchase", "viewers": {"scope": "everyone"}, "support_pc": True,
                  "pc_create_link": "https://oa.example.com/new"}
    code = json.loads(send("POST", "/v1/definitions", json.dumps(definition).encode()))["approval_code"]
    documents = {}
    cut()
    for size, count in times.items():
        with open(os.path.join(folder, f"{size}.flat.json"), "rb") as file:
            document = json.dumps(json.load(file) | {"approval_code": code}, ensure_ascii=False).encode()
        documents[size] = document
        together(*[("PUT", f"/v1/instances/{size}-{nth}", document) for nth in range(count)])
    cut()
    for size, document in documents.items():
        send("PUT", f"/v1/instances/{size}-0?mode=update", document)
        send("POST", f"/v1/instances/{size}-0/preview", document)
    send("PUT", "/v1/instances/wrong", b'{"titel":"x"}', 422)
    send("GET", "/v1/nowhere", expected=404)
    for path in ["/livez", "/readyz", "/metrics", "/version", SEARCH]:
        send("GET", path)
