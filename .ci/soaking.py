"""What both soak tests share: a gateway and its sandbox as two processes, workers, faults, and the record of every call.

Workers are the only writers of their instances, so that they know what the sandbox may hold. Meanwhile tokens are revoked, rate
limits answered, connections cut, answers held back, replaced by pages, or lost after they took effect. In the end everything is
judged by what the sandbox has recorded, too.
"""

import collections
import datetime
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

from services import Service

WORKERS = 12
INSTANCES_PER_WORKER = 20
CODE = "7C468A54-8745-2245-9675-08B7C63E7A85"
# Calls to one API that may arrive within a second, and within a minute.
PER_SECOND, PER_MINUTE = 100, 4000
# A busy machine may hold up calls for so long between leaving and arriving.
HELD_UP_MILLIS = 200
# How long the gateway keeps an instance's turn for a push that has no answer.
LATE_MILLIS = 30_000
# Far beyond the deadline of any request; whoever waits this long waits for ever.
FOREVER_SECONDS = 60
OUTCOMES = {"not_sent", "rejected", "unknown"}
# Seldom, because the gateway learns a lower rate from each.
RATE_LIMITS = [
    {"code": 99991400, "headers": {"x-ogw-ratelimit-reset": "0.3"}},
    {"code": 99991400, "http_status": 400, "headers": {"x-ogw-ratelimit-reset": "0.3"}},
]
# After any of these a push may have taken effect, or not.
FAULTS = [
    {"code": 1395001}, {"code": 1395001, "http_status": 200}, {"http_status": 500}, {"http_status": 503},
    {"delay_ms": 400}, {"delay_ms": 1500}, {"hang": True}, {"close": "before_headers"}, {"close": "mid_body"},
    {"http_status": 200}, {"http_status": 200, "body_raw": ""}, {"code": 0, "data": "x"},
    {"http_status": 307, "headers": {"location": "http://127.0.0.1:9/"}},
]
APIS = ["external_instances"] * 6 + ["token", "check", "external_tasks", "any"]


class Process(Service):
    """A service, and what it takes."""

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Caller:
    """One connection that is kept, as a client library does."""

    def __init__(self, address):
        self.address = address
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        payload = None if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=FOREVER_SECONDS)
        try:
            self.connection.request(method, path, payload, sent)
            response = self.connection.getresponse()
            data = response.read()
        except BaseException:
            self.connection.close()
            self.connection = None
            raise
        if response.will_close:
            self.connection.close()
            self.connection = None
        return response.status, response.headers, json.loads(data) if data else None


class Soak:
    """A run. What workers do, what may be answered, and what must hold in the end is said by those who inherit."""

    # What pushes are answered that are under way when the gateway stops.
    ANSWERS = {200}
    # Codes of problems that are no error of the gateway's.
    EXPECTED_PROBLEMS = frozenset()

    def __init__(self, gateway, sandbox, seed):
        self.gateway, self.sandbox, self.seed = gateway, sandbox, seed
        self.stop = threading.Event()
        self.wrong = []
        self.tally = collections.Counter()
        self.lock = threading.Lock()
        # The sandbox's record of every call, by number.
        self.record = {}
        self.slowest = 0.0

    def note(self, what):
        with self.lock:
            self.tally[what] += 1

    def error(self, what):
        with self.lock:
            self.wrong.append(what)

    def one(self, caller, random_, instance, headers):
        """One call of a worker about one of its instances."""
        raise NotImplementedError

    def heal(self):
        """Without faults everything works again, by itself."""
        raise NotImplementedError

    def verify(self):
        """What the sandbox holds of each instance is what its worker knows."""
        raise NotImplementedError

    def judge(self, calls):
        """What holds for all calls that arrived, in their order."""
        raise NotImplementedError

    def problem(self, status, headers, body, context):
        """Checks a refusal and gives its outcome."""
        sound = (
            isinstance(body, dict) and headers["content-type"] == "application/problem+json"
            and body.get("status") == status and body.get("outcome") in OUTCOMES
            and body.get("retryable") == ("retry-after" in headers) and body.get("request_id")
        )
        if not sound:
            self.error(f"{context}: no sound problem: {status} {body}")
            return "unknown"
        self.note(f"{status} {body['code']}, {body['outcome']}")
        if body["code"] not in self.EXPECTED_PROBLEMS:
            self.error(f"{context}: {status} {body}")
        return body["outcome"]

    def document(self, instance, number, random_):
        document = {
            "approval_code": CODE, "status": "pending", "title": f"{instance} #{number}",
            "pc_link": "https://oa.example.org/1", "applicant_user_id": "applicant",
            "started_at": "2026-01-02T03:00:00Z",
            "tasks": [{
                "task_id": f"{instance}/t", "user_id": "approver", "title": f"step {number}", "status": "pending",
                "created_at": "2026-01-02T03:00:01Z",
            }],
        }
        if random_.random() < 0.2:
            document["form"] = [{"name": f"row {row}", "value": "x" * 200} for row in range(random_.randrange(50))]
        return document

    def work(self, worker):
        random_ = random.Random(f"{self.seed} {worker}")
        caller = Caller(self.gateway.address)
        mine = [f"soak-{worker}-{number}" for number in range(INSTANCES_PER_WORKER)]
        while not self.stop.is_set():
            instance = random_.choice(mine)
            timeout = random_.choice([300, 1000, 3000, 10000])
            begun = time.monotonic()
            try:
                self.one(caller, random_, instance, {"x-request-timeout-ms": str(timeout)})
            except Exception as lost:
                self.error(f"{instance}: no answer: {lost!r}")
            late = time.monotonic() - begun - timeout / 1000
            with self.lock:
                self.slowest = max(self.slowest, late)

    def disturb(self):
        random_ = random.Random(f"{self.seed} faults")
        control = Caller(self.sandbox.address)
        while not self.stop.wait(random_.uniform(0.1, 0.7)):
            what = random_.random()
            if what < 0.3:
                control.call("POST", "/sandbox/tokens/revoke")
                self.note("revocations")
            elif what < 0.4:
                # Ends what hangs.
                control.call("DELETE", "/sandbox/faults")
            else:
                if random_.random() < 0.03:
                    fault = dict(random_.choice(RATE_LIMITS))
                else:
                    fault = dict(random_.choice(FAULTS), times=random_.randint(1, 4), apply=random_.random() < 0.5)
                fault["api"] = random_.choice(APIS)
                status, _, body = control.call("POST", "/sandbox/faults", fault)
                self.note("faults")
                if status != 200:
                    self.error(f"the sandbox takes no {fault}: {body}")
        control.call("DELETE", "/sandbox/faults")

    def keep_record(self):
        """The sandbox keeps the newest thousand calls: more than arrive from one look to the next."""
        control = Caller(self.sandbox.address)
        while not self.stop.wait(0.5):
            self.look(control)

    def look(self, control):
        for call in control.call("GET", "/sandbox/requests")[2]["requests"]:
            if call["api"] == "external_instances":
                texts = call["body"]["i18n_resources"][0]["texts"]
                call["title"] = next(text["value"] for text in texts if " #" in text["value"])
                call["version"] = int(call["body"]["update_time"])
            call["body"] = None
            self.record[call["number"]] = call

    def recorded(self):
        """All calls that arrived, in their order."""
        self.look(Caller(self.sandbox.address))
        calls = [self.record[number] for number in sorted(self.record)]
        if len(calls) != max(self.record):
            self.error(f"{max(self.record) - len(calls)} calls are not in the record")
        return calls

    def pushes(self, calls):
        """The pushes of each instance, each with the number in its title."""
        instances = collections.defaultdict(list)
        for call in calls:
            if "title" in call:
                instance, _, number = call["title"].rpartition(" #")
                instances[instance].append((int(number), call))
        self.tally["recorded pushes"] = sum(map(len, instances.values()))
        return instances

    def judge_overlap(self, what, first, second):
        """A push comes after the end of the one before, or when nobody waits for that any more."""
        began, came = unix_millis(first["at"]), unix_millis(second["at"])
        ended = unix_millis(first["ended_at"]) if "ended_at" in first else float("inf")
        if came < min(ended, began + LATE_MILLIS):
            self.error(f"{what} came {ended - came} ms before the end of the one before: {first} {second}")

    def judge_windows(self, calls):
        """Both windows hold where Feishu counts."""
        arrivals = collections.defaultdict(list)
        for call in calls:
            # The token's API has no windows.
            if call["api"] not in ("token", "unknown"):
                arrivals[call["api"]].append(unix_millis(call["at"]))
        for api, moments in arrivals.items():
            for limit, millis in ((PER_SECOND, 1000), (PER_MINUTE, 60_000)):
                # The call that is one too many comes too soon after the first of them.
                too_soon = [last - first for first, last in zip(moments, moments[limit:])
                            if last - first < millis - HELD_UP_MILLIS]
                if too_soon:
                    self.error(f"{limit + 1} calls of {api} arrived within {min(too_soon)} ms")

    def drain(self):
        """Everything that is under way when the signal comes is answered, and the gateway ends with success."""
        control = Caller(self.sandbox.address)
        # Few, because the gateway may have learned to send less than one a second.
        count = 4
        control.call("POST", "/sandbox/faults", {"api": "external_instances", "delay_ms": 700, "times": count})
        before = control.call("GET", "/sandbox/counts")[2].get("external_instances", 0)
        statuses = []

        def push(number):
            try:
                name = f"last-{number}"
                answer = Caller(self.gateway.address).call(
                    "PUT", f"/v1/instances/{name}", self.document(name, 1, random.Random(number)))
                statuses.append(answer[0])
            except Exception as lost:
                statuses.append(repr(lost))

        pushes = [threading.Thread(target=push, args=(number,)) for number in range(count)]
        for thread in pushes:
            thread.start()
        give_up = time.monotonic() + FOREVER_SECONDS
        while control.call("GET", "/sandbox/counts")[2].get("external_instances", 0) == before:
            if time.monotonic() > give_up:
                self.error("the last pushes did not arrive")
                break
        # The others have connected long since.
        time.sleep(0.5)
        self.gateway.process.send_signal(signal.SIGTERM)
        for thread in pushes:
            thread.join()
        if not set(statuses) <= self.ANSWERS or len(statuses) != count:
            self.error(f"pushes under way at the end: {statuses}")
        try:
            code = self.gateway.process.wait(FOREVER_SECONDS)
        except subprocess.TimeoutExpired:
            code = "none"
        if code != 0:
            self.error(f"the gateway ended with status {code}")


def unix_millis(text):
    """2026-01-02T03:04:05.678Z as Unix milliseconds, exactly."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


def arguments():
    seed = sys.argv[3] if len(sys.argv) > 3 else str(random.randrange(10**9))
    return sys.argv[1], float(sys.argv[2]), seed


def soak(kind, settings):
    """Ends with success when nothing is wrong; `settings` are those of the gateway beside its upstream and rate."""
    binary, minutes, seed = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        log = os.path.join(scratch, "sandbox.log")
        with Process([binary, "sandbox", "--listen", "127.0.0.1:0"], log) as sandbox:
            log = os.path.join(scratch, "gateway.log")
            environment = {
                "GATEWAY_FEISHU__APP_ID": "cli_soak", "GATEWAY_FEISHU__APP_SECRET": "soak",
                "GATEWAY_FEISHU__BASE_URL": sandbox.url, "GATEWAY_FEISHU__LEGACY_BASE_URL": sandbox.url,
                "GATEWAY_FEISHU__RATE__PER_SECOND": str(PER_SECOND), "GATEWAY_FEISHU__RATE__PER_MINUTE": str(PER_MINUTE),
                **settings(scratch),
            }
            with Process([binary, "serve", "--listen", "127.0.0.1:0"], log, environment) as gateway:
                # The record shows whether the rates are kept; refusals would only thin the load.
                Caller(sandbox.address).call("PUT", "/sandbox/switches", {"per_second": 0, "per_minute": 0})
                soak = kind(gateway, sandbox, seed)
                ok = run(soak, minutes * 60)
                if not ok:
                    print(open(gateway.log).read()[-4000:])
                sys.exit(0 if ok else 1)


def run(soak, seconds):
    threads = [threading.Thread(target=soak.work, args=(worker,)) for worker in range(WORKERS)]
    threads += [threading.Thread(target=soak.disturb), threading.Thread(target=soak.keep_record)]
    for thread in threads:
        thread.start()
    begun, samples = time.monotonic(), []
    while time.monotonic() < begun + seconds and soak.gateway.process.poll() is None:
        time.sleep(0.5)
        samples.append(soak.gateway.resident_kib())
    soak.stop.set()
    for thread in threads:
        thread.join()
    soak.heal()
    soak.verify()
    calls = soak.recorded()
    soak.judge_windows(calls)
    soak.judge(calls)
    third = max(1, len(samples) // 3)
    # The first third warms up: caches fill, the allocator finds its size.
    warm, end = max(samples[third:2 * third], default=0), sorted(samples[-third:])[third // 2]
    if end > warm * 1.1 + 4096:
        soak.error(f"memory grew from {warm} to {end} KiB")
    soak.drain()
    print(f"seed {soak.seed}; {seconds:.0f} s; resident {warm} KiB after the first third, {end} KiB at the end; "
          f"latest answer {soak.slowest * 1000:.0f} ms after its deadline")
    for what, count in sorted(soak.tally.items()):
        print(f"{count:8} {what}")
    for what in soak.wrong[:20]:
        print("WRONG", what)
    print(f"{len(soak.wrong)} lost or wrong answers")
    return not soak.wrong
