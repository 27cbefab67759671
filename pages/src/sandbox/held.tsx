// The side panel: what Feishu holds of an instance, versions and keys included.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import { held, SandboxError } from "./api";
import type { Held } from "./api";
import { Status } from "./card";
import { toVisibility } from "./link";
import { WORDS } from "./words";

/** Every key that the instance names, with the field that names it. */
function keys({ stored }: Held): { field: string; key: string }[] {
  const found: { field: string; key: string }[] = [];
  const add = (field: string, key: string | undefined) => {
    if (key !== undefined) found.push({ field, key });
  };
  add("title", stored.title);
  add("user_name", stored.user_name);
  add("department_name", stored.department_name);
  stored.form?.forEach((row, index) => {
    add(`form[${index}].name`, row.name);
    add(`form[${index}].value`, row.value);
  });
  stored.task_list?.forEach((task, index) => {
    add(`task_list[${index}].title`, task.title);
    add(`task_list[${index}].node_name`, task.node_name);
    task.action_configs?.forEach((action, place) => {
      add(`task_list[${index}].action_configs[${place}].action_name`, action.action_name);
    });
  });
  return found;
}

function Version({ time }: { time: string }) {
  const times = useTimes();
  return (
    <>
      <code>{time}</code> <span class="soft small">{times.exact(Number(time))}</span>
    </>
  );
}

function Texts({ shown, locale }: { shown: Held; locale: string }) {
  const words = WORDS[useLanguage()].panel;
  const resources = shown.stored.i18n_resources;
  const fallback = resources.find((resource) => resource.is_default)?.locale;
  return (
    <section>
      <h3>{words.texts}</h3>
      <p class="soft small">{words.textsHelp}</p>
      <ul class="keys">
        {keys(shown).map(({ field, key }) => {
          const texts = resources.flatMap((resource) => {
            const text = resource.texts.find((known) => known.key === key);
            return text ? [{ locale: resource.locale, isDefault: resource.is_default, value: text.value }] : [];
          });
          const isMissing = texts.length > 0 && !texts.some((text) => text.locale === locale);
          return (
            <li key={field}>
              <p><code class="field">{field}</code></p>
              <p class="soft small any"><code>{key}</code></p>
              <dl>
                {texts.map((text) => (
                  <div key={text.locale} class={text.locale === locale ? "read" : ""}>
                    <dt>{text.locale}{text.isDefault && ` (${words.isDefault})`}</dt>
                    <dd class="any" lang={text.locale}>{text.value}</dd>
                  </div>
                ))}
              </dl>
              {isMissing && fallback !== undefined && <p class="soft small">{words.fallback(locale, fallback)}</p>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function HeldPanel(props: { instance: string; locale: string; changes: number; console: string | undefined; close: () => void }) {
  const { instance, locale, changes, console, close } = props;
  const language = useLanguage();
  const words = WORDS[language].panel;
  const times = useTimes();
  const [shown, setShown] = useState<Held>();
  const [failure, setFailure] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    let isCurrent = true;
    held(instance).then(
      (found) => {
        if (!isCurrent) return;
        setShown(found);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (isCurrent) setFailure(error instanceof SandboxError && error.status === 404 ? words.gone : WORDS[language].failed);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [instance, changes]);

  // Whoever opens it with the keyboard goes on in it, and comes back to the button afterwards.
  useEffect(() => {
    heading.current?.focus();
    return () => {
      document.querySelector<HTMLElement>(`[data-held="${CSS.escape(instance)}"]`)?.focus();
    };
  }, [instance]);

  const current = shown?.instance_id === instance ? shown : undefined;
  return (
    <aside class="held" aria-labelledby="held" onKeyDown={(event) => {
      if (event.key === "Escape") close();
    }}>
      <header>
        <h2 id="held" tabIndex={-1} ref={heading}>{words.title}</h2>
        <button type="button" class="quiet" onClick={close}>{words.close}</button>
      </header>
      {failure !== undefined && <p class="note bad">{failure}</p>}
      {current && (
        <>
          <p class="any"><code>{current.instance_id}</code> <Status status={current.stored.status} /></p>
          {console !== undefined && (
            <p class="small"><a href={toVisibility(console, { instance })}>{words.why}</a></p>
          )}
          {current.hidden_ids.length > 0 || current.hidden ? (
            <p class="note warn">{words.hidden([...(current.hidden ? [current.instance_id] : []), ...current.hidden_ids].join(", "))}</p>
          ) : null}
          {current.unresolved.length > 0 && <p class="note warn">{words.unresolved(current.unresolved.join(", "))}</p>}
          <dl class="facts">
            <div><dt>{words.version}</dt><dd><Version time={current.stored.update_time} /></dd></div>
            <div>
              <dt>{words.pushed}</dt>
              <dd>
                {times.exact(current.pushed_at)}
                {current.stored.update_mode !== undefined && <> <code>{current.stored.update_mode}</code></>}
              </dd>
            </div>
            <div><dt>{words.code}</dt><dd class="any"><code>{current.stored.approval_code}</code></dd></div>
            <div><dt>{words.app}</dt><dd class="any"><code>{current.app_id}</code></dd></div>
          </dl>
          {(current.stored.task_list ?? []).length > 0 && (
            <section>
              <h3>{words.tasks}</h3>
              <ul class="holdings">
                {current.stored.task_list?.map((task) => (
                  <li key={task.task_id}>
                    <p class="any"><code>{task.task_id}</code> <Status status={task.status} /></p>
                    <p class="small any">{words.person} <code>{task.user_id ?? task.open_id}</code></p>
                    <p class="small">{words.version} <Version time={task.update_time ?? current.stored.update_time} /></p>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {(current.stored.cc_list ?? []).length > 0 && (
            <section>
              <h3>{words.copies}</h3>
              <ul class="holdings">
                {current.stored.cc_list?.map((cc) => (
                  <li key={cc.cc_id}>
                    <p class="any"><code>{cc.cc_id}</code> <Status status={cc.read_status} /></p>
                    <p class="small any">{words.person} <code>{cc.user_id ?? cc.open_id}</code></p>
                    <p class="small">{words.version} <Version time={cc.update_time} /></p>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Texts shown={current} locale={locale} />
          <details>
            <summary>{words.raw}</summary>
            <pre tabIndex={0} aria-label={words.raw}>{JSON.stringify(current.stored, null, 2)}</pre>
          </details>
        </>
      )}
    </aside>
  );
}
