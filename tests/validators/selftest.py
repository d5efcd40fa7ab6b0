#!/usr/bin/env python3
"""Shows that each validator really fails: one broken file per row, found by the tool and the rule that the row names.

    tests/validators/selftest.py --tools DIR

The trees are copies of the small fixtures of the review's tests with one fault each. Every tool runs once over all of
them; a tool without a fault, a fault that is not found, and one that is also found in the tree without it, fail.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import run
import stage
import tools

FIXTURES = pathlib.Path(__file__).parent.parent / "review/fixtures"
WORKFLOW = ".github/workflows/deploy.yml"
STACK = "deploy/ecs/foundation.yaml"
TASK = "deploy/ecs/task-service.json"
SERVICE = "deploy/ecs/production/service.json"
DEPLOYMENT = "deploy/kubernetes/base/deployment.yaml"
RUN = "deploy/cloud-run/production/service.yaml"

# Files that the fixtures lack, and the validators look at.
EXTRA = {
    ".github/dependabot.yml": "version: 2\nupdates:\n  - package-ecosystem: npm\n    directory: /\n    schedule:\n      interval: weekly\n    cooldown:\n      default-days: 7\n",
    "deploy/scripts/check.sh": '#!/usr/bin/env bash\nset -euo pipefail\nhere=$(dirname "$0")\n# shellcheck source-path=SCRIPTDIR source=lib.sh\nsource "${here}/lib.sh"\necho "${what}"\n',
    "deploy/scripts/lib.sh": "#!/usr/bin/env bash\nwhat=checked\nexport what\n",
    "migrations/0001_notes.sql": "CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY);\n",
}

# (tool, rule, file, text to replace or None to append, new text)
FAULTS = [
    ("hadolint", "DL3020", "Dockerfile", None, "ADD . /app\n"),
    ("checkov", "CKV_DOCKER_1", "Dockerfile", "EXPOSE 3000", "EXPOSE 22"),
    ("checkov", "CKV_K8S_16", DEPLOYMENT, "          securityContext:\n", "          securityContext:\n            privileged: true\n"),
    ("checkov", "CKV_GHA_2", WORKFLOW, 'run: ssh "$TARGET"', "run: echo ${{ github.event.issue.title }}"),
    # Silent in checkov itself: it refuses the file and says nothing.
    ("checkov", "not-checked", WORKFLOW, "      contents: read", "      contents: reed"),
    # Another text than above: what is identical is looked at in one tree only.
    ("zizmor", "template-injection", WORKFLOW, 'run: ssh "$TARGET"', "run: echo ${{ github.event.pull_request.title }}"),
    ("zizmor", "unpinned-uses", WORKFLOW, "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7"),
    ("zizmor", "dependabot-cooldown", ".github/dependabot.yml", "default-days: 7", "default-days: 1"),
    ("check_jsonschema", "vendor.github-workflows", WORKFLOW, "    runs-on:", "    run-on:"),
    ("check_jsonschema", "custom.github-workflows-require-timeout", WORKFLOW, "    timeout-minutes: 5\n", ""),
    ("check_jsonschema", "vendor.dependabot", ".github/dependabot.yml", "interval: weekly", "interval: hourly"),
    ("check_jsonschema", "vendor.compose-spec", "compose.yaml", "    healthcheck:", "    healthchek:"),
    ("check_jsonschema", "parse-error", "compose.dev.yaml", "services:", "services: ]"),
    ("languageservice", "diagnostic", WORKFLOW, "needs: build\n", "needs: bild\n"),
    ("languageservice", "diagnostic", WORKFLOW, "secrets.DEPLOY_TOKEN", "secret.DEPLOY_TOKEN"),
    ("kubernetes_validate", "invalid", DEPLOYMENT, "  replicas: 2", "  replica: 2"),
    ("kubernetes_validate", "no-schema apps/v2 Deployment", DEPLOYMENT, "apiVersion: apps/v1", "apiVersion: apps/v2"),
    ("kubernetes_validate", "kustomize", "deploy/kubernetes/base/kustomization.yaml", "- service.yaml", "- services.yaml"),
    # Seen in the overlays, whose own files are like those of the good tree.
    ("kubernetes_validate", "invalid", "deploy/kubernetes/base/policy.yaml", "maxUnavailable: 1", "maxUnavailable: []"),
    ("custom_resources", "invalid", "deploy/kubernetes/base/secret.yaml", "remoteRef:", "remoteReference:"),
    ("cloud_run", "invalid", RUN, "containerConcurrency: 80", "containerConcurrent: 80"),
    ("cloud_run", "invalid", RUN, "timeoutSeconds: 30", 'timeoutSeconds: "30"'),
    ("cloud_run", "invalid", RUN, "run.googleapis.com/ingress: all", 'autoscaling.knative.dev/minScale: "1"'),
    ("cloud_run", "invalid", RUN, "          ports:", "          securityContext: {}\n          ports:"),
    ("cloud_run", "invalid", RUN, "kind: Service", "kind: Deployment"),
    ("checkov", "CKV_AWS_66", STACK, "      RetentionInDays: 30\n", ""),
    ("cfn_lint", "E3002", STACK, "RetentionInDays", "RetentionDays"),
    ("cfn_lint", "W3037", STACK, "logs:PutLogEvents", "logs:PutLogs"),
    ("aws_models", "RegisterTaskDefinition", TASK, "readonlyRootFilesystem", "readOnlyRootFilesystem"),
    ("aws_models", "RegisterTaskDefinition", TASK, '"awsvpc"', '"awsvpcs"'),
    ("aws_models", "CreateService", SERVICE, '"serviceName"', '"name"'),
    ("aws_models", "UpdateService", SERVICE, '"desiredCount": 2', '"desiredCount": "2"'),
    ("aws_models", "parse-error", SERVICE, '"desiredCount": 2,', '"desiredCount": 2'),
    ("aws_models", "parameters", "deploy/ecs/production/parameters.json", '"VpcId"', '"VpcID"'),
    ("aws_models", "not-checked", "deploy/ecs/production/notes.json", None, "[]"),
    ("shellcheck", "SC2086", "deploy/scripts/check.sh", None, "echo $1\n"),
    # In a file that is like the one of the good tree, because of what it sources.
    ("shellcheck", "SC2154", "deploy/scripts/lib.sh", "what=checked\nexport what", "where=checked\nexport where"),
    ("shellcheck", "SC2086", WORKFLOW, "run: npm test", "run: echo $HOME"),
    ("shfmt", "format", "deploy/scripts/check.sh", None, "if true; then\n        echo 1\nfi\n"),
    ("shfmt", "format", WORKFLOW, "run: npm test", "run: npm   test"),
    ("squawk", "adding-required-field", "migrations/0001_notes.sql", None, "ALTER TABLE notes ADD COLUMN a bigint NOT NULL;\n"),
    ("squawk", "syntax-error", "migrations/0001_notes.sql", None, "CREAT TABLE;\n"),
    ("no_silencers", "comment", "Dockerfile", None, "# hadolint ignore=DL3020\n"),
    ("something_to_check", "missing", "Dockerfile", None, None),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True, type=pathlib.Path, help="the folder that install.sh filled")
    folder = parser.parse_args().tools.resolve()

    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        root = pathlib.Path(scratch, "trees")
        good = root / "good"
        shutil.copytree(FIXTURES / "good-compose", good)
        for tree in ("good-kubernetes", "good-cloud-run", "good-ecs"):
            shutil.copytree(FIXTURES / tree / "deploy", good / "deploy", dirs_exist_ok=True)
        for path, text in EXTRA.items():
            (good / path).parent.mkdir(parents=True, exist_ok=True)
            (good / path).write_text(text)
        for index, (_, _, path, old, new) in enumerate(FAULTS):
            # Building overlays takes longest: only faults in them bring them along.
            leave = None if path.startswith("deploy/kubernetes") else shutil.ignore_patterns("kubernetes")
            shutil.copytree(good, root / f"fault{index:02}", ignore=leave)
            damage(root / f"fault{index:02}" / path, old, new)
        staged_root = pathlib.Path(scratch, "stage")
        staged_root.mkdir()
        results = run.run_all(folder, stage.Stage(staged_root, [good, *sorted(root.glob("fault*"))]))

    found = {(finding.tool, finding.rule, finding.path.split("/")[0]) for result in results for finding in result.findings}
    failures = [f"{finding}" for result in results for finding in result.findings if finding.rule == "crash"]
    for index, (tool, rule, path, _, _) in enumerate(FAULTS):
        if (tool, rule, f"fault{index:02}") not in found:
            failures.append(f"{tool} does not report {rule} for the fault in {path} (row {index})")
        if (tool, rule, "good") in found:
            failures.append(f"{tool} reports {rule} without the fault, too (row {index})")
    failures += [f"no fault for {tool.__name__}" for tool in tools.ALL if tool.__name__ not in {fault[0] for fault in FAULTS}]
    print("\n".join([*failures, f"{len(FAULTS)} faults, {len(failures)} failures"]))
    return 1 if failures else 0


def damage(path: pathlib.Path, old: str | None, new: str | None) -> None:
    if new is None:
        path.unlink()
        return
    text = path.read_text() if path.exists() else ""
    if old is not None and old not in text:
        raise SystemExit(f"{old!r} is not in {path}")
    path.write_text(text + new if old is None else text.replace(old, new, 1))


if __name__ == "__main__":
    sys.exit(main())
