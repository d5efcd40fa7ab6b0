// setup.sh of a rendered tree (SEAWORTHY_TREE), against a stand-in for Google Cloud.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { environment, hasMigrations, project, scripts } from "./cloud-run-standin.mjs";

const CHANGES = / (create|create-oidc|add-iam-policy-binding|enable|deploy) /;
const secrets = (name) =>
  [...readFileSync(join(scripts, environment, `${name}.yaml`), "utf8").matchAll(/secretKeyRef:\n +name: (\S+)/g)].map(([, secret]) => secret);
const empty = () => project({ revisions: {}, traffic: null });

test("without --apply it says what it would do, and does nothing", async () => {
  const place = empty();
  const { status, output } = await place.run("setup.sh", [environment]);
  assert.equal(status, 0, output);
  assert.match(output, /would run: gcloud run deploy orders/);
  assert.match(output, /Nothing was changed: add --apply/);
  assert.deepEqual(place.all.calls.filter((call) => CHANGES.test(call)), []);
});

test("with --apply: accounts, secrets, rights, and what to enter in GitHub; a second time changes nothing", async () => {
  const place = empty();
  const { status, output } = await place.run("setup.sh", [environment, "--apply"]);
  assert.equal(status, 0, output);
  const bindings = [...place.all.bindings].join("\n");
  for (const secret of secrets("service")) {
    assert.match(bindings, new RegExp(`secrets add-iam-policy-binding ${secret} --member=serviceAccount:orders-service@\\S+ --role=roles/secretmanager\\.secretAccessor`));
    assert.match(output, new RegExp(`gcloud secrets versions add ${secret} `));
  }
  const migration = [...bindings.matchAll(/secrets add-iam-policy-binding (\S+) --member=serviceAccount:orders-migrate@/g)].map(([, secret]) => secret);
  assert.deepEqual(migration, hasMigrations ? secrets("migrate") : []);
  // Of the whole project the deploying account has two roles, and nobody else has one.
  const ofProject = [...bindings.matchAll(/projects add-iam-policy-binding .*serviceAccount:(\S+)@\S+ --role=(\S+)/g)].map(([, who, role]) => `${who} ${role}`);
  assert.deepEqual(ofProject.sort(), ["orders-deployer roles/logging.viewer", "orders-deployer roles/run.developer"]);
  assert.match(bindings, /principal:\/\/iam\.googleapis\.com\/projects\/123456789012\/\S+\/github\/subject\/4711:production$/m);
  assert.match(place.all.calls.join("\n"), /--attribute-condition=assertion\.repository_id == '4711' && assertion\.environment == 'production'/);
  assert.match(bindings, /run services add-iam-policy-binding orders --member=allUsers --role=roles\/run\.invoker/);
  assert.match(output, /GCP_WORKLOAD_IDENTITY_PROVIDER=projects\/123456789012\/locations\/global\/workloadIdentityPools\/github\/providers\/github-orders/);

  const before = [place.all.made.size, place.all.bindings.size];
  const again = await place.run("setup.sh", [environment, "--apply"]);
  assert.equal(again.status, 0, again.output);
  assert.deepEqual([place.all.made.size, place.all.bindings.size], before);
});

test("accounts that are not known everywhere at once are waited for", async () => {
  const place = empty();
  place.all.unknown = 3;
  const { status, output } = await place.run("setup.sh", [environment, "--apply"]);
  assert.equal(status, 0, output);
  assert.match(output, /may not be known yet/);
  place.all.unknown = 1000;
  const never = await place.run("setup.sh", [environment, "--apply"]);
  assert.equal(never.status, 1);
  assert.match(never.output, /the right above could not be given/);
});

test("a provider that trusts other jobs is not taken for this environment's", async () => {
  const place = empty();
  assert.equal((await place.run("setup.sh", [environment, "--apply"])).status, 0);
  const { status, output } = await place.run("setup.sh", [environment, "--apply"], { GITHUB_REPOSITORY_ID: "4712" });
  assert.equal(status, 1);
  assert.match(output, /trusts other jobs \(assertion\.repository_id == '4711'/);
});

test("what fails in the middle ends it, and the next run goes on from there", async () => {
  const place = empty();
  place.all.faults = { "repositories create": "fail" };
  const first = await place.run("setup.sh", [environment, "--apply"]);
  assert.notEqual(first.status, 0);
  assert.equal(place.all.traffic, null);
  place.all.faults = {};
  assert.equal((await place.run("setup.sh", [environment, "--apply"])).status, 0);
});

for (const [name, args, env, said] of [
  ["no repository", [environment], { GITHUB_REPOSITORY_ID: "acme/orders" }, /number of the repository/],
  ["another word", [environment, "--force"], {}, /usage: setup\.sh ENVIRONMENT \[--apply\]/],
]) {
  test(`${name}: refused`, async () => {
    const place = empty();
    const { status, output } = await place.run("setup.sh", args, env);
    assert.equal(status, 1);
    assert.match(output, said);
    assert.deepEqual(place.all.calls, []);
  });
}

test("a project that cannot be read: who has to sign in", async () => {
  const place = empty();
  place.all.faults = { "projects describe": "fail" };
  const { status, output } = await place.run("setup.sh", [environment]);
  assert.equal(status, 1);
  assert.match(output, /sign in as its administrator/);
});
