"""Shows one leave request in Feishu's approval centre, through the client generated from the gateway's OpenAPI file.

Generate the client beside this file (docs/clients.md), start `approval-gateway serve --sandbox`, then:

    GATEWAY_URL=http://127.0.0.1:8080 python show_leave.py
"""

import os
import sys
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from approval_gateway_client import Client
from approval_gateway_client.api.instances import (
    check_instances,
    list_task_statuses,
    preview_instance,
    put_instance,
)
from approval_gateway_client.models import (
    InstanceChecksInput,
    InstanceInput,
    InstanceStatus,
    InstanceVersionInput,
    Problem,
    TaskInput,
    TaskStatus,
)
from approval_gateway_client.types import Response, Unset

# The definition that the sandbox has from the start; yours is what `upsertDefinition` answered.
APPROVAL_CODE = "7C468A54-8745-2245-9675-08B7C63E7A85"
# Ids may hold anything: the client percent-encodes them.
INSTANCE_ID = "python/leave-1001"
STARTED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))

T = TypeVar("T")


class Refused(Exception):
    """The gateway answered a problem. Branch on `problem.code`, never on the HTTP status alone."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.title}")
        self.problem = problem


def expect(response: Response[T | Problem]) -> T:
    """Returns what was asked for; raises what went wrong, typed."""
    match response.parsed:
        case Problem() as problem:
            raise Refused(problem)
        case None:
            raise RuntimeError(f"the gateway does not document HTTP {int(response.status_code)}")
        case answer:
            return answer


def leave_request() -> InstanceInput:
    """The approval as our own system has it."""
    manager = TaskInput(
        task_id=f"{INSTANCE_ID}/manager",
        user_id="bob",
        status=TaskStatus.PENDING,
        created_at=STARTED_AT,
    )
    return InstanceInput(
        approval_code=APPROVAL_CODE,
        status=InstanceStatus.PENDING,
        title="年假申请",
        pc_link="https://oa.example.com/leave/1001",
        applicant_user_id="alice",
        started_at=STARTED_AT,
        updated_at=STARTED_AT,
        tasks=[manager],
    )


def main() -> None:
    url = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080")
    # With caller keys configured, this is AuthenticatedClient(base_url=url, token=key).
    with Client(base_url=url, raise_on_unexpected_status=True) as client:
        document = leave_request()

        preview = expect(preview_instance.sync_detailed(INSTANCE_ID, client=client, body=document))
        print("Feishu would be sent the status", preview["status"])

        receipt = expect(put_instance.sync_detailed(INSTANCE_ID, client=client, body=document, verify=True))
        print("pushed; Feishu has it:", receipt.applied)

        version = InstanceVersionInput(instance_id=INSTANCE_ID, updated_at=receipt.updated_at)
        report = expect(check_instances.sync_detailed(client=client, body=InstanceChecksInput([version])))
        print("in sync:", report.in_sync)

        page = expect(list_task_statuses.sync_detailed(client=client, instance_id=[INSTANCE_ID]))
        for item in page.items:
            print(item.instance_id, "is", item.instance_status)

        # An approval needs a link: the gateway says so, with a pointer to the member.
        document.pc_link = ""
        try:
            expect(put_instance.sync_detailed(INSTANCE_ID, client=client, body=document))
        except Refused as refused:
            errors = refused.problem.errors
            for error in [] if isinstance(errors, Unset) else errors:
                print("refused:", refused.problem.code, error.pointer, error.detail)
        else:
            sys.exit("an instance without a link was taken")


if __name__ == "__main__":
    main()
