// What is read of the gateway, and read again while somebody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import type { Page } from "./model";
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
    } catch (thrown) {
      if (mine !== turn.current) return;
      const error = ApiError.of(thrown);
      // A key that was taken back. One that may not do this may still do other things.
      if (error.status === 401) logOut();
      setShown(({ data }) => (data === undefined ? { error } : { data, error }));
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

export interface Pages<T> {
  /** What is known of all pages that were asked for; nothing before the first answer. */
  items: T[] | undefined;
  /** Asks for one more page; absent on the last one. */
  more: (() => void) | undefined;
  error: ApiError | undefined;
  reload: () => Promise<void>;
}

/**
 * A list, page by page. All pages that were asked for are read again together, so that nothing is shown twice or lost when
 * the list moves; another `about` begins with its first page.
 */
export function usePages<T>(read: (cursor?: string) => Promise<Page<T>>, about: string, period?: number): Pages<T> {
  const [asked, setAsked] = useState({ about, pages: 1 });
  const pages = asked.about === about ? asked.pages : 1;
  const readAll = async () => {
    const found: Page<T> = { items: [] };
    for (let page = 0; page < pages; page += 1) {
      const { items, next_cursor } = await read(found.next_cursor);
      found.items.push(...items);
      if (next_cursor === undefined) return { items: found.items };
      found.next_cursor = next_cursor;
    }
    return found;
  };
  const { data, error, reload } = useData(readAll, [about, pages], period);
  const more = data?.next_cursor === undefined ? undefined : () => { setAsked({ about, pages: pages + 1 }); };
  return { items: data?.items, more, error, reload };
}

export interface Work {
  failed: ApiError | undefined;
  /** What came of the last work that did not fail. */
  done: string | undefined;
  isBusy: boolean;
  /** Does the work, which answers what is to be said of it. */
  run: (work: () => Promise<string | undefined>) => Promise<void>;
}

/** Does something, keeps what came of it until something else is looked at, and reads again. */
export function useWork(about: string, reload: () => Promise<void>): Work {
  const [failed, setFailed] = useState<ApiError>();
  const [done, setDone] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    setFailed(undefined);
    setDone(undefined);
  }, [about]);
  const present = useRef({ about, reload });
  present.current = { about, reload };
  const run = async (work: () => Promise<string | undefined>) => {
    setFailed(undefined);
    setIsBusy(true);
    // What came of it is not told of what is looked at by then.
    const isStillThere = () => present.current.about === about;
    try {
      const told = await work();
      if (isStillThere()) setDone(told);
    } catch (thrown) {
      if (isStillThere()) setFailed(ApiError.of(thrown));
    }
    setIsBusy(false);
    await present.current.reload();
  };
  return { failed, done, isBusy, run };
}
