// Where in the console one is; the address after the number sign says it, so that it can be shared.
import { useEffect, useState } from "preact/hooks";
import { toQuery } from "./api";
import { EVENT_STATES, EVENT_TYPES, STATES } from "./model";
import type { EventFilter, Filter } from "./model";

export const VIEWS = ["timeline", "document", "payload", "compare", "visibility"] as const;

export type View = (typeof VIEWS)[number];

/** What is looked at of an instance: whether `person` sees it belongs to the last view. */
export interface Look {
  view: View;
  person: string;
}

export type Route =
  | { page: "overview" }
  | { page: "deliveries"; filter: Filter }
  | { page: "instance"; id: string; look: Look }
  | { page: "imports" }
  | { page: "events"; filter: EventFilter }
  | { page: "visibility"; instance: string; person: string };

export const NO_FILTER: Filter = {
  state: [],
  instance_id: "",
  approval_code: "",
  caller: "",
  problem: "",
  accepted_from: "",
  accepted_to: "",
};

export const NO_EVENT_FILTER: EventFilter = { state: [], type: [], instance_id: "" };

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page, id] = path.split("/");
  const parts = new URLSearchParams(query);
  const word = (name: string) => parts.get(name) ?? "";
  const words = <T extends string>(name: string, all: readonly T[]) => all.filter((one) => parts.getAll(name).includes(one));
  switch (page) {
    case "deliveries": {
      const filter = { ...NO_FILTER, state: words("state", STATES) };
      for (const name of Object.keys(NO_FILTER) as (keyof Filter)[]) {
        if (name !== "state") filter[name] = word(name);
      }
      return { page, filter };
    }
    case "instances":
      try {
        const look = { view: words("view", VIEWS)[0] ?? "timeline", person: word("person") };
        return id === undefined || id === "" ? { page: "overview" } : { page: "instance", id: decodeURIComponent(id), look };
      } catch {
        return { page: "overview" };
      }
    case "events":
      return { page, filter: { state: words("state", EVENT_STATES), type: words("type", EVENT_TYPES), instance_id: word("instance_id") } };
    case "visibility":
      return { page, instance: word("instance"), person: word("person") };
    case "imports":
      return { page };
    default:
      return { page: "overview" };
  }
}

/** An address with what is given of its parts. */
function address(path: string, parts: object): string {
  const query = toQuery(parts);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

export const toOverview = "#/";
export const toImports = "#/imports";
export const toDeliveries = (filter: Partial<Filter>) => address("#/deliveries", filter);
export const toEvents = (filter: Partial<EventFilter>) => address("#/events", filter);
export const toVisibility = (asked: { instance?: string; person?: string }) => address("#/visibility", asked);

export function toInstance(id: string, { view = "timeline", person = "" }: Partial<Look> = {}): string {
  return address(`#/instances/${encodeURIComponent(id)}`, { view: view === "timeline" ? "" : view, person });
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => { setRoute(read()); };
    addEventListener("hashchange", follow);
    return () => { removeEventListener("hashchange", follow); };
  }, []);
  return route;
}
