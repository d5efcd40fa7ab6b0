// GitHub's API as `gh` gives it, for one repository: enough of it to set one up.

const NOT_FOUND = { status: 1, output: "gh: Not Found (HTTP 404)\n" };
const PEOPLE = { "users/ann": { id: 11, login: "ann" }, "users/bob": { id: 12, login: "bob" }, "orgs/acme/teams/platform": { id: 21, slug: "platform" } };

export const fresh = (more = {}) => ({
  repository: { full_name: "acme/orders", private: true, permissions: { admin: true } },
  /** Name -> the environment as the API answers, with `branches` and `names` beside it. */
  environments: {},
  rulesets: [],
  /** Rules from elsewhere, an organisation for example. */
  rules: [],
  /** Methods and paths of calls that change something, and all calls. */
  changes: [],
  calls: 0,
  /** Number of a call -> what gh does in its place: { status, output } or "kill". */
  faults: {},
  ...more,
});

/** Answers `gh ARGV` with the body in `input`. */
export function gh(state, argv, input) {
  state.calls += 1;
  const fault = state.faults[state.calls];
  if (fault) return fault;
  const path = argv.at(-1).replace("{owner}/{repo}", "acme/orders");
  const method = argv.includes("--method") ? argv[argv.indexOf("--method") + 1] : "GET";
  if (method !== "GET") {
    state.changes.push(`${method} ${path}`);
    return change(state, method, path.replace("repos/acme/orders/", ""), JSON.parse(input));
  }
  const found = read(state, path.replace(/\?.*/, ""));
  if (found === undefined) return NOT_FOUND;
  return { status: 0, output: JSON.stringify(argv.includes("--slurp") ? [found] : found) };
}

/** A tag stands as `tag NAME` in `branches`. */
const policy = (name) => (name.startsWith("tag ") ? { name: name.slice(4), type: "tag" } : { name, type: "branch" });

function read(state, path) {
  if (path === "repos/acme/orders") return state.repository;
  if (!path.startsWith("repos/acme/orders/")) return PEOPLE[path];
  const [kind, name, below] = path.replace("repos/acme/orders/", "").split("/");
  if (kind === "environments") {
    const environment = state.environments[name];
    if (!environment) return undefined;
    if (below === "deployment-branch-policies") return { branch_policies: environment.branches.map(policy) };
    if (below) return { [below]: environment.names[below].map((it) => ({ name: it })) };
    const { branches, names, ...answer } = environment;
    return answer;
  }
  if (kind === "actions") return { [name]: [] };
  if (kind === "rulesets") return name ? state.rulesets.find((it) => it.id === Number(name)) : state.rulesets.map(({ rules, ...it }) => it);
  if (kind === "rules") return [...state.rules, ...state.rulesets.filter((it) => it.enforcement === "active").flatMap((it) => it.rules)];
  return undefined;
}

function change(state, method, path, body) {
  const [kind, name, below] = path.split("/");
  if (kind === "environments" && below) state.environments[name].branches.push(body.name);
  else if (kind === "environments") state.environments[name] = made(state.environments[name], name, body);
  else if (method === "POST") state.rulesets.push({ id: state.rulesets.length + 1, ...body });
  else Object.assign(state.rulesets.find((it) => it.id === Number(name)), body);
  return { status: 0, output: "{}" };
}

/** As the API does it: what is not sent is gone. */
function made(before, name, body) {
  const rules = [];
  if (body.reviewers?.length) {
    const reviewers = body.reviewers.map(({ type, id }) => ({ type, reviewer: { id } }));
    rules.push({ type: "required_reviewers", prevent_self_review: body.prevent_self_review ?? false, reviewers });
  }
  if (body.wait_timer) rules.push({ type: "wait_timer", wait_timer: body.wait_timer });
  return {
    name,
    can_admins_bypass: before?.can_admins_bypass ?? true,
    protection_rules: rules,
    deployment_branch_policy: body.deployment_branch_policy ?? null,
    branches: before?.branches ?? [],
    names: before?.names ?? { variables: [], secrets: [] },
  };
}
