// Takes quick approvals from the gateway with the published library of Standard Webhooks.
// Usage: npm start -- [gateway] [port]

import { createServer } from "node:http";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const [gateway = "http://127.0.0.1:8080", port = "9000"] = process.argv.slice(2);
// Without one, the sandbox's.
const secret = process.env.SIGNING_SECRET ?? "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldC0wMQ==";
const webhook = new Webhook(secret);

type Action = { action: string; instance_id?: string; task_id?: string };
const statuses: Record<string, string | undefined> = { approve: "approved", reject: "rejected" };

async function decide(body: string, headers: Record<string, string>): Promise<[number, object]> {
  let event: Action;
  try {
    event = webhook.verify(body, headers) as Action;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return [401, {}];
    throw error;
  }
  const status = statuses[event.action];
  if (!status || !event.instance_id || !event.task_id) {
    // Whoever tapped reads this in Feishu.
    return [422, { message: "此操作不受支持。This action is not supported." }];
  }
  const pushed = await fetch(`${gateway}/v1/instances/${encodeURIComponent(event.instance_id)}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/merge-patch+json" },
    body: JSON.stringify({ status, tasks: { [event.task_id]: { status } } }),
  });
  return pushed.ok ? [200, {}] : [500, { message: "审批系统出错。The approval system failed." }];
}

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const [status, answer] = await decide(body, request.headers as Record<string, string>);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(port), "127.0.0.1");
