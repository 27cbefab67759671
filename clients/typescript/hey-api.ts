// What a caller of the @hey-api/openapi-ts client writes; it is type-checked, the session runs with openapi-fetch.
import { createClient } from "./generated/src/gateway/client";
import { putInstance, type InstanceInput, type InstanceReceipt, type Problem } from "./generated/src/gateway/index.js";

/** Pushes an instance, and says in one line what became of it. */
export async function push(baseUrl: string, instance_id: string, body: InstanceInput): Promise<string> {
  const client = createClient({ baseUrl });
  const { data, error } = await putInstance({ client, path: { instance_id }, query: { verify: true }, body });
  if (data === undefined) {
    const problem: Problem = error;
    return `${problem.code}: ${problem.errors?.map(({ pointer }) => pointer).join(", ") ?? problem.title}`;
  }
  // 202: kept, and delivered later.
  if (!("applied" in data)) return `${data.state}: revision ${data.revision}`;
  const receipt: InstanceReceipt = data;
  return `applied: ${receipt.applied}`;
}
