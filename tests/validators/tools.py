"""The validators, each a function (folder of the tools, stage) -> (files checked, findings).

A tool gets all files of all trees at once: most of them take longer to start than to check.
"""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import tempfile

import aws
import cloud_run as cloud_run_api
from stage import COMPOSE, DOCKERFILE, WORKFLOW, Stage

KUBERNETES_VERSION = "1.35"
KUBERNETES_VALIDATE = pathlib.Path(__file__).with_name("kubernetes_validate_once.py")
POSTGRES_VERSION = "17"
# Groups of objects that Kubernetes itself has no schema for, and the npm package that types them.
CUSTOM_GROUPS = {
    "external-secrets.io": "@kubernetes-models/external-secrets",
    "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
    "keda.sh": "@kubernetes-models/keda",
    "networking.gke.io": "@kubernetes-models/gke",
}
# Comments by which an emitted file would silence a tool.
SILENCERS = re.compile(
    r"hadolint ignore=|zizmor: ignore|checkov:skip|shellcheck disable=|squawk-ignore|biome-ignore (lint|assist)|@ts-(ignore|nocheck|expect-error)"
)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    tool: str
    rule: str
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.tool} {self.rule}] {self.message}"


@dataclasses.dataclass
class Result:
    tool: str
    checked: int
    findings: list[Finding]
    seconds: float


class Failed(Exception):
    """The tool ended in a way that is neither clean nor findings."""


def run(stage: Stage, command: list, accept: tuple[int, ...] = (0, 1)) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"], "HOME": str(stage.root), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    command = [str(word) for word in command]
    result = subprocess.run(command, cwd=stage.root, env=environment, capture_output=True, text=True)
    if result.returncode not in accept:
        raise Failed(f"{command[0]} exited with {result.returncode}: {(result.stderr or result.stdout)[-2000:]}")
    return result


def unchecked(tool: str, wanted: list[str], seen: set[str]) -> list[Finding]:
    """Tools that skip what they cannot read must not look clean."""
    return [Finding(tool, "not-checked", path, 0, "the tool did not check this file") for path in wanted if path not in seen]


# checkov does not check a workflow that its own, older schema refuses, and says nothing. Its copy is changed where that
# schema is wrong; none of its checks reads these lines.
CHECKOV_SCHEMA_GAPS = [
    # Permissions that are newer than the schema.
    (re.compile(r"^(\s+)(attestations|artifact-metadata|models): .*$", re.MULTILINE), r"\1# \2"),
    # It takes an expression here for two things at once.
    (re.compile(r"(cancel-in-progress): \$\{\{.*\}\}"), r"\1: true"),
]


# Files that checkov looks at together: it compares every object with every other one, so time grows with the square.
CHECKOV_BATCH = 60


def checkov(folder: pathlib.Path, stage: Stage):
    wanted = sorted(stage.dockerfiles + stage.workflows + stage.manifests + stage.stacks)
    findings, seen = [], set()
    batches = [wanted[start : start + CHECKOV_BATCH] for start in range(0, len(wanted), CHECKOV_BATCH)]
    checkov_batches(folder, stage, batches, findings, seen)
    # On a busy machine it has left out one file of a thousand, and checked the same one when asked again.
    checkov_batches(folder, stage, [[path] for path in wanted if path not in seen], findings, seen)
    return len(seen), findings + unchecked("checkov", wanted, seen)


def checkov_batches(folder: pathlib.Path, stage: Stage, batches: list[list[str]], findings: list[Finding], seen: set[str]):
    for batch in batches:
        for report in checkov_reports(folder, stage, batch):
            for outcome in ("passed_checks", "failed_checks"):
                for check in report["results"][outcome]:
                    path = staged_path(check["file_path"], batch)
                    seen.add(path)
                    if outcome == "failed_checks":
                        message = f"{check['check_name']} ({check['resource']})"
                        findings.append(Finding("checkov", check["check_id"], path, check["file_line_range"][0], message))
            for path in report["results"]["parsing_errors"]:
                findings.append(Finding("checkov", "parse-error", staged_path(path, batch), 0, "checkov cannot parse this file"))


def checkov_reports(folder: pathlib.Path, stage: Stage, paths: list[str]) -> list[dict]:
    # A folder of its own, without raw manifests: patches are no whole objects, so Kubernetes is judged as built.
    with tempfile.TemporaryDirectory(prefix="checkov-") as root:
        for path in paths:
            text = stage.text(path)
            if path in stage.workflows:
                for gap, replacement in CHECKOV_SCHEMA_GAPS:
                    text = gap.sub(replacement, text)
            copy = pathlib.Path(root, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
        command = [folder / "venv/bin/checkov", "-d", root, "--framework", "dockerfile", "kubernetes", "github_actions", "cloudformation"]
        command += ["--skip-download", "--compact", "--output", "json"]
        reports = json.loads(run(stage, command).stdout)
    # Without anything to check it prints only a summary.
    return [report for report in (reports if isinstance(reports, list) else [reports]) if "results" in report]


def staged_path(path: str, known: list[str]) -> str:
    """checkov gives paths from its own folder, or with the name of that folder before them."""
    return next((name for name in known if path.endswith("/" + name)), path)


def zizmor(folder: pathlib.Path, stage: Stage):
    wanted = stage.workflows + stage.dependabot
    if not wanted:
        return 0, []
    command = [folder / "venv/bin/zizmor", "--offline", "--strict-collection", "--persona", "auditor", "--collect=all"]
    command += ["--no-config", "--format", "json"]
    findings, seen = [], set()
    # One tree at a time: a workflow that it cannot read ends a run, and must not hide the other trees.
    for tree in stage.github:
        result = run(stage, [*command, tree], accept=(0, 1, 11, 12, 13, 14))
        if result.returncode == 1:
            findings.append(Finding("zizmor", "unreadable", tree, 0, result.stderr.strip()))
            continue
        seen |= {match.strip() for match in re.findall(r"completed (.*)", result.stderr)}
        for entry in json.loads(result.stdout):
            primary = next(place for place in entry["locations"] if place["symbolic"]["kind"] == "Primary")
            path = primary["symbolic"]["key"]["Local"]["verbatim_path"]
            line = primary["concrete"]["location"]["start_point"]["row"] + 1
            message = f"{entry['desc']}: {primary['symbolic']['annotation']}"
            findings.append(Finding("zizmor", entry["ident"], path, line, message))
    return len(seen), findings + unchecked("zizmor", wanted, seen)


def hadolint(folder: pathlib.Path, stage: Stage):
    if not stage.dockerfiles:
        return 0, []
    command = [folder / "venv/bin/hadolint", "-t", "ignore", "--disable-ignore-pragma", "-f", "json", *stage.dockerfiles]
    found = json.loads(run(stage, command).stdout)
    findings = [Finding("hadolint", entry["code"], entry["file"], entry["line"], entry["message"]) for entry in found]
    return len(stage.dockerfiles), findings


def check_jsonschema(folder: pathlib.Path, stage: Stage):
    checked, findings = 0, []
    schemas = [
        ("vendor.github-workflows", stage.workflows),
        ("custom.github-workflows-require-timeout", stage.workflows),
        ("vendor.dependabot", stage.dependabot),
        ("vendor.compose-spec", stage.compose),
    ]
    for schema, files in schemas:
        if not files:
            continue
        command = [folder / "venv/bin/check-jsonschema", "--builtin-schema", schema, "--output-format", "json", *files]
        report = json.loads(run(stage, command).stdout)
        for entry in report.get("errors", []):
            message = f"{entry['path']}: {entry['message']}"
            findings.append(Finding("check_jsonschema", schema, entry["filename"], 0, message))
        for entry in report.get("parse_errors", []):
            findings.append(Finding("check_jsonschema", "parse-error", entry["filename"], 0, entry["message"]))
        checked += len(files)
    return checked, findings


def cfn_lint(folder: pathlib.Path, stage: Stage):
    """CloudFormation's own schemas, and the actions that policies name."""
    if not stage.stacks:
        return 0, []
    # A region, since schemas differ by region and nothing emitted depends on one.
    command = [folder / "venv/bin/cfn-lint", "--regions", "eu-central-1", "--format", "json", "--", *stage.stacks]
    found = json.loads(run(stage, command, accept=(0, 2, 4, 6, 8, 10, 12, 14)).stdout)
    findings = []
    for entry in found:
        line = entry["Location"]["Start"]["LineNumber"]
        findings.append(Finding("cfn_lint", entry["Rule"]["Id"], entry["Filename"], line, entry["Message"]))
    return len(stage.stacks), findings


def aws_models(_: pathlib.Path, stage: Stage):
    """Definitions of ECS as parameters of the calls that they are for."""
    apis: dict[str, aws.Api] = {}
    findings = []
    for path in stage.ecs:
        findings += [Finding("aws_models", rule, path, 0, message) for rule, message in aws.problems(stage.root, path, apis)]
        if not aws.requests(path, {}):
            findings.append(Finding("aws_models", "not-checked", path, 0, "no call is known that this file is for"))
    return len(stage.ecs), findings


def languageservice(folder: pathlib.Path, stage: Stage):
    """GitHub's own workflow parser."""
    if not stage.workflows:
        return 0, []
    output = run(stage, ["node", folder / "node/workflows.cjs", *stage.workflows]).stdout
    findings = []
    for path, line, message in re.findall(r"^(.*?):(\d+): (.*)$", output, re.MULTILINE):
        findings.append(Finding("languageservice", "diagnostic", path, int(line), message))
    return len(stage.workflows), findings


def kubernetes_validate(folder: pathlib.Path, stage: Stage):
    findings = [Finding("kubernetes_validate", "kustomize", path, 0, message) for path, message in stage.broken]
    if not stage.manifests:
        return 0, findings
    command = [folder / "venv/bin/python", KUBERNETES_VALIDATE, "--strict", "-k", KUBERNETES_VERSION, *stage.manifests]
    result = run(stage, command, accept=(0, 1, 2))
    passed = 0
    for line in (result.stdout + result.stderr).splitlines():
        unknown = re.match(r"WARN\s+(\S+)\s+Couldn't find schema for kind (\S+) with api version (\S+)", line)
        if unknown:
            path, kind, version = unknown.groups()
            if version.split("/")[0] in CUSTOM_GROUPS:
                passed += 1  # Judged by custom_resources.
                continue
            findings.append(Finding("kubernetes_validate", f"no-schema {version} {kind}", path, 0, line))
        elif line.startswith("INFO"):
            passed += 1
        elif line.strip():
            path = next((path for path in stage.manifests if path in line), "-")
            findings.append(Finding("kubernetes_validate", "invalid", path, 0, line))
    # Each object must have had an answer.
    objects = sum(1 for path in stage.manifests for _ in stage.objects(path))
    answers = passed + len(findings) - len(stage.broken)
    if answers < objects:
        findings.append(Finding("kubernetes_validate", "not-checked", "-", 0, f"{objects} objects, {answers} answers"))
    return objects, findings


def custom_resources(folder: pathlib.Path, stage: Stage):
    """Objects of the groups above, as TypeScript literals: the compiler refuses unknown, missing and mistyped fields."""
    # The first place of each: many overlays have the same ones.
    first: dict[str, tuple[str, dict]] = {}
    for path in stage.manifests:
        for item in stage.objects(path):
            if item.get("apiVersion", "").split("/")[0] in CUSTOM_GROUPS:
                first.setdefault(json.dumps(item), (path, item))
    if not first:
        return 0, []
    lines, places = [], []
    for literal, (path, item) in first.items():
        version, kind = item["apiVersion"], item["kind"]
        package = CUSTOM_GROUPS[version.split("/")[0]]
        lines.append(f'export const o{len(lines)}: import("{package}/{version}/{kind}").I{kind} = {literal};')
        places.append((path, f"{kind} {item['metadata']['name']}"))
    with tempfile.TemporaryDirectory(dir=folder / "node") as source:
        pathlib.Path(source, "objects.ts").write_text("\n".join(lines))
        command = [folder / "node/node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--types", ""]
        command += ["--module", "nodenext", pathlib.Path(source, "objects.ts")]
        output = run(stage, command, accept=(0, 1, 2)).stdout
    findings = []
    for line, message in re.findall(r"objects\.ts[(:](\d+)\D.*?error (.*)", output):
        path, name = places[int(line) - 1]
        findings.append(Finding("custom_resources", "invalid", path, 0, f"{name}: {message}"))
    if output.strip() and not findings:
        raise Failed(output[-2000:])
    return len(lines), findings


def cloud_run(folder: pathlib.Path, stage: Stage):
    findings = []
    for path in stage.cloud_run:
        for message in cloud_run_api.problems(folder, stage.text(path)):
            findings.append(Finding("cloud_run", "invalid", path, 0, message))
    return len(stage.cloud_run), findings


def shellcheck(folder: pathlib.Path, stage: Stage):
    checked, findings = 0, []
    strict = [folder / "venv/bin/shellcheck", "--norc", "-S", "style", "-o", "all", "-x", "-f", "json1"]
    # A run block has no shebang, and one line before it that is not its own.
    for files, extra, before in ((stage.scripts, [], 0), (stage.run_blocks, ["-s", "bash"], 1)):
        if not files:
            continue
        for entry in json.loads(run(stage, [*strict, *extra, *files]).stdout)["comments"]:
            rule, line = f"SC{entry['code']}", entry["line"] - before
            findings.append(Finding("shellcheck", rule, entry["file"], line, entry["message"]))
        checked += len(files)
    return checked, findings


def shfmt(folder: pathlib.Path, stage: Stage):
    checked, findings = 0, []
    for path in stage.scripts + stage.run_blocks:
        result = run(stage, [folder / "venv/bin/shfmt", "-d", "-i", "2", "-ci", path])
        if result.returncode != 0:
            findings.append(Finding("shfmt", "format", path, 0, (result.stdout or result.stderr).strip()))
        checked += 1
    return checked, findings


def squawk(folder: pathlib.Path, stage: Stage):
    if not stage.migrations:
        return 0, []
    # Every data access runs its migrations in transactions.
    options = ["--assume-in-transaction", f"--pg-version={POSTGRES_VERSION}", "--reporter", "json"]
    command = [folder / "node/node_modules/.bin/squawk", *options]
    found = json.loads(run(stage, [*command, *stage.migrations]).stdout)
    findings = [Finding("squawk", entry["rule_name"], entry["file"], entry["line"] + 1, entry["message"]) for entry in found]
    return len(stage.migrations), findings


def no_silencers(_: pathlib.Path, stage: Stage):
    """Emitted files carry no comment that silences a tool."""
    findings = []
    for path in stage.files:
        for number, line in enumerate(stage.text(path).splitlines(), 1):
            if SILENCERS.search(line):
                findings.append(Finding("no_silencers", "comment", path, number, line.strip()))
    return len(stage.files), findings


def something_to_check(_: pathlib.Path, stage: Stage):
    """Every tree has these kinds of file; a run that finds none of one has looked in the wrong place."""
    kinds = {"Dockerfile": DOCKERFILE, "workflow": WORKFLOW, "compose file": COMPOSE}
    findings = []
    for kind, pattern in kinds.items():
        having = {path.partition("/")[0] for path in stage.named(pattern)}
        findings += [Finding("something_to_check", "missing", tree, 0, f"no {kind}") for tree in stage.trees if tree not in having]
    return len(stage.trees), findings


ALL = [
    checkov,
    zizmor,
    check_jsonschema,
    kubernetes_validate,
    custom_resources,
    cloud_run,
    cfn_lint,
    aws_models,
    hadolint,
    languageservice,
    shellcheck,
    shfmt,
    squawk,
    no_silencers,
    something_to_check,
]
