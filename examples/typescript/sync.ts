// Shows a business trip in Feishu's approval centre, lets it be approved, and asks Feishu whether it has the result.
//
//     npm ci && npm run build
//     GATEWAY_URL=http://127.0.0.1:8080 npm start        # GATEWAY_KEY=… where the gateway wants a key
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./generated/gateway.js";

type Instance = components["schemas"]["InstanceInput"];
type Problem = components["schemas"]["Problem"];

/** What your system knows about a trip. */
interface Trip {
  id: string;
  destination: string;
  applicant: string;
  approver: string;
  requested: Date;
  approved?: Date;
}

/** A refusal, with all that the gateway says about it. */
class GatewayError extends Error {
  constructor(readonly problem: Problem) {
    const details = problem.errors?.map((violation) => `${violation.pointer} ${violation.detail}`);
    super(`${problem.code}: ${details?.join("; ") ?? problem.detail ?? problem.title} (request ${problem.request_id})`);
  }
}

/** The whole trip as it is now: the gateway works out what has changed. */
function asInstance(trip: Trip): Instance {
  const status = trip.approved ? "approved" : "pending";
  const ended_at = trip.approved?.toISOString();
  return {
    // The definition that the sandbox has from the start; yours comes from POST /v1/definitions.
    approval_code: "7C468A54-8745-2245-9675-08B7C63E7A85",
    status,
    title: "出差申请",
    pc_link: `https://oa.example.com/trips/${trip.id}`,
    applicant_user_id: trip.applicant,
    form: [{ name: "目的地", value: trip.destination }],
    started_at: trip.requested.toISOString(),
    // The version. It must grow with each change, so take the time of the change and not the time of sending.
    updated_at: (trip.approved ?? trip.requested).toISOString(),
    ended_at,
    tasks: [
      {
        task_id: `${trip.id}-${trip.approver}`,
        user_id: trip.approver,
        status,
        created_at: trip.requested.toISOString(),
        ended_at,
      },
    ],
    translations: { "en-US": { 出差申请: "Business trip", 目的地: "Destination" } },
  };
}

/** Pushes a trip, and says what became of it; sending it again is safe. */
async function push(gateway: Client<paths>, trip: Trip) {
  const { data, error } = await gateway.PUT("/v1/instances/{instance_id}", {
    params: { path: { instance_id: trip.id }, query: { verify: true } },
    body: asInstance(trip),
  });
  if (error) throw new GatewayError(error);
  // Else it is kept, and delivered later (202).
  return "applied" in data ? `applied ${data.applied}` : data.state;
}

const key = process.env.GATEWAY_KEY;
const gateway = createClient<paths>({
  baseUrl: process.env.GATEWAY_URL ?? "http://127.0.0.1:8080",
  headers: key ? { Authorization: `Bearer ${key}` } : {},
});

const trip: Trip = {
  id: "trip-2026-417",
  destination: "上海",
  applicant: "zhangsan",
  approver: "lisi",
  requested: new Date("2026-09-01T09:30:00+08:00"),
};
console.log(`requested: ${await push(gateway, trip)}`);

trip.approved = new Date("2026-09-01T10:00:00+08:00");
console.log(`approved: ${await push(gateway, trip)}`);

const { data: held, error } = await gateway.GET("/v1/instances/{instance_id}", {
  params: { path: { instance_id: trip.id } },
});
if (error) throw new GatewayError(error);
console.log(`Feishu has it as ${held.instance_status}`);
if (held.instance_status !== "approved") process.exitCode = 1;

// A refusal names everything that is wrong, and where.
try {
  await push(gateway, { ...trip, applicant: "" });
  process.exitCode = 1;
} catch (refusal) {
  if (!(refusal instanceof GatewayError)) throw refusal;
  console.log(`refused, as it should be: ${refusal.message}`);
}
