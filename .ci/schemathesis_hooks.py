"""What the schema cannot say: what is taken although it forbids it, and what is refused although it allows it.

The gateway takes optional members that are `null` or `""`, and a `cache_version` in a string. The first count as absent
(design of the API: generated clients write them), the second is how Feishu itself writes 64-bit integers. The schema
lists neither, so that generators make no unions. Nothing else is excused here.

It refuses documents that break a rule between members, such as an end for what is final. Those rules are prose in the
descriptions, so that data made from the schema keeps none of them and never gets past them: `before_call` fills in what
they want, where the case is meant to be good.
"""

from datetime import datetime
from typing import Any

import jsonschema
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import UndefinedStatusCode

# URI too long, request header fields too large.
REFUSED_BY_HYPER = (414, 431)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keeps a failure unless its request never was one, or its body is fine once it is written as it is meant."""
    if isinstance(failure, UndefinedStatusCode):
        return not (response.status_code in REFUSED_BY_HYPER and not response.content)
    if not isinstance(failure, AcceptedNegativeData):
        return True
    bad = {place.value for place in case.meta.components if case.meta.is_negative_at(place)}
    if bad == {"header"}:
        return not ignores_headers(case.headers or {})
    if bad - {"body"}:
        return True
    meant = as_meant(case.body)
    return meant == case.body or not fits_schema(meant, case.operation)


def ignores_headers(headers: Any) -> bool:
    """Whether nothing but headers is wrong that HTTP has everybody ignore: unknown ones, unknown preferences, tags of none."""
    timeout = headers.get("X-Request-Timeout-Ms", "1")
    return str(timeout).isdecimal() and 1 <= int(timeout) <= 600_000


def as_meant(value: Any) -> Any:
    """The value without members that are `null` or `""`, and with a `cache_version` that is a number."""
    if isinstance(value, dict):
        kept = {name: as_meant(member) for name, member in value.items() if member is not None and member != ""}
        version = kept.get("cache_version")
        if isinstance(version, str) and version.removeprefix("-").isdecimal():
            kept["cache_version"] = int(version)
        return kept
    if isinstance(value, list):
        return [as_meant(element) for element in value]
    return value


def fits_schema(body: Any, operation: Any) -> bool:
    """Whether the operation's documented body may be this."""
    document = operation.schema.raw_schema
    described = document["paths"][operation.path][operation.method.lower()]["requestBody"]
    content = next(iter(described["content"].values()))
    schema = {**content["schema"], "components": document["components"]}
    return jsonschema.Draft202012Validator(schema).is_valid(body)


# The definition that the sandbox starts with, and a person and a moment that break no rule.
SEEDED_DEFINITION = "7C468A54-8745-2245-9675-08B7C63E7A85"
SOMEBODY = "alice"
MOMENT = "2026-11-20T09:30:00+08:00"
LINK = "https://oa.example.com/leave/1001"

FINAL = {"approved", "rejected", "canceled", "deleted", "terminated"}
LOCALES = set(
    "zh-CN en-US ja-JP zh-HK zh-TW de-DE es-ES fr-FR id-ID it-IT ko-KR pt-BR th-TH vi-VN ms-MY ru-RU".split()
)
# One of these narrows a search.
NARROWING = ("user_id", "approval_code", "definition_group", "instance_code", "instance_id")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Keeps the rules between members and between parameters where the case is meant to be good."""
    if case.meta is None:
        return
    # Examples name no components: all of theirs are good.
    bad = {place.value for place in case.meta.components if case.meta.is_negative_at(place)}
    operation = case.operation.definition.raw.get("operationId")
    timeout = str((case.headers or {}).get("X-Request-Timeout-Ms", ""))
    if timeout.isdecimal() and 1 <= int(timeout) < 5000:
        # No ledger answers within a millisecond.
        case.headers["X-Request-Timeout-Ms"] = "5000"
    if "query" not in bad and isinstance(case.query, dict):
        keep_rules_of_query(operation, case.query, case.meta.phase.name == "stateful")
    if "body" not in bad and isinstance(case.body, dict):
        if operation in ("putInstance", "previewInstance"):
            keep_rules_of_instance(case.body, case.path_parameters or {}, case.query or {})
        elif operation == "upsertDefinition":
            keep_rules_of_definition(case.body)
        elif operation == "checkInstances":
            keep_rules_of_versions(case.body)
        elif operation == "sendMessage":
            keep_rules_of_message(case.body)
        elif operation == "updateMessage":
            keep_rules_of_message_update(case.body)


def keep_rules_of_query(operation: str, query: dict, in_chain: bool) -> None:
    # A made-up cursor is refused everywhere.
    query.pop("cursor", None)
    if operation == "listTaskStatuses":
        if "approval_code" in query and "instance_id" not in query:
            query["approval_code"] = [SEEDED_DEFINITION]
            query.setdefault("task_status", "pending")
        else:
            query.setdefault("instance_id", ["leave-1001"])
            for name in ("approval_code", "task_status", "user_id"):
                query.pop(name, None)
    elif operation in ("listInstances", "listTasks", "listCc"):
        if in_chain:
            # What was pushed, whose first item the links go on from.
            query.clear()
            query["instance_id"] = "leave-1001"
        elif not any(name in query for name in NARROWING):
            query["user_id"] = SOMEBODY
        if "approval_code" in query:
            query["approval_code"] = SEEDED_DEFINITION
        for begin, end in (("started_from", "started_to"), ("created_from", "created_to")):
            if begin in query or end in query:
                query[begin], query[end] = "2026-01-01T00:00:00Z", "2026-11-30T00:00:00Z"


def keep_rules_of_instance(document: dict, path: dict, query: dict) -> None:
    keep_times(document)
    document["approval_code"] = SEEDED_DEFINITION
    if "instance_id" in document:
        document["instance_id"] = path.get("instance_id", document["instance_id"])
    keep_person(document, "applicant_user_id", "applicant_open_id")
    keep_links(document, needed=True)
    if document.get("status") in FINAL:
        document.setdefault("ended_at", MOMENT)
    if query.get("mode") == "update":
        document.setdefault("updated_at", MOMENT)
    keep_locales(document)
    if "business_key" in document:
        document.pop("extra", None)
    for number, task in enumerate(entries(document, "tasks")):
        task["task_id"] = f"task-{number}"
        keep_person(task, "user_id", "open_id")
        keep_links(task)
        if task.get("status") != "pending":
            task.setdefault("ended_at", MOMENT)
        if "complete_reason" in task:
            task.pop("extra", None)
        for position, action in enumerate(entries(task, "actions")):
            action["action"] = ("approve", "reject")[position % 2]
    for number, copy in enumerate(entries(document, "cc")):
        copy["cc_id"] = f"copy-{number}"
        keep_person(copy, "user_id", "open_id")
        keep_links(copy)


def keep_rules_of_definition(document: dict) -> None:
    if "group_key" in document or "group_name" in document:
        document.update(group_key="hr", group_name="Human resources")
    document["support_pc"] = True
    for name in ("pc_create_link", "mobile_create_link"):
        if name in document:
            document[name] = LINK
    secrets = ("action_callback_token", "action_callback_key")
    if "action_callback_url" in document or any(document.get(name) for name in secrets):
        document["action_callback_url"] = LINK
        for name in secrets:
            document.setdefault(name, "")
    viewers = document.get("viewers")
    if isinstance(viewers, dict):
        viewers.pop("department_ids", None)
        viewers.pop("user_ids", None)
        if viewers.get("scope") == "selected":
            viewers["user_ids"] = [SOMEBODY]
    keep_locales(document)


# Members of the template "custom", and those that all templates have.
OF_CUSTOM = ("title", "content", "link_label")
OF_ALL = ("template", "user_id", "open_id", "note", "pc_link", "mobile_link", "dedupe_key", "locale", "translations")


def keep_rules_of_message(document: dict) -> None:
    if document.get("template") == "custom":
        for name in set(document) - set(OF_CUSTOM) - set(OF_ALL):
            del document[name]
        for name in OF_CUSTOM:
            document[name] = document.get(name) or "A reminder"
    else:
        for name in OF_CUSTOM + tuple(name for name in document if name.startswith("action")):
            document.pop(name, None)
        for name in ("approval_name", "comment", "subject_user_id", "sender_user_id"):
            document[name] = document.get(name) or SOMEBODY
        document["summaries"] = document.get("summaries") or ["Destination: Chengdu"]
    keep_person(document, "user_id", "open_id")
    keep_links(document, needed=True)
    keep_locales(document)


def keep_rules_of_message_update(document: dict) -> None:
    if document.get("status") == "custom":
        document["status_text"] = document.get("status_text") or "On hold"
    else:
        for name in ("status_text", "link_label"):
            document.pop(name, None)
    keep_locales(document)


def keep_rules_of_versions(document: dict) -> None:
    keep_times(document)
    for number, instance in enumerate(entries(document, "instances")):
        instance["instance_id"] = f"{instance.get('instance_id')}-{number}"
        for position, task in enumerate(entries(instance, "tasks")):
            task["task_id"] = f"{task.get('task_id')}-{position}"
    if isinstance(document.get("instances"), list):
        # Something that differs, for the link that goes on from there.
        document["instances"].append({"instance_id": "never-pushed", "updated_at": MOMENT})


def entries(document: dict, name: str) -> list:
    found = document.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def keep_person(document: dict, user_id: str, open_id: str) -> None:
    if not document.get(user_id) and not document.get(open_id):
        document[user_id] = SOMEBODY


def keep_links(document: dict, needed: bool = False) -> None:
    for name in ("pc_link", "mobile_link"):
        if name in document:
            document[name] = LINK
    if needed and "mobile_link" not in document:
        document["pc_link"] = LINK


def keep_times(value: Any) -> None:
    """No time before 1970, the gateway's own reading of `0`."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name.endswith("_at") and is_too_early(member):
                value[name] = MOMENT
            else:
                keep_times(member)
    elif isinstance(value, list):
        for element in value:
            keep_times(element)


def is_too_early(time: Any) -> bool:
    try:
        return datetime.fromisoformat(str(time)).year < 1971
    except ValueError:
        return True


def keep_locales(document: dict) -> None:
    """The keys of `translations` are other locales than the document's own."""
    translations = document.get("translations")
    if isinstance(translations, dict):
        own = document.get("locale", "zh-CN")
        document["translations"] = {key: texts for key, texts in translations.items() if key in LOCALES - {own}}
