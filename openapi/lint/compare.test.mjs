import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { breaks } from "./compare.mjs";

const TEXT = readFileSync(new URL("../openapi.json", import.meta.url), "utf8");
const PUT = ["paths", "/v1/instances/{instance_id}", "put"];

/** What is found when the newer file is the committed one with a change. */
function breaksAfter(change) {
  const newer = JSON.parse(TEXT);
  change(newer, PUT.reduce((value, name) => value[name], newer), newer.components.schemas);
  return breaks(JSON.parse(TEXT), newer);
}

/** A change that clients notice, and what is said about it. */
const BREAKING = {
  "a removed path": [(d) => delete d.paths["/v1/cc"], "GET /v1/cc is gone"],
  "a removed operation": [(d) => delete d.paths[PUT[1]].put, `PUT ${PUT[1]} is gone`],
  "a renamed operation": [(d, put) => (put.operationId = "pushInstance"), `PUT ${PUT[1]}: operationId is another one`],
  "a removed parameter": [(d, put) => put.parameters.splice(1, 1), `PUT ${PUT[1]}: query mode is gone`],
  "a parameter that is required now": [
    (d, put) => (put.parameters[1].required = true),
    `PUT ${PUT[1]}: query mode is required now`,
  ],
  "a removed response": [(d, put) => delete put.responses["409"], `PUT ${PUT[1]}: 409 is gone`],
  "a removed member of a request": [(d, p, s) => delete s.TaskInput.properties.title, "TaskInput.title is gone"],
  "a removed member of an answer": [
    (d, p, s) => delete s.InstanceReceipt.properties.log_id,
    "InstanceReceipt.log_id is gone",
  ],
  "a member of a request that is required now": [
    (d, p, s) => s.InstanceInput.required.push("title"),
    "InstanceInput.title is required now",
  ],
  "a removed word": [(d, p, s) => s.Mode.enum.splice(s.Mode.enum.indexOf("update"), 1), "Mode: the word update is gone"],
  "another type": [
    (d, p, s) => (s.CcInput.properties.read.type = "string"),
    "CcInput.read: type is another one",
  ],
  "a tighter limit": [(d, p, s) => (s.InstanceInput.properties.tasks.maxItems = 10), "InstanceInput.tasks: maxItems is 10 now"],
  "an answer that may lack a member": [
    (d, p, s) => (s.Problem.required = s.Problem.required.filter((name) => name !== "code")),
    "Problem.code may be absent now",
  ],
  "a removed schema": [(d, p, s) => delete s.Health, "schema Health is gone"],
};

/** A change that no client notices. */
const HARMLESS = {
  "no change": () => {},
  "a new path": (d) => (d.paths["/v2"] = d.paths["/v1/cc"]),
  "a new optional member of a request": (d, p, s) => (s.TaskInput.properties.note = { type: "string" }),
  "a new required member of an answer": (d, p, s) => {
    s.InstanceReceipt.properties.note = { type: "string" };
    s.InstanceReceipt.required.push("note");
  },
  "a new word": (d, p, s) => s.Mode.enum.push("merge"),
  "a wider limit": (d, p, s) => (s.InstanceInput.properties.tasks.maxItems = 10_000),
  "another description": (d, put) => (put.description = "Other words."),
};

for (const [name, [change, expected]] of Object.entries(BREAKING)) {
  test(`${name} breaks`, () => assert.deepEqual(breaksAfter(change), [expected]));
}
for (const [name, change] of Object.entries(HARMLESS)) {
  test(`${name} does not break`, () => assert.deepEqual(breaksAfter(change), []));
}
