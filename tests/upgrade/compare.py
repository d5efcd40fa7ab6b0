#!/usr/bin/env python3
"""Runs the cases of the conformance suite through copier and cruft, beside this tool, and writes the table of who keeps what.

    tests/upgrade/compare.py --tools VENV [--output docs/UPGRADES.md]

VENV is a virtual environment with copier and cruft in it (`tests/run.sh compare` makes one). All three get the same base,
the same user's changes and the same news, and are judged by the same measures, which look at the trees alone.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
ENVIRONMENT = {
    **{key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ},
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_NOSYSTEM": "1",
}
OWN = {".git", ".seaworthy", ".copier-answers.yml", ".cruft.json"}
MARKER = re.compile(rb"^(<<<<<<<|>>>>>>>)", re.M)


def run(command, cwd, home):
    environment = {**ENVIRONMENT, "HOME": str(home)}
    # Nobody answers: a tool that asks has to do without.
    return subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
    )


def git(cwd, home, *arguments):
    done = run(["git", "-c", "core.autocrlf=false", *arguments], cwd, home)
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.decode()}")


def tree(root):
    """Path to (bytes, executable) of the files below root; links as (target, None)."""
    found = {}
    if not root.is_dir():
        return found
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] in OWN or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink():
            found[str(name)] = (os.readlink(path).encode(), None)
        else:
            found[str(name)] = (path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return found


def replace(root, side):
    """Makes root hold the files of side and nothing else beside the tools' own."""
    for path in root.iterdir():
        if path.name in OWN:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if side.is_dir():
        shutil.copytree(side, root, symlinks=True, dirs_exist_ok=True)


class Copier:
    name = "copier"

    def __init__(self, tools):
        self.program = tools / "bin" / "copier"

    def upgrade(self, case, policy, work):
        template, project = work / "template", work / "project"
        template.mkdir()
        git(template, work, "init", "-q")
        once = [path for path, value in policy.items() if value == "once"]
        for tag, side in (("1.0.0", "base"), ("2.0.0", "theirs")):
            replace(template, case / side)
            (template / "copier.yml").write_text(f"_skip_if_exists: {json.dumps(once)}\n_templates_suffix: .rendered\n")
            (template / "{{ _copier_conf.answers_file }}.rendered").write_text("{{ _copier_answers|to_nice_yaml }}")
            git(template, work, "add", "-A", "-f")
            git(template, work, "commit", "-q", "--allow-empty", "-m", tag)
            git(template, work, "tag", tag)
        done = run([self.program, "copy", "-q", "--defaults", "--vcs-ref", "1.0.0", str(template), str(project)], work, work)
        if done.returncode != 0:
            return None, done.stderr.decode()
        self.commit(project, case, work)
        done = run([self.program, "update", "-q", "--defaults", "--vcs-ref", "2.0.0", "--conflict", "inline"], project, work)
        return done.returncode, done.stderr.decode()

    @staticmethod
    def commit(project, case, work):
        git(project, work, "init", "-q")
        git(project, work, "add", "-A", "-f")
        git(project, work, "commit", "-q", "-m", "emitted")
        replace(project, case / "yours")
        git(project, work, "add", "-A", "-f")
        git(project, work, "commit", "-q", "--allow-empty", "-m", "edited")


class Cruft:
    name = "cruft"

    def __init__(self, tools):
        self.program = tools / "bin" / "cruft"

    def upgrade(self, case, policy, work):
        template, project = work / "template", work / "project"
        inner = template / "{{cookiecutter.name}}"
        inner.mkdir(parents=True)
        git(template, work, "init", "-q")
        (template / "cookiecutter.json").write_text('{"name": "project", "_copy_without_render": ["*"]}')
        for tag, side in (("1.0.0", "base"), ("2.0.0", "theirs")):
            replace(inner, case / side)
            git(template, work, "add", "-A", "-f")
            git(template, work, "commit", "-q", "--allow-empty", "-m", tag)
            git(template, work, "tag", tag)
        environment = [self.program, "create", "--no-input", "--checkout", "1.0.0", str(template)]
        once = [path for path, value in policy.items() if value == "once"]
        for path in once:
            environment += ["--skip", path]
        done = run(environment, work, work)
        if done.returncode != 0:
            return None, done.stderr.decode() + done.stdout.decode()
        Copier.commit(project, case, work)
        done = run([self.program, "update", "-y", "--checkout", "2.0.0"], project, work)
        return done.returncode, done.stderr.decode() + done.stdout.decode()


def lines(data):
    """The lines of a text, whatever its line endings; a binary file is one line."""
    if b"\0" in data:
        return Counter([data])
    return Counter(line.rstrip(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))


def all_lines(files):
    total = Counter()
    for data, _ in files.values():
        total += lines(data)
    return total


def judge(case, exit_code, result):
    """What went wrong, in the order of weight; nothing when the result is the expected tree or as good."""
    with open(case / "case.toml", "rb") as file:
        expected_exit = tomllib.load(file)["exit"]
    base, yours, theirs, expected = (tree(case / side) for side in ("base", "yours", "theirs", "expected"))
    if result == expected and (exit_code != 0) == (expected_exit != 0):
        return []
    wrong = []
    # What the user added, and a right upgrade keeps (a bump that a newer one replaces is not among it).
    added = (all_lines(yours) - all_lines(base)) & all_lines(expected)
    if added - all_lines(result):
        wrong.append("loses an edit")
    if any(path in base and path not in yours and path not in expected and path in result for path in base):
        wrong.append("brings a deleted file back")
    if any(path in yours and path in expected and path not in result for path in yours):
        wrong.append("deletes a file of the user")
    conflicted = {path for path, (data, _) in result.items() if MARKER.search(data) or path.endswith(".rej")}
    expects = {path for path, (data, _) in expected.items() if MARKER.search(data)}
    if conflicted and not expects:
        wrong.append("conflict without need")
    if conflicted and exit_code == 0:
        wrong.append("exit 0 with a conflict")
    news = (all_lines(theirs) - all_lines(base)) & all_lines(expected)
    if expected_exit in (0, 4) and news - all_lines(result):
        wrong.append("misses the news")
    if expected_exit == 5 and exit_code == 0 and not conflicted:
        wrong.append("goes on without asking")
    if not wrong and shape(result, expected):
        wrong.append("changes line endings or modes")
    return wrong or ["another result"]


def shape(result, expected):
    same = [path for path in expected if path in result and lines(result[path][0]) == lines(expected[path][0])]
    return any(result[path] != expected[path] for path in same)


def own_results(folder):
    """Runs the suite of this tool, and has it leave its results."""
    environment = {**os.environ, "CASES_OUT": str(folder)}
    subprocess.run(["cargo", "test", "--quiet", "--test", "upgrade", "every_case"], cwd=REPOSITORY, env=environment, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    cases = sorted((HERE / "cases").iterdir())
    others = [Copier(options.tools), Cruft(options.tools)]
    rows, totals = [], {name: Counter() for name in ("seaworthy", "copier", "cruft")}
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / "own"
        own_results(own)
        for case in cases:
            with open(case / "case.toml", "rb") as file:
                described = tomllib.load(file)
            verdicts = {"seaworthy": judge(case, int((own / case.name / "exit").read_text()), tree(own / case.name / "tree"))}
            for tool in others:
                verdicts[tool.name] = verdict(tool, case, described.get("policy", {}))
            for name, wrong in verdicts.items():
                totals[name].update(wrong or ["right"])
            rows.append((described["title"], case.name, verdicts))
            print(case.name, verdicts, file=sys.stderr)
    text = report(rows, totals, others)
    if options.output:
        options.output.write_text(text)
    else:
        print(text)


def verdict(tool, case, policy):
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        try:
            exit_code, said = tool.upgrade(case, policy, work)
        except subprocess.TimeoutExpired:
            return ["does not end"]
        if exit_code is None:
            raise RuntimeError(f"{tool.name} cannot make the base of {case.name}: {said}")
        return judge(case, exit_code, tree(work / "project"))


def version(tool):
    done = subprocess.run([tool.program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
    if found:
        return found.group()
    listed = subprocess.run([tool.program.parent / "pip", "show", tool.name], capture_output=True, text=True, check=True)
    return re.search(r"^Version: (.*)$", listed.stdout, re.M).group(1)


def report(rows, totals, others):
    versions = ", ".join(f"{tool.name} {version(tool)}" for tool in others)
    head = f"""# Who keeps what in an upgrade

The cases of `tests/upgrade/cases` (base, the user's changes, the news, and the tree that is right), run through this tool and
through {versions}. `tests/run.sh compare` writes this page. The cases were chosen by the authors of this tool, and the
right tree is their opinion too: read a case before you quote its row. The others are general: they know no ids, no
structure and no pins, and promise none of that.

| | """ + " | ".join(totals) + " |\n|---|" + "---|" * len(totals) + "\n"
    kinds = ["right", *sorted({kind for total in totals.values() for kind in total} - {"right"})]
    for kind in kinds:
        head += f"| {kind} | " + " | ".join(str(total[kind]) for total in totals.values()) + " |\n"
    head += "\nA row can be wrong in more than one way.\n\n| case | " + " | ".join(totals) + " |\n|---|" + "---|" * len(totals) + "\n"
    for title, name, verdicts in rows:
        cells = [", ".join(wrong) or "right" for wrong in verdicts.values()]
        head += f"| [{title}](../tests/upgrade/cases/{name}) | " + " | ".join(cells) + " |\n"
    return head


if __name__ == "__main__":
    main()
