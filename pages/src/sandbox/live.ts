// Tells when the sandbox has changed, and whether it still would.
import { useEffect, useRef, useState } from "preact/hooks";

/** Time until a stream that the server has refused is asked for again; a lost one the browser asks for by itself. */
const AGAIN_MS = 3_000;

export type Connection = "connecting" | "live" | "lost";

/** Calls `changed` at the start and after each change, never twice at once; says how the connection is. */
export function useChanges(changed: () => Promise<void>): Connection {
  const [connection, setConnection] = useState<Connection>("connecting");
  const latest = useRef(changed);
  latest.current = changed;
  useEffect(() => {
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let isBusy = false;
    let isStale = false;
    const look = async () => {
      if (isBusy) {
        isStale = true;
        return;
      }
      isBusy = true;
      do {
        isStale = false;
        await latest.current();
      } while (isStale as boolean);
      isBusy = false;
    };
    const listen = () => {
      source = new EventSource("changes");
      source.addEventListener("open", () => { setConnection("live"); });
      source.addEventListener("change", () => void look());
      source.addEventListener("error", () => {
        setConnection("lost");
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_MS);
      });
    };
    listen();
    return () => {
      source?.close();
      clearTimeout(again);
    };
  }, []);
  return connection;
}
