// Who is logged in. The key lives in this tab's session storage and nowhere else.
import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import { Api, ApiError } from "./api";
import type { Caller } from "./api";
import { WORDS } from "./words";

const KEPT = "approval-gateway.key";

export interface Session {
  api: Api;
  caller: Caller;
  mayWrite: boolean;
  mayOperate: boolean;
  logOut: () => void;
}

const Context = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("nobody is logged in");
  return session;
}

/** Shows its children to whoever is logged in, and a form to everybody else. */
export function SessionProvider({ bar, children }: { bar: ComponentChildren; children: ComponentChildren }) {
  const [session, setSession] = useState<Session>();
  const [isAsking, setIsAsking] = useState(true);

  const logOut = () => {
    sessionStorage.removeItem(KEPT);
    setSession(undefined);
  };

  const logIn = async (key: string | undefined) => {
    const api = new Api(key);
    const caller = await api.caller();
    if (key !== undefined) sessionStorage.setItem(KEPT, key);
    setSession({
      api,
      caller,
      mayWrite: caller.scopes.includes("write"),
      mayOperate: caller.scopes.includes("operate"),
      logOut,
    });
  };

  useEffect(() => {
    const begin = async () => {
      const kept = sessionStorage.getItem(KEPT) ?? undefined;
      const access = (await (await fetch("access")).json()) as { needs_key: boolean };
      if (kept !== undefined || !access.needs_key) await logIn(kept);
    };
    begin()
      .catch(() => { sessionStorage.removeItem(KEPT); })
      .finally(() => { setIsAsking(false); });
  }, []);

  if (session) return <Context.Provider value={session}>{children}</Context.Provider>;
  return (
    <>
      {bar}
      {!isAsking && <Login logIn={logIn} />}
    </>
  );
}

function Login({ logIn }: { logIn: (key: string) => Promise<void> }) {
  const words = WORDS[useLanguage()];
  const [key, setKey] = useState("");
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async () => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await logIn(key.trim());
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status === 401;
      setFailure(isRefused ? words.login.refused : error instanceof ApiError && error.message ? error.message : words.failed.unreachable);
      setIsBusy(false);
    }
  };
  return (
    <main class="login">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2>{words.login.heading}</h2>
        <p class="soft small" id="login-help">{words.login.help}</p>
        <label for="key">{words.login.key}</label>
        <input
          id="key"
          type="password"
          required
          autoComplete="off"
          spellcheck={false}
          value={key}
          aria-describedby="login-help"
          aria-invalid={failure !== undefined}
          onInput={(event) => { setKey(event.currentTarget.value); }}
        />
        {failure !== undefined && <p class="note bad" role="alert">{failure}</p>}
        <button type="submit" class="primary" disabled={isBusy}>{isBusy ? words.login.checking : words.login.submit}</button>
      </form>
    </main>
  );
}
