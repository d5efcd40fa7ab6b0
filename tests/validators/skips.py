"""The one list of findings that are let through."""

import fnmatch
import pathlib
import tomllib


class Skips:
    def __init__(self, path: pathlib.Path):
        self.entries = tomllib.loads(path.read_text()).get("skip", [])
        for entry in self.entries:
            unknown = set(entry) - {"tool", "rule", "path", "reason"}
            missing = {"tool", "rule", "reason"} - set(entry)
            if unknown or missing:
                raise ValueError(f"{path}: {entry}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        self.uses = [0] * len(self.entries)

    def covers(self, finding) -> bool:
        for index, entry in enumerate(self.entries):
            fits = (entry["tool"], entry["rule"]) == (finding.tool, finding.rule)
            if fits and fnmatch.fnmatch(finding.path, entry.get("path", "*")):
                self.uses[index] += 1
                return True
        return False

    def unused(self) -> list[dict]:
        return [entry for entry, uses in zip(self.entries, self.uses) if uses == 0]
