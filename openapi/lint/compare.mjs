// What in a newer OpenAPI file breaks clients of an older one.
//
// A request may become more tolerant and an answer richer, never the other way round. Unknown members of requests are
// refused by the server, so that a removed member breaks whoever sends it.

const METHODS = ["get", "put", "post", "delete", "patch"];
/** Limits that a request must not tighten; the sign says in which direction they get tighter. */
const LIMITS = { maxLength: -1, maxItems: -1, maximum: -1, maxProperties: -1, minLength: 1, minItems: 1, minimum: 1 };

/** One line for each break. */
export function breaks(older, newer) {
  const found = [];
  comparePaths(older, newer, found);
  const sent = reachable(older, "request");
  const answered = reachable(older, "response");
  for (const [name, schema] of Object.entries(older.components?.schemas ?? {})) {
    const now = newer.components?.schemas?.[name];
    if (now === undefined) found.push(`schema ${name} is gone`);
    else compareSchemas(name, schema, now, { sent: sent.has(name), answered: answered.has(name) }, found);
  }
  return found;
}

function comparePaths(older, newer, found) {
  for (const [path, item] of Object.entries(older.paths)) {
    for (const method of METHODS.filter((method) => item[method])) {
      const place = `${method.toUpperCase()} ${path}`;
      const now = newer.paths[path]?.[method];
      if (now === undefined) found.push(`${place} is gone`);
      else compareOperations(place, item[method], now, found);
    }
  }
}

function compareOperations(place, older, newer, found) {
  for (const name of ["operationId", "tags"]) {
    if (JSON.stringify(older[name]) !== JSON.stringify(newer[name])) found.push(`${place}: ${name} is another one`);
  }
  compareParameters(place, older.parameters ?? [], newer.parameters ?? [], found);
  if (!older.requestBody?.required && newer.requestBody?.required) found.push(`${place}: a body is required now`);
  compareContents(`${place}: request`, older.requestBody?.content, newer.requestBody?.content, { sent: true }, found);
  for (const [status, response] of Object.entries(older.responses)) {
    const now = newer.responses[status];
    if (now === undefined) found.push(`${place}: ${status} is gone`);
    else compareContents(`${place}: ${status}`, response.content, now.content, { answered: true }, found);
  }
}

function compareParameters(place, older, newer, found) {
  const same = (one) => (other) => one.name === other.name && one.in === other.in;
  for (const parameter of older) {
    const now = newer.find(same(parameter));
    const name = `${place}: ${parameter.in} ${parameter.name}`;
    if (now === undefined) found.push(`${name} is gone`);
    else compareSchemas(name, parameter.schema, now.schema, { sent: true }, found);
  }
  for (const parameter of newer.filter(({ required }) => required)) {
    const name = `${place}: ${parameter.in} ${parameter.name}`;
    if (!older.find(same(parameter))?.required) found.push(`${name} is required now`);
  }
}

function compareContents(place, older = {}, newer = {}, direction, found) {
  for (const [type, { schema }] of Object.entries(older)) {
    const now = newer[type]?.schema;
    if (now === undefined) found.push(`${place}: ${type} is gone`);
    else compareSchemas(`${place}: ${type}`, schema, now, direction, found);
  }
}

function compareSchemas(place, older, newer, direction, found) {
  for (const name of ["type", "format", "$ref", "pattern"]) {
    if (JSON.stringify(older[name]) !== JSON.stringify(newer[name])) found.push(`${place}: ${name} is another one`);
  }
  const gone = (older.enum ?? []).filter((word) => newer.enum !== undefined && !newer.enum.includes(word));
  for (const word of gone) found.push(`${place}: the word ${word} is gone`);
  if (direction.sent) {
    if (older.enum === undefined && newer.enum !== undefined) found.push(`${place}: a closed list of words now`);
    for (const name of (newer.required ?? []).filter((name) => !older.required?.includes(name))) {
      found.push(`${place}.${name} is required now`);
    }
    for (const [limit, sign] of Object.entries(LIMITS)) {
      const tighter = newer[limit] !== undefined && (older[limit] === undefined || (newer[limit] - older[limit]) * sign > 0);
      if (tighter) found.push(`${place}: ${limit} is ${newer[limit]} now`);
    }
  }
  if (direction.answered) {
    for (const name of (older.required ?? []).filter((name) => !newer.required?.includes(name))) {
      found.push(`${place}.${name} may be absent now`);
    }
  }
  for (const [name, property] of Object.entries(older.properties ?? {})) {
    const now = newer.properties?.[name];
    if (now === undefined) found.push(`${place}.${name} is gone`);
    else compareSchemas(`${place}.${name}`, property, now, direction, found);
  }
  for (const name of ["items", "additionalProperties"]) {
    if (older[name]?.constructor === Object && newer[name]?.constructor === Object) {
      compareSchemas(`${place} ${name}`, older[name], newer[name], direction, found);
    }
  }
}

/** Names of the schemas that requests, or responses, lead to. */
function reachable(document, side) {
  const names = new Set();
  const visit = (value) => {
    if (value === null || typeof value !== "object") return;
    const name = /^#\/components\/schemas\/(.+)$/.exec(value.$ref)?.[1];
    if (name !== undefined && !names.has(name)) {
      names.add(name);
      visit(document.components.schemas[name]);
    }
    Object.entries(value).forEach(([key, member]) => /^examples?$/.test(key) || visit(member));
  };
  for (const item of Object.values(document.paths)) {
    for (const operation of METHODS.map((method) => item[method]).filter(Boolean)) {
      if (side === "response") visit(operation.responses);
      else visit([operation.parameters, operation.requestBody]);
    }
  }
  return names;
}
