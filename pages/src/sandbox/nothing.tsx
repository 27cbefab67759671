// The first look: nothing was pushed yet, and how to push something.
import { CopyBlock } from "../shared/copy";
import { useLanguage } from "../shared/language";
import { WORDS } from "./words";

/** The definition that every sandbox has from the start. */
const APPROVAL_CODE = "7C468A54-8745-2245-9675-08B7C63E7A85";

function command(): string {
  const document = `{
  "approval_code": "${APPROVAL_CODE}",
  "status": "pending",
  "title": "出差申请",
  "pc_link": "https://oa.example.com/travel/1",
  "applicant_user_id": "zhangsan",
  "started_at": "2026-09-01T09:30:00+08:00",
  "form": [{ "name": "目的地", "value": "上海" }],
  "tasks": [{
    "task_id": "travel-1-manager",
    "user_id": "lisi",
    "status": "pending",
    "created_at": "2026-09-01T09:30:00+08:00"
  }],
  "translations": {
    "en-US": { "出差申请": "Business trip", "目的地": "Destination", "上海": "Shanghai" }
  }
}`;
  return `curl -X PUT '${location.origin}/v1/instances/travel-1' \\
  -H 'Content-Type: application/json' --data-binary @- <<'EOF'
${document}
EOF`;
}

export function Nothing() {
  const words = WORDS[useLanguage()];
  return (
    <section class="nothing">
      <h2>{words.nothingTitle}</h2>
      <p>{words.nothing}</p>
      <CopyBlock text={command()} label={words.command} />
      <p class="soft">{words.nothingAgain}</p>
    </section>
  );
}
