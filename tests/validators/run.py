#!/usr/bin/env python3
"""Runs every validator, in its strictest form, over emitted trees.

    tests/validators/install.sh DIR
    tests/validators/run.py --tools DIR [--partial] TREE...

Prints how many files there are and how many of them differ, how many each tool checked, and every finding; appends the
counts to the file that SEAWORTHY_COUNTS names. Identical files are checked once, see stage.py. Exits 1 on a finding, on a tool that fails, on a file that a
tool should have checked and did not, on a comment that would silence a tool, and on an unused entry of skips.toml (not
with --partial, which is for some trees out of all).

The trees are copied first: tools look for configuration in parent folders, and some write beside what they read. A tool
is a function in tools.py that yields findings; what it may look at is in stage.py.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time

import skips
import stage
import tools


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True, type=pathlib.Path, help="the folder that install.sh filled")
    parser.add_argument("--partial", action="store_true", help="do not complain about unused skips")
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="validators-") as folder:
        staged = stage.Stage(pathlib.Path(folder), arguments.trees)
        results = run_all(arguments.tools.resolve(), staged)

    allowed = skips.Skips(pathlib.Path(__file__).with_name("skips.toml"))
    findings = [finding for result in results for finding in result.findings]
    left = [finding for finding in findings if not allowed.covers(finding)]
    for finding in sorted(left):
        print(finding)
    for kind, (files, distinct) in staged.counts.items():
        print(f"{kind:<22} {files:>5} there {distinct:>6} validated {files - distinct:>5} skipped as identical")
    for result in results:
        print(f"{result.tool:<22} {result.checked:>4} checked {len(result.findings):>4} found {result.seconds:6.1f} s")
    unused = [] if arguments.partial else allowed.unused()
    for entry in unused:
        print(f"skips.toml: nothing uses the skip of {entry['tool']} {entry['rule']}; delete it")
    used = sum(allowed.uses)
    print(f"{len(arguments.trees)} trees: {len(left)} findings, {used} skipped, {len(unused)} unused skips")
    report(staged, results, len(left))
    return 1 if left or unused else 0


def report(staged: stage.Stage, results: list[tools.Result], findings: int) -> None:
    path = os.environ.get("SEAWORTHY_COUNTS")
    if not path:
        return
    files, distinct = staged.counts["files"]
    counts = {"step": "validators", "trees": len(staged.trees), "files": files, "skipped_as_identical": files - distinct}
    counts |= {"checks": sum(result.checked for result in results), "findings": findings}
    with open(path, "a") as file:
        file.write(json.dumps(counts) + "\n")


def run_all(folder: pathlib.Path, staged: stage.Stage) -> list[tools.Result]:
    """Two at a time; the slowest one starts first."""

    def timed(tool) -> tools.Result:
        start = time.monotonic()
        try:
            checked, findings = tool(folder, staged)
        except Exception as error:  # A tool that cannot run has checked nothing.
            checked, findings = 0, [tools.Finding(tool.__name__, "crash", "-", 0, f"{type(error).__name__}: {error}")]
        return tools.Result(tool.__name__, checked, findings, time.monotonic() - start)

    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(timed, tools.ALL))


if __name__ == "__main__":
    sys.exit(main())
