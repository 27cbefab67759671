// Who is logged in. The key lives in this tab's session storage and nowhere else.
import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import { Api, ApiError } from "./api";
import type { Caller } from "./model";
import { saying, WORDS } from "./words";

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
  const [failure, setFailure] = useState<ApiError>();

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

  const begin = async () => {
    setIsAsking(true);
    setFailure(undefined);
    const kept = sessionStorage.getItem(KEPT) ?? undefined;
    try {
      if (kept !== undefined || !(await new Api(undefined).needsKey())) await logIn(kept);
    } catch (thrown) {
      const error = ApiError.of(thrown);
      // The key of somebody who reloads while the gateway is away is still good.
      if (error.refusesKey) sessionStorage.removeItem(KEPT);
      else setFailure(error);
    }
    setIsAsking(false);
  };
  useEffect(() => void begin(), []);

  if (session) return <Context.Provider value={session}>{children}</Context.Provider>;
  return (
    <>
      {bar}
      {!isAsking && (failure ? <Unreached error={failure} again={() => void begin()} /> : <Login logIn={logIn} />)}
    </>
  );
}

/** What went wrong before anybody could be let in. */
function Unreached({ error, again }: { error: ApiError; again: () => void }) {
  const language = useLanguage();
  return (
    <main class="login">
      <div class="panel">
        <p class="note bad" role="alert">{saying(error, language)}</p>
        <button type="button" class="primary" onClick={again}>{WORDS[language].tryAgain}</button>
      </div>
    </main>
  );
}

function Login({ logIn }: { logIn: (key: string) => Promise<void> }) {
  const language = useLanguage();
  const words = WORDS[language];
  const [key, setKey] = useState("");
  const [failure, setFailure] = useState<ApiError>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async () => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await logIn(key.trim());
    } catch (thrown) {
      setFailure(ApiError.of(thrown));
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
          aria-invalid={failure?.status === 401}
          onInput={(event) => { setKey(event.currentTarget.value); }}
        />
        {failure && (
          <p class="note bad" role="alert">{failure.status === 401 ? words.login.refused : saying(failure, language)}</p>
        )}
        <button type="submit" class="primary" disabled={isBusy}>{isBusy ? words.login.checking : words.login.submit}</button>
      </form>
    </main>
  );
}
