// Breaks a good OpenAPI file in every way that our own rules forbid, to prove that the rules notice.
// Usage: node break.mjs openapi.json > broken.json
import { readFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const operation = document.paths["/v1/instances/{instance_id}"].put;
const { responses } = operation;

document.components.schemas.Unbounded = {
  type: "object",
  description: "A schema with everything that is forbidden.",
  properties: {
    text: { type: "string" },
    list: { type: "array", description: "Endless.", items: { type: "boolean" } },
    union: { description: "A union.", anyOf: [{ type: "boolean" }, { type: "integer" }] },
  },
};
operation.requestBody.content["application/json"].schema = { $ref: "#/components/schemas/Unbounded" };
operation.operationId = "put_instance";
operation.tags = ["instances", "searches"];
responses["422"].content = { "text/plain": { schema: { type: "string", maxLength: 9 } } };
delete responses["429"].headers["Retry-After"];
delete responses["200"].headers;
delete responses["405"];
document.paths["/livez"].get.requestBody = { content: { "application/json": { schema: { type: "boolean" } } } };

process.stdout.write(JSON.stringify(document, null, 2));
