"""Copies of the trees, what they hold by kind, and what tools need that is not a file: built overlays and `run` blocks."""

import pathlib
import re
import shutil
import subprocess

import yaml

NOT_OURS = ("node_modules", ".git", "dist", ".seaworthy", "coverage")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Stage:
    """Paths are relative to `root` and start with the name of the tree."""

    def __init__(self, root: pathlib.Path, trees: list[pathlib.Path]):
        self.root = root
        self.broken: list[tuple[str, str]] = []
        names = [tree.resolve().name for tree in trees]
        if len(set(names)) != len(names):
            raise SystemExit(f"two trees have the same name: {names}")
        for tree in trees:
            if not tree.is_dir():
                raise SystemExit(f"{tree} is not a folder")
            shutil.copytree(tree, root / tree.resolve().name, ignore=shutil.ignore_patterns(*NOT_OURS))
        self.files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        self.dockerfiles = self._named(r"(.*/)?Dockerfile(\..*)?")
        self.workflows = self._named(r"[^/]+/\.github/workflows/[^/]+\.ya?ml")
        self.dependabot = self._named(r"[^/]+/\.github/dependabot\.ya?ml")
        self.compose = self._named(r"(.*/)?(docker-)?compose(\.[^/]+)?\.ya?ml")
        self.migrations = self._named(r"(.*/)?migrations/[^/]+\.sql")
        self.scripts = [path for path in self.files if path.endswith(".sh") or self._has_shell_shebang(path)]
        self.trees = names
        self.manifests = self._build_overlays()
        self.run_blocks = self._extract_run_blocks()

    def text(self, path: str) -> str:
        return (self.root / path).read_text(errors="replace")

    def _named(self, pattern: str) -> list[str]:
        return [path for path in self.files if re.fullmatch(pattern, path)]

    def _has_shell_shebang(self, path: str) -> bool:
        with open(self.root / path, "rb") as file:
            return bool(re.match(rb"#!.*\b(ba|da)?sh\b", file.readline()))

    def _build_overlays(self) -> list[str]:
        """What each kustomization applies, as TREE/built-manifests/FOLDER.yaml."""
        built = []
        for path in self.files:
            folder, _, name = path.rpartition("/")
            if name not in KUSTOMIZATIONS:
                continue
            result = subprocess.run(["kubectl", "kustomize", folder], cwd=self.root, capture_output=True, text=True)
            if result.returncode != 0 or result.stderr:
                self.broken.append((path, result.stderr.strip()))
                continue
            tree, _, rest = folder.partition("/")
            target = f"{tree}/built-manifests/{rest.replace('/', '.')}.yaml"
            (self.root / target).parent.mkdir(exist_ok=True)
            (self.root / target).write_text(result.stdout)
            built.append(target)
        return built

    def _extract_run_blocks(self) -> list[str]:
        """Each `run:` as TREE/run-blocks/WORKFLOW.JOB.STEP.sh, after a line that sets what `env:` gives it."""
        blocks = []
        for path in self.workflows:
            try:
                workflow = yaml.safe_load(self.text(path))
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
