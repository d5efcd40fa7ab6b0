// deploy.sh, rollback.sh, confirm.sh and counts.sh for ECS of a rendered tree (SEAWORTHY_TREE), against a stand-in for AWS.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { environment, hasMigrations, hasWorker, image, isScaled, version, workerImage, workplace } from "./ecs-standin.mjs";

const OLD = image("a");
const NEW = image("b");
const cluster = `orders-${environment}`;
const deploy = (place, env) => place.run("deploy.sh", [environment, ...version("b")], env);
const of = (place, operation) => place.all.inputs.filter((it) => it.operation === operation).map((it) => it.input);

test("a first deploy, its confirmation, and the same deploy again", async () => {
  const place = workplace({ serving: false });
  const first = await deploy(place);
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, new RegExp(`${cluster}:1 \\(ghcr\\.io/acme/orders@sha256:b+\\) serves`));
  assert.deepEqual(place.pair(), version("b"));
  assert.equal(place.mark(), undefined);
  const confirmed = await place.run("confirm.sh", [environment]);
  assert.equal(confirmed.status, 0, confirmed.output);
  assert.equal(place.mark(), `${cluster}:1`);
  const again = await deploy(place, { RELEASE: "1-2" });
  assert.equal(again.status, 0, again.output);
  assert.deepEqual(place.pair(), version("b"));
  assert.equal(place.mark(), `${cluster}:1`);
});

test("what AWS is given has the foundation's values, the copied images and the variables as they are", async () => {
  const place = workplace({ serving: false });
  const file = join(place.deploy, environment, "environment.json");
  const hostile = [...JSON.parse(readFileSync(file, "utf8")), { name: "HOSTILE", value: "${Image} $(id) '\"\\ ${Secret}" }];
  writeFileSync(file, JSON.stringify(hostile));
  const { status, output } = await deploy(place);
  assert.equal(status, 0, output);
  const tasks = of(place, "register-task-definition");
  assert.equal(tasks.length, 1 + Number(hasWorker) + Number(hasMigrations));
  for (const task of tasks) {
    const [container] = task.containerDefinitions;
    assert.deepEqual(container.environment, hostile);
    const wanted = container.name === "worker" ? workerImage("b") : NEW;
    assert.equal(container.image, `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${cluster}@${wanted.split("@")[1]}`);
    assert.equal(task.executionRoleArn, "arn:aws:iam::123456789012:role/execution");
    container.environment = [];
    assert.doesNotMatch(JSON.stringify(task), /\$\{[A-Za-z]+\}/);
  }
  for (const service of [...of(place, "create-service"), ...of(place, "run-task")]) {
    assert.doesNotMatch(JSON.stringify(service), /\$\{/);
    assert.deepEqual(service.networkConfiguration.awsvpcConfiguration.subnets, ["subnet-1", "subnet-2"]);
  }
});

for (const [name, arguments_, said] of [
  ["no image", [environment], /usage/],
  ["a tag", [environment, "ghcr.io/acme/orders:latest", ...version("b").slice(1)], /names no digest/],
  ["an unknown environment", ["nowhere", ...version("b")], /no environment nowhere/],
]) {
  test(`${name}: nothing is asked of AWS`, async () => {
    const place = workplace();
    const { status, output } = await place.run("deploy.sh", arguments_);
    assert.equal(status, 1);
    assert.match(output, said);
    assert.deepEqual(place.all.calls, []);
  });
}

const BEFORE = /the deploy stopped before the rollout: what served in \S+ before still serves/;
const table = [
  ["no foundation", { faults: { "describe-stacks": "fail" } }, /the stack \S+ cannot be read/, { all: false }],
  ["a foundation that is being changed", { stack: "UPDATE_IN_PROGRESS" }, /is not complete/, { all: false }],
  ["a foundation that is older than these files", { outputs: { ExecutionRole: undefined } }, /has no ExecutionRole/],
  ["a registry that is down", { faults: { "docker login": "fail" } }, BEFORE],
  ["an image that is not where it was built", { lost: [NEW] }, /not found/],
  ["a copy with another digest", { faults: { "describe-images": "fail" } }, /does not have the same digest/],
  ["a task definition that ECS refuses", { faults: { "register-task-definition": "fail" } }, BEFORE],
];
const ofMigrations = [
  ["a migration that fails", { badMigrations: [NEW] }, /last words of the task[^]*the migration failed in \S+ \(exit code and reason: 1 Essential/],
  ["a migration that ECS does not start", { noCapacity: true }, /did not start the migration: .*Capacity is unavailable/],
  ["a migration that never ends", { endless: true }, /did not end in \S+ within 1 s, and was told to stop/],
  ["the migration of another deploy, which still runs", { tasks: { "task/orders/7": "RUNNING" } }, /still runs the migration of another deploy/],
];
for (const [name, state, said] of [...table, ...(hasMigrations ? ofMigrations : [])]) {
  test(`${name}: no rollout, the old version serves, and it is said`, async () => {
    const place = workplace(state);
    const { status, output } = await deploy(place, { MIGRATION_TIMEOUT: "1" });
    assert.equal(status, 1, output);
    assert.match(output, said);
    if (!/foundation that|no foundation/.test(name)) assert.match(output, BEFORE);
    assert.deepEqual(place.pair(), version("a"));
    assert.equal(place.all.calls.some((call) => /update-service|create-service/.test(call)), false);
  });
}

test("a release that is no name: nothing is changed", async () => {
  const place = workplace();
  const { status, output } = await deploy(place, { RELEASE: "a b" });
  assert.equal(status, 1);
  assert.match(output, /RELEASE is a b; it is made of/);
  assert.deepEqual(place.all.inputs, []);
});

test("a migration that failed is tried anew by the next run", { skip: !hasMigrations }, async () => {
  const place = workplace({ badMigrations: [NEW] });
  await deploy(place);
  place.all.badMigrations = [];
  const { status, output } = await deploy(place, { RELEASE: "1-2" });
  assert.equal(status, 0, output);
  assert.deepEqual(Object.values(place.all.tasks), [1, 0]);
  assert.deepEqual(place.pair(), version("b"));
});

for (const [name, state, said] of [
  ["ECS gives it up (circuit breaker)", { broken: [NEW] }, /orders does not come up in \S+: ECS gave it up: ECS deployment circuit breaker/],
  ["it never becomes steady", { slow: [NEW] }, /orders does not come up in \S+: it is not steady after 1 s/],
  ["the service cannot be changed", { faults: { '"service":"orders"': "fail" } }, /the rollout failed/],
  ...(hasWorker ? [["its worker does not come up", { broken: [workerImage("b")] }, /orders-worker does not come up/]] : []),
]) {
  test(`a rollout that fails, because ${name}: the verified version is put back, and said`, async () => {
    const place = workplace(state);
    const { status, output } = await deploy(place, { ROLLOUT_TIMEOUT: "1" });
    assert.equal(status, 1, output);
    assert.match(output, said);
    assert.match(output, new RegExp(`${cluster}:2 \\(copies@sha256:a+\\) serves`));
    assert.match(output, /the rollout failed in \S+; see above for the version that serves/);
    assert.deepEqual(place.pair(), version("a"));
    assert.equal(place.mark(), `${cluster}:2`);
  });
}

test("answers of ECS that lag behind the change are waited for", async () => {
  const place = workplace({ lag: 3 });
  const { status, output } = await deploy(place);
  assert.equal(status, 0, output);
  assert.deepEqual(place.pair(), version("b"));
});

test("a deployment that another one replaced is not waited for until the end", async () => {
  const place = workplace({ lag: 1000 });
  const { status, output } = await deploy(place, { ROLLOUT_TIMEOUT: "60" });
  assert.equal(status, 1, output);
  assert.match(output, /another deployment took its place/);
});

test("rollback.sh: a worker that does not come up keeps the service from nothing", { skip: !hasWorker }, async () => {
  const place = workplace();
  await deploy(place);
  place.all.broken = [workerImage("a")];
  const { status, output } = await place.run("rollback.sh", [environment]);
  assert.equal(status, 1, output);
  assert.match(output, /orders-worker does not come up with/);
  assert.equal(place.serving(), OLD);
});

test("rollback.sh starts anew what ECS gave up", async () => {
  const place = workplace();
  place.all.services.orders.deployments[0].rolloutState = "FAILED";
  const { status, output } = await place.run("rollback.sh", [environment]);
  assert.equal(status, 0, output);
  assert.match(place.all.calls.join("\n"), /update-service --cluster \S+ --service orders .*--force-new-deployment/);
  assert.equal(place.all.services.orders.deployments[0].rolloutState, "COMPLETED");
});

test("a first rollout that fails has nothing to go back to, and says so", async () => {
  const place = workplace({ serving: false, broken: [NEW] });
  const { status, output } = await deploy(place);
  assert.equal(status, 1);
  assert.match(output, /keeps no verified version/);
  assert.match(output, /so did going back: look at it now/);
});

test("without a verified version, the steady one that serves is what a failed rollout goes back to", async () => {
  const place = workplace({ verified: false, broken: [NEW] });
  assert.equal((await deploy(place)).status, 1);
  assert.equal(place.mark(), `${cluster}:2`);
  assert.deepEqual(place.pair(), version("a"));
});

test("a smoke test that fails: rollback.sh goes back to the verified version, and once more changes nothing", async () => {
  const place = workplace();
  await deploy(place);
  assert.deepEqual(place.pair(), version("b"));
  const back = await place.run("rollback.sh", [environment]);
  assert.equal(back.status, 0, back.output);
  assert.deepEqual(place.pair(), version("a"));
  const before = structuredClone(place.all.services);
  const again = await place.run("rollback.sh", [environment]);
  assert.match(again.output, /serves/);
  assert.deepEqual(place.all.services, before);
});

for (const [wanted, marked] of [["previous", "1"], ["1", "1"]]) {
  test(`rollback.sh to ${wanted}, by hand: that version is the verified one from then on`, async () => {
    const place = workplace();
    const { status, output } = await place.run("rollback.sh", [environment, wanted]);
    assert.equal(status, 0, output);
    assert.deepEqual(place.pair(), version("9"));
    assert.equal(place.mark(), `${cluster}:${marked}`);
  });
}

test("rollback.sh to a version that is gone says how to find what is there", async () => {
  const { status, output } = await workplace().run("rollback.sh", [environment, "77"]);
  assert.equal(status, 1);
  assert.match(output, /keeps no \S+:77 .*list-task-definitions/);
});

for (const script of ["rollback.sh", "confirm.sh"]) {
  test(`${script} before the first deploy`, async () => {
    const { status, output } = await workplace({ serving: false }).run(script, [environment]);
    assert.equal(status, 1);
    assert.match(output, /has no service orders/);
  });
}

test("confirm.sh remembers the version before, too", async () => {
  const place = workplace();
  await deploy(place);
  await place.run("confirm.sh", [environment]);
  assert.deepEqual(place.all.services.orders.tags, { verified: `${cluster}:3`, "verified-before": `${cluster}:2` });
});

test("the number of tasks is the autoscaler's where there is one, and the file's otherwise", async () => {
  const place = workplace({ scaled: true });
  place.all.services.orders.desired = 5;
  const { status, output } = await deploy(place);
  assert.equal(status, 0, output);
  const { desiredCount } = JSON.parse(readFileSync(join(place.deploy, environment, "service.json"), "utf8"));
  assert.equal(place.all.services.orders.desired, isScaled ? 5 : desiredCount);
  assert.equal(place.all.scaled, isScaled);
});

test("a version from before there were jobs: its rollback stops the workers, the next deploy starts them", { skip: !hasWorker }, async () => {
  const place = workplace({ jobs: false });
  assert.equal((await deploy(place)).status, 0);
  const { status, output } = await place.run("rollback.sh", [environment]);
  assert.equal(status, 0, output);
  assert.deepEqual(place.pair(), [OLD, undefined]);
  const again = await deploy(place, { RELEASE: "1-2" });
  assert.equal(again.status, 0, again.output);
  assert.deepEqual(place.pair(), version("b"));
});

test("counts.sh adds up whole minutes", async () => {
  const place = workplace({ metrics: { requests: [100, 50], failed: [3], unanswered: [2], slow: [7] } });
  const { status, output } = await place.run("counts.sh", [environment, "300"]);
  assert.equal(status, 0, output);
  assert.equal(output, "150 5 7\n");
  const [queries] = of(place, "get-metric-data");
  assert.deepEqual(queries.map((it) => it.MetricStat.Stat), ["Sum", "Sum", "Sum", "TC(1.000:)"]);
  assert.equal((await place.run("counts.sh", [environment, "1"])).output, "0 0 0\n");
  place.all.faults = { "get-metric-data": "fail" };
  assert.notEqual((await place.run("counts.sh", [environment, "300"])).status, 0);
});

const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString().replace("Z", "000+00:00");
const stopped = (service, revision, more) => ({
  service,
  taskArn: `arn:aws:ecs:eu-central-1:123456789012:task/${cluster}/${service}-${revision}`,
  taskDefinitionArn: `arn:aws:ecs:eu-central-1:123456789012:task-definition/${cluster}${service.slice("orders".length)}:${revision}`,
  stoppedAt: ago(60),
  ...more,
});
const crashed = { stopCode: "EssentialContainerExited", stoppedReason: "Essential container in task exited" };
const unhealthy = { stopCode: "ServiceSchedulerInitiated", stoppedReason: "Task failed ELB health checks in (target-group t)" };
for (const [name, tasks, wanted] of [
  ["one that crashed", [stopped("orders", 2, crashed)], 3],
  ["one that was not healthy", [stopped("orders", 2, unhealthy)], 3],
  ["one that crashed before", [stopped("orders", 2, { ...crashed, stoppedAt: ago(4000) })], 0],
  ["one of the version before", [stopped("orders", 1, crashed)], 0],
  ["one that the autoscaler stopped", [stopped("orders", 2, { stopCode: "ServiceSchedulerInitiated", stoppedReason: "Scaling activity initiated by (deployment ecs-svc/0)" })], 0],
  ...(hasWorker ? [["a worker that crashed", [stopped("orders-worker", 2, crashed)], 3]] : []),
]) {
  test(`counts.sh looks at the tasks that stopped: ${name} ${wanted ? "takes the version back" : "is no fault of it"}`, async () => {
    const { status, output } = await workplace({ stopped: tasks }).run("counts.sh", [environment, "300"]);
    assert.equal(status, wanted, output);
    if (wanted) assert.match(output, /a task of \S+:2 has stopped, orders\S*-2: /);
  });
}
