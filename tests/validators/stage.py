"""Copies of the trees, what they hold by kind, and what tools need that is not a file: built overlays and `run` blocks.

Many trees hold the same files. The lists hold each content once, together with whatever else decides what a tool says
about it: the files that a script sources, everything that an overlay is built from.
"""

import concurrent.futures
import hashlib
import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable

import yaml

NOT_OURS = ("node_modules", ".git", "dist", ".seaworthy", "coverage")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Stage:
    """Paths are relative to `root` and start with the name of the tree."""

    def __init__(self, root: pathlib.Path, trees: list[pathlib.Path]):
        self.root = root
        self.broken: list[tuple[str, str]] = []
        # By kind of file: how many there are, and how many are left when identical ones count once.
        self.counts: dict[str, tuple[int, int]] = {}
        self.trees = [tree.resolve().name for tree in trees]
        if len(set(self.trees)) != len(self.trees):
            raise SystemExit(f"two trees have the same name: {self.trees}")
        self.all_files: list[str] = []
        for tree in trees:
            if not tree.is_dir():
                raise SystemExit(f"{tree} is not a folder")
            copy = root / tree.resolve().name
            shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(*NOT_OURS))
            self.all_files += sorted(str(path.relative_to(root)) for path in copy.rglob("*") if path.is_file())
        self.files = self._distinct("files", self.all_files)
        self.dockerfiles = self._distinct("Dockerfiles", self.named(DOCKERFILE))
        self.workflows = self._distinct("workflows", self.named(WORKFLOW))
        self.dependabot = self._distinct("dependabot files", self.named(r"[^/]+/\.github/dependabot\.ya?ml"))
        self.github = self._distinct_trees(r"[^/]+/\.github/.*")
        self.compose = self._distinct("compose files", self.named(COMPOSE))
        self.cloud_run = self._distinct("Cloud Run definitions", self.named(CLOUD_RUN))
        self.stacks = self._distinct("CloudFormation stacks", self.named(r"[^/]+/deploy/ecs/foundation\.yaml"))
        self.ecs = self._distinct("ECS definitions", self.named(r"[^/]+/deploy/ecs/(.*/)?[^/]+\.json"), self._stack_of)
        self.migrations = self._distinct("migrations", self.named(r"(.*/)?migrations/([^/]+/)?[^/]+\.sql"))
        scripts = [path for path in self.all_files if path.endswith(".sh") or self._has_shell_shebang(path)]
        self.scripts = self._distinct("scripts", scripts, self._sourced)
        self.manifests = self._distinct("built overlays", self._build_overlays())
        self.run_blocks = self._distinct("run blocks", self._extract_run_blocks(), named=False)

    def text(self, path: str) -> str:
        return (self.root / path).read_text(errors="replace")

    def objects(self, path: str) -> list[dict]:
        """Of a built overlay."""
        return [item for item in yaml.load_all(self.text(path), Loader=yaml.CSafeLoader) if item]

    def named(self, pattern: str) -> list[str]:
        return [path for path in self.all_files if re.fullmatch(pattern, path)]

    def _distinct(
        self, kind: str, paths: list[str], context: Callable[[str], Iterable[str]] = lambda _: (), named: bool = True
    ) -> list[str]:
        """The first of each content, with the contents of its context, and under each name where that matters."""
        first: dict[str, str] = {}
        for path in paths:
            name = path.rpartition("/")[2] if named else ""
            first.setdefault(digest([name, self.text(path), *context(path)]), path)
        seen, kept = self.counts.get(kind, (0, 0))
        self.counts[kind] = (seen + len(paths), kept + len(first))
        return list(first.values())

    def _distinct_trees(self, pattern: str) -> list[str]:
        """The first tree of each that have all these files in common."""
        held: dict[str, list[str]] = {}
        for path in self.named(pattern):
            tree, _, rest = path.partition("/")
            held.setdefault(tree, []).extend([rest, self.text(path)])
        first: dict[str, str] = {}
        for tree, contents in held.items():
            first.setdefault(digest(contents), tree)
        return list(first.values())

    def _has_shell_shebang(self, path: str) -> bool:
        with open(self.root / path, "rb") as file:
            return bool(re.match(rb"#!.*\b(ba|da)?sh\b", file.readline()))

    def _sourced(self, path: str) -> list[str]:
        """What shellcheck reads along: everything beside a script that sources something."""
        if not re.search(r"^\s*(source|\.)\s", self.text(path), re.MULTILINE):
            return []
        folder = (self.root / path).parent
        return [other.read_text() for other in sorted(folder.glob("*.sh")) if other.name != pathlib.Path(path).name]

    def _stack_of(self, path: str) -> list[str]:
        """Parameters are compared with the stack that they are for."""
        stack = self.root / path.partition("/")[0] / "deploy/ecs/foundation.yaml"
        return [stack.read_text()] if path.endswith("/parameters.json") and stack.is_file() else []

    def _build_overlays(self) -> list[str]:
        """What each kustomization applies that is part of no other, as TREE/built-manifests/FOLDER.yaml.

        Each closure of files is built once.
        """
        folders = [path.rpartition("/") for path in self.all_files if path.rpartition("/")[2] in KUSTOMIZATIONS]
        parts = {part for folder, _, name in folders for part in self._parts(self.root / folder / name)}
        folders = [place for place in folders if (self.root / place[0]).resolve() not in parts]
        first: dict[str, tuple[str, str]] = {}
        for folder, _, name in folders:
            first.setdefault(digest([folder.partition("/")[2], *self._closure(folder)]), (folder, name))
        self.counts["kustomizations"] = (len(folders), len(first))
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            built = pool.map(lambda place: self._build(*place), first.values())
            return [path for path in built if path]

    def _build(self, folder: str, name: str) -> str | None:
        result = subprocess.run(["kubectl", "kustomize", folder], cwd=self.root, capture_output=True, text=True)
        if result.returncode != 0 or result.stderr:
            self.broken.append((f"{folder}/{name}", result.stderr.strip()))
            return None
        tree, _, rest = folder.partition("/")
        target = f"{tree}/built-manifests/{rest.replace('/', '.')}.yaml"
        (self.root / target).parent.mkdir(exist_ok=True)
        (self.root / target).write_text(result.stdout)
        return target

    def _parts(self, kustomization: pathlib.Path) -> list[pathlib.Path]:
        """The folders that a kustomization names."""
        named = re.findall(r"^\s*- (\.?[\w./-]+)$", kustomization.read_text(errors="replace"), re.MULTILINE)
        folders = [(kustomization.parent / entry).resolve() for entry in named]
        return [folder for folder in folders if folder.is_dir()]

    def _closure(self, folder: str) -> list[str]:
        """Names and contents of all files of a folder and of the folders that its kustomizations name."""
        contents, open_folders, seen = [], [self.root / folder], set()
        while open_folders:
            here = open_folders.pop().resolve()
            if here in seen or not here.is_dir():
                continue
            seen.add(here)
            for path in sorted(here.rglob("*")):
                if path.is_file():
                    text = path.read_text(errors="replace")
                    contents += [str(path.relative_to(here)), text]
                    if path.name in KUSTOMIZATIONS:
                        open_folders += self._parts(path)
        return contents

    def _extract_run_blocks(self) -> list[str]:
        """Each `run:` as TREE/run-blocks/WORKFLOW.JOB.STEP.sh, after a line that sets what `env:` gives it."""
        blocks = []
        for path in self.workflows:
            try:
                workflow = yaml.load(self.text(path), Loader=yaml.CSafeLoader)
            except yaml.YAMLError:
                continue  # The schema and GitHub's parser report it.
            for job_name, job in (workflow.get("jobs") or {}).items():
                for index, step in enumerate(job.get("steps") or []):
                    if "run" not in step or step.get("shell", "bash").split()[0] not in ("bash", "sh"):
                        continue
                    names = [name for scope in (workflow, job, step) for name in (scope.get("env") or {})]
                    names += ["CI", "HOME", "PATH"]
                    names += re.findall(r"\b(?:GITHUB|RUNNER)_[A-Z_]+", step["run"])
                    # An argument, since a constant would let shellcheck think that it knows the value.
                    given = " ".join(f'{name}="${{1}}"' for name in dict.fromkeys(names))
                    tree, _, _ = path.partition("/")
                    block = f"{tree}/run-blocks/{pathlib.Path(path).stem}.{job_name}.{index + 1}.sh"
                    (self.root / block).parent.mkdir(exist_ok=True)
                    (self.root / block).write_text(f"export {given}\n{step['run'].rstrip()}\n")
                    blocks.append(block)
        return blocks


DOCKERFILE = r"(.*/)?Dockerfile(\.(?!dockerignore$).*)?"
WORKFLOW = r"[^/]+/\.github/workflows/[^/]+\.ya?ml"
CLOUD_RUN = r"(.*/)?cloud-run/.*\.ya?ml"
COMPOSE = r"(.*/)?(docker-)?compose(\.[^/]+)?\.ya?ml"


def digest(texts: Iterable[str]) -> str:
    hashed = hashlib.sha256()
    for text in texts:
        hashed.update(f"{len(text)}\0{text}".encode())
    return hashed.hexdigest()
