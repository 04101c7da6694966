/** What the mock server pretends of the signed-in person: profile, sessions, identities, git logins, the signing key, limits. */
import { randomBytes } from "node:crypto";

const HOUR = 36e5;
const GIB = 2 ** 30;
const NONE = {
  workspaces: null,
  running: null,
  cpus: null,
  memory_bytes: null,
  gpus: null,
  disk_bytes: null,
};
const ago = (ms) => new Date(Date.now() - ms).toISOString();

const me = {
  id: "u1",
  name: "ana",
  role: "owner",
  kind: "person",
  full_name: "Ana Example",
  email: "ana@example.org",
  created_at: ago(900 * HOUR),
  disabled: false,
  has_password: true,
  seen_at: ago(0),
};
const sessions = [
  ["t2", true, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["t3", false, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"],
].map(([id, current, agent]) => ({
  id,
  current,
  agent,
  address: "192.0.2.7",
  created_at: ago(48 * HOUR),
  used_at: ago(current ? 0 : 5 * HOUR),
  expires_at: null,
}));
const identities = [
  {
    id: "i1",
    issuer: "https://id.example.org/realms/main",
    email: "ana@example.org",
    created_at: ago(300 * HOUR),
    used_at: ago(2 * HOUR),
  },
];
let signingKey = "";
/** Of a login that waits: how often it was looked at. */
let looks = 0;

const newKey = () => `ssh-ed25519 ${randomBytes(51).toString("base64")} ana (Carrel)`;

/** A key is made where commits are to be signed. */
export function preferencesChanged({ sign_commits }) {
  if (sign_commits && signingKey === "") signingKey = newKey();
}

export function route({ request, response, noun, id, body, query, json }) {
  const command = `${request.method} ${noun}`;
  switch (command) {
    case "PATCH me":
      Object.assign(me, body);
      return json(response, 200, me);
    case "PUT me":
      return response.writeHead(204).end();
    case "GET me":
      return json(response, 200, me);
    case "GET sessions":
      return json(response, 200, { items: sessions });
    case "DELETE sessions": {
      const ended = sessions.filter((one) => (id ? one.id === id : !one.current));
      for (const one of ended) sessions.splice(sessions.indexOf(one), 1);
      return id ? response.writeHead(204).end() : json(response, 200, { ended: ended.length });
    }
    case "GET identities":
      return json(response, 200, { items: identities });
    case "POST identities":
      return json(response, 201, { url: "/settings" });
    case "DELETE identities":
      identities.splice(0, 1);
      return response.writeHead(204).end();
    case "PUT signing-key":
      if (body.anew || signingKey === "") signingKey = newKey();
      return json(response, 200, { public_key: signingKey });
    case "GET signing-key":
      return json(response, 200, { public_key: signingKey });
    default:
      return json(response, 200, quota(query.get("project")));
  }
}

/** The project vision is full. */
function quota(project) {
  const isFull = project === "vision";
  const problem = {
    kind: "over_quota",
    title: "A limit is reached",
    status: 409,
    detail: "The limit 'running' of the project vision: 3 of 3 used, 1 more asked for.",
    hint: "Wait until others stop theirs, or ask an administrator for more.",
  };
  return {
    project,
    domain: "development",
    tiers: [],
    workspace: { ...NONE, cpus: 8, memory_bytes: 16 * GIB },
    most: { ...NONE, cpus: isFull ? 0 : 4, memory_bytes: (isFull ? 0 : 8) * GIB, gpus: 0 },
    workspaces_left: null,
    running_left: isFull ? 0 : 2,
    create_problem: null,
    start_problem: isFull ? problem : null,
    accelerators: [],
    machine: null,
  };
}

/** A login at a git host: done at the third look. */
export function loginRoute(request, response, host, json, store) {
  if (request.method === "POST") {
    looks = 0;
    return json(response, 201, {
      host,
      user_code: randomBytes(4).toString("hex").toUpperCase(),
      verification_uri: `https://${host}/login/device`,
      verification_uri_complete: "",
      expires_at: new Date(Date.now() + HOUR / 4).toISOString(),
      interval_seconds: 5,
    });
  }
  looks += 1;
  if (looks < 3) return json(response, 200, { state: "pending", interval_seconds: 5 });
  store();
  return json(response, 200, { state: "done", interval_seconds: 0 });
}
