// Where in the console one is; the address after the number sign says it, so that it can be shared.
import { useEffect, useState } from "preact/hooks";
import { STATES } from "./api";
import type { Filter } from "./api";

export type Route =
  | { page: "overview" }
  | { page: "deliveries"; filter: Filter }
  | { page: "instance"; id: string }
  | { page: "imports" };

export const NO_FILTER: Filter = {
  state: [],
  instance_id: "",
  approval_code: "",
  caller: "",
  problem: "",
  accepted_from: "",
  accepted_to: "",
};

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page, id] = path.split("/");
  if (page === "deliveries") {
    const parts = new URLSearchParams(query);
    const filter = { ...NO_FILTER, state: STATES.filter((state) => parts.getAll("state").includes(state)) };
    for (const name of Object.keys(NO_FILTER) as (keyof Filter)[]) {
      if (name !== "state") filter[name] = parts.get(name) ?? "";
    }
    return { page, filter };
  }
  if (page === "instances" && id !== undefined && id !== "") {
    try {
      return { page: "instance", id: decodeURIComponent(id) };
    } catch {
      return { page: "overview" };
    }
  }
  return page === "imports" ? { page } : { page: "overview" };
}

export const toOverview = "#/";
export const toImports = "#/imports";
export const toInstance = (id: string) => `#/instances/${encodeURIComponent(id)}`;

export function toDeliveries(filter: Partial<Filter>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== "") parts.append(name, one);
  }
  return parts.size === 0 ? "#/deliveries" : `#/deliveries?${parts.toString()}`;
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
