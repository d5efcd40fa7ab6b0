"""Cloud Run's definitions against the schema of its API, as Google's own client carries it: unknown fields, wrong types, and
annotations in places where the API does not take them.
"""

import json
import pathlib
import re

import yaml

DISCOVERY = "venv/lib/python*/site-packages/googleapiclient/discovery_cache/documents/run.v1.json"
# (apiVersion, kind): the schema, and whose annotations stand at which path.
KINDS = {
    ("serving.knative.dev/v1", "Service"): {"metadata": "Service", "spec.template.metadata": "Revision"},
    ("run.googleapis.com/v1", "Job"): {"metadata": "Job", "spec.template.metadata": "Execution"},
}
UNSUPPORTED = re.compile(r"^not supported (by|in) cloud run", re.IGNORECASE)


def problems(folder: pathlib.Path, text: str) -> list[str]:
    """What is wrong with the documents of one file."""
    schemas = json.loads(next(folder.glob(DISCOVERY)).read_text())["schemas"]
    found = []
    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        kind = (document.get("apiVersion"), document.get("kind"))
        if kind not in KINDS:
            found.append(f"{kind[0]} {kind[1]} is no object of Cloud Run")
            continue
        found += check(schemas, {"$ref": kind[1]}, document, "")
        for path, owner in KINDS[kind].items():
            found += annotations(schemas, at(document, path), owner, path)
    return found


def at(document: dict, path: str) -> dict:
    for name in path.split("."):
        document = document.get(name) or {}
    return document


def check(schemas: dict, schema: dict, value, path: str) -> list[str]:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    match schema.get("type"):
        case "object" if not isinstance(value, dict):
            return [f"{path}: {value!r} is no mapping"]
        case "object" if "additionalProperties" in schema:
            return [found for name, item in value.items() for found in check(schemas, schema["additionalProperties"], item, f"{path}.{name}")]
        case "object":
            return [found for name, item in value.items() for found in field(schemas, schema, name, item, f"{path}.{name}".lstrip("."))]
        case "array" if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        case "array":
            return [found for index, item in enumerate(value) for found in check(schemas, schema["items"], item, f"{path}[{index}]")]
    return scalar(schema, value, path)


def field(schemas: dict, schema: dict, name: str, value, path: str) -> list[str]:
    known = schema.get("properties", {}).get(name)
    if known is None:
        return [f"{path}: the API knows no such field"]
    if UNSUPPORTED.match(known.get("description", "")):
        return [f"{path}: not supported by Cloud Run"]
    return check(schemas, known, value, path)


def scalar(schema: dict, value, path: str) -> list[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    wanted = schema.get("type")
    if wanted == "integer" and not is_whole:
        return [f"{path}: {value!r} is no whole number"]
    if wanted == "boolean" and not isinstance(value, bool):
        return [f"{path}: {value!r} is not true or false"]
    if wanted == "string" and not isinstance(value, str):
        return [f"{path}: {value!r} is no text"]
    if wanted == "string" and schema.get("format") == "int64" and not value.isdigit():
        return [f"{path}: {value!r} is no number"]
    return []


def annotations(schemas: dict, metadata: dict, owner: str, path: str) -> list[str]:
    """The API lists which annotation stands on which kind of object."""
    text = schemas["ObjectMeta"]["properties"]["annotations"]["description"]
    owners = {key: [name.strip() for name in names.split(",")] for key, names in re.findall(r"\* `([^`]+)`: ([^.*]+)", text)}
    found = []
    for key in metadata.get("annotations") or {}:
        if key not in owners:
            found.append(f"{path}.annotations: the API knows no {key}")
        elif owner not in owners[key] and "All resources" not in owners[key]:
            found.append(f"{path}.annotations: {key} stands on {', '.join(filter(None, owners[key]))}, not on {owner}")
    return found
