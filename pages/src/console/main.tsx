// The console for operators: how deliveries stand, what is wrong with which, and what can be done.
import { render } from "preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LanguageProvider, LanguageSwitch, useLanguage } from "../shared/language";
import { Deliveries } from "./deliveries";
import { Events } from "./events";
import { Imports } from "./imports";
import { Instance } from "./instance";
import { Overview } from "./overview";
import { toDeliveries, toEvents, toImports, toOverview, toVisibility, useRoute } from "./route";
import type { Route } from "./route";
import { SessionProvider, useSession } from "./session";
import { VisibilityPage } from "./visibility";
import { WORDS } from "./words";
import "../shared/base.css";
import "../shared/parts.css";
import "./frame.css";
import "./overview.css";
import "./lists.css";
import "./instance.css";

function Bar({ children, end }: { children?: ComponentChildren; end?: ComponentChildren }) {
  const words = WORDS[useLanguage()];
  return (
    <header class="bar">
      <img src="icon.svg" alt="" />
      <h1>{words.title}</h1>
      {children}
      <span class="space" />
      {end}
      <LanguageSwitch />
    </header>
  );
}

function Who() {
  const words = WORDS[useLanguage()];
  const { caller, mayOperate, logOut } = useSession();
  return (
    <p class="who small">
      <span class="soft">{words.app} <code>{caller.app}</code> · {words.signedInAs} <code>{caller.name ?? words.anonymous}</code></span>
      {!mayOperate && <span class="tag">{words.readOnly}</span>}
      {caller.name !== undefined && <button type="button" class="link" onClick={logOut}>{words.logOut}</button>}
    </p>
  );
}

function View({ route }: { route: Route }) {
  switch (route.page) {
    case "overview":
      return <Overview />;
    case "deliveries":
      return <Deliveries filter={route.filter} />;
    case "instance":
      return <Instance key={route.id} id={route.id} look={route.look} />;
    case "imports":
      return <Imports />;
    case "events":
      return <Events filter={route.filter} />;
    case "visibility":
      return <VisibilityPage instance={route.instance} person={route.person} />;
  }
}

function Inside() {
  const words = WORDS[useLanguage()];
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const where = route.page === "instance" ? `instance ${route.id}` : route.page;
  const before = useRef(where);
  // Whoever follows a link is led to what has changed.
  useEffect(() => {
    if (before.current !== where) main.current?.focus();
    before.current = where;
  }, [where]);
  const links = [
    { page: "overview", name: words.overview, to: toOverview },
    { page: "deliveries", name: words.deliveries, to: toDeliveries({}) },
    { page: "imports", name: words.imports, to: toImports },
    { page: "events", name: words.events, to: toEvents({}) },
    { page: "visibility", name: words.visibility, to: toVisibility({}) },
  ];
  const current = route.page === "instance" ? "deliveries" : route.page;
  const name = route.page === "instance" ? route.id : links.find((link) => link.page === current)?.name;
  useEffect(() => {
    document.title = `${name ?? ""} · ${words.title}`;
  }, [name, words]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        main.current?.focus();
      }}>{words.skip}</a>
      <Bar end={<Who />}>
        <nav aria-label={words.nav}>
          {links.map((link) => (
            <a key={link.page} href={link.to} aria-current={link.page === current ? "page" : undefined}>{link.name}</a>
          ))}
        </nav>
      </Bar>
      <main id="main" tabIndex={-1} ref={main}>
        <View route={route} />
      </main>
    </>
  );
}

function Outside() {
  return (
    <SessionProvider bar={<Bar />}>
      <Inside />
    </SessionProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  render(
    <LanguageProvider>
      <Outside />
    </LanguageProvider>,
    root,
  );
}
