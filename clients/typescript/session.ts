// A short session of the openapi-fetch client with a real gateway; `GATEWAY_URL` says where it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/src/gateway.js";

type Instance = components["schemas"]["InstanceInput"];

const client = createClient<paths>({ baseUrl: process.env["GATEWAY_URL"] ?? "" });
const path = { instance_id: "typescript-1" };
const trip: Instance = {
  approval_code: "7C468A54-8745-2245-9675-08B7C63E7A85",
  status: "pending",
  title: "出差申请",
  pc_link: "https://oa.example.com/trips/1",
  applicant_user_id: "zhangsan",
  started_at: "2026-09-01T01:30:00Z",
  updated_at: "2026-09-01T01:30:00Z",
  tasks: [{ task_id: "typescript-1-lisi", user_id: "lisi", status: "pending", created_at: "2026-09-01T01:30:00Z" }],
};

test("an instance is pushed and verified", async () => {
  const { data, error } = await client.PUT("/v1/instances/{instance_id}", {
    params: { path, query: { verify: true } },
    body: trip,
  });
  assert.equal(error, undefined);
  // Else it is kept, and delivered later (202).
  assert.ok(data !== undefined && "applied" in data);
  assert.equal(data.applied, "yes");
  assert.equal(data.changes?.tasks.insert, 1);
});

test("a preview is Feishu's payload", async () => {
  const { data } = await client.POST("/v1/instances/{instance_id}/preview", { params: { path }, body: trip });
  assert.equal(data?.["update_mode"], "REPLACE");
});

test("a check tells what Feishu does not have", async () => {
  const { data } = await client.POST("/v1/instance-checks", {
    body: { instances: [{ ...path, updated_at: "2026-09-02T00:00:00Z", tasks: [] }] },
  });
  assert.equal(data?.in_sync, false);
  assert.equal(data.stale[0]?.state, "behind");
});

test("a list holds what was pushed", async () => {
  const { data } = await client.GET("/v1/instances", { params: { query: { instance_id: path.instance_id } } });
  assert.deepEqual(data?.items.map((item) => item.instance_id), [path.instance_id]);
});

test("an error is a typed problem", async () => {
  const { error, response } = await client.PUT("/v1/instances/{instance_id}", {
    params: { path },
    body: { ...trip, pc_link: "" },
  });
  assert.equal(response.status, 422);
  assert.equal(error?.code, "validation_failed");
  assert.equal(error.outcome, "not_sent");
  const pointers: string[] | undefined = error.errors?.map((violation) => violation.pointer);
  assert.deepEqual(pointers, ["/pc_link"]);
});
