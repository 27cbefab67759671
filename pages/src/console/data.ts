// What is read of the gateway, and read again while somebody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import { useSession } from "./session";

export interface Data<T> {
  data: T | undefined;
  error: ApiError | undefined;
  reload: () => Promise<void>;
}

/** Reads at once, after every change of `about`, and every `period` milliseconds while the page is shown. */
export function useData<T>(read: () => Promise<T>, about: readonly unknown[], period?: number): Data<T> {
  const { logOut } = useSession();
  const [shown, setShown] = useState<{ data?: T; error?: ApiError }>({});
  const turn = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const data = await read();
      if (mine === turn.current) setShown({ data });
    } catch (error) {
      if (mine !== turn.current) return;
      const known = error instanceof ApiError ? error : new ApiError(undefined, "unknown", String(error));
      // A key that was taken back.
      if (known.status === 401) logOut();
      setShown(({ data }) => (data === undefined ? { error: known } : { data, error: known }));
    }
  }, about);
  useEffect(() => {
    void reload();
    if (period === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void reload();
    }, period);
    return () => { clearInterval(timer); };
  }, [reload, period]);
  return { data: shown.data, error: shown.error, reload };
}
