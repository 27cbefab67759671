// Which links of a document are followed, as the sandbox takes anything; and the links into the gateway's console.

/** What runs code, or shows what the link itself holds. */
const REFUSED = ["javascript:", "data:", "vbscript:", "blob:"];

/** The address of a link, as browsers read it; none where it leads nowhere or runs code. */
export function address(link: string | undefined): string | undefined {
  // Browsers skip blanks and control characters, so that only their own reading tells what a link does.
  if (link === undefined || !URL.canParse(link)) return undefined;
  const { protocol, href } = new URL(link);
  return REFUSED.includes(protocol) ? undefined : href;
}

/** The console's page that says why somebody does not see something. */
export const toVisibility = (console: string, asked: { instance: string } | { person: string }) =>
  `${console}#/visibility?${new URLSearchParams(asked).toString()}`;
