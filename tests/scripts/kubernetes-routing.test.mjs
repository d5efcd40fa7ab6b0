// How requests come in, as a rendered tree (SEAWORTHY_TREE) has it: an HTTPRoute or an Ingress, and what deploy.sh wants set first.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { environment, scripts, version, workplace } from "./kubernetes-standin.mjs";

const isIngress = existsSync(join(scripts, "base/ingress.yaml"));
const overlay = join(scripts, "overlays", environment);
const emitted = readFileSync(join(overlay, "kustomization.yaml"), "utf8");
const placeholders = emitted.match(/\S+\.invalid$/gm);

test("there is a placeholder for all that only the team can know", () => {
  const host = new RegExp(`\\.${environment}\\.invalid$`);
  assert.match(placeholders.find((it) => host.test(it)) ?? "", host);
  assert.equal(placeholders.length, isIngress ? 3 : 1);
});

for (const placeholder of placeholders) {
  test(`${placeholder}, when nobody has set it: nothing is asked of the cluster`, async () => {
    const place = workplace();
    const others = emitted.replace(/\S+\.invalid$/gm, (it) => (it === placeholder ? it : "orders.example.org"));
    writeFileSync(place.overlay, others);
    const { status, output } = await place.run("deploy.sh", [environment, ...version("b")]);
    assert.equal(status, 1, output);
    assert.match(output, /kustomization\.yaml still has .* in \.invalid: set the real one/);
    if (isIngress) assert.ok(output.includes(placeholder), output);
    assert.equal(place.state.calls.filter((call) => call.startsWith("apply")).length, 0);
  });
}

test("an overlay has one way in, with its own host, that leads to the Service, and lets the door's pods reach the service's", () => {
  const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", overlay], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const objects = stdout.split(/^---\n/m);
  const ofKind = (kind) => objects.filter((text) => text.includes(`\nkind: ${kind}\n`));
  const routes = [...ofKind("HTTPRoute"), ...ofKind("Ingress")];
  assert.equal(routes.length, 1);
  const [route] = routes;
  const [service] = ofKind("Service");
  const [, port] = service.match(/ port: (\d+)\n/);
  const host = `${isIngress ? "" : "- "}\\S+\\.${environment}\\.invalid`;
  if (isIngress) {
    assert.match(route, /^ {2}ingressClassName: ingress-class\.invalid$/m);
    const [, ruled] = route.match(/^ {2}- host: (\S+)$/m);
    const [, certified] = route.match(/^ {2}- hosts:\n {4}- (\S+)$/m);
    assert.equal(ruled, certified);
    assert.match(ruled, new RegExp(`^${host}$`));
    assert.match(route, new RegExp(`number: ${port}$`, "m"));
    // What only one controller reads is nobody's default.
    assert.doesNotMatch(route, /annotations:/);
  } else {
    assert.match(route, new RegExp(`^ {2}${host}$`, "m"));
    assert.match(route, new RegExp(` port: ${port}$`, "m"));
  }
  const name = isIngress ? "ingress" : "gateway";
  const [policy] = ofKind("NetworkPolicy").filter((text) => text.includes(`\n  name: ${name}\n`));
  assert.match(policy, new RegExp(`kubernetes\\.io/metadata\\.name: ${isIngress ? "ingress-controller.invalid" : "gateway"}$`, "m"));
});

test("deploys may make the route that there is, and not the other", () => {
  const role = readFileSync(join(scripts, "base/setup/deployer-role.yaml"), "utf8");
  assert.equal(/\bingresses\b/.test(role), isIngress);
  assert.equal(/\bhttproutes\b/.test(role), !isIngress);
});
