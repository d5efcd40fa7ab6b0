"""Checks the custom resources that kubernetes-validate has no schema for: only known fields, required ones there.

usage: custom_resources.py FILE...   (manifests, or the output of `kubectl kustomize`)

The schemas hold the fields that are emitted, not all that exist: a new field is added here on purpose, after a look at
the definition of its version (Gateway API v1.6, External Secrets v2.9, GKE).
"""

import sys

import jsonschema
import yaml

NAME = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "maxLength": 253}
TEXT = {"type": "string", "minLength": 1}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}


def fields(required, **optional):
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def many(items):
    return {"type": "array", "minItems": 1, "items": items}


def const(value):
    return {"const": value}


ACCOUNT = fields({"name": NAME})
PROVIDERS = {
    "aws": fields(
        {
            "service": const("SecretsManager"),
            "region": {"type": "string", "pattern": r"^[a-z]{2}(-[a-z]+)+-\d$"},
            "auth": fields({"jwt": fields({"serviceAccountRef": ACCOUNT})}),
        }
    ),
    "gcpsm": fields({"projectID": TEXT, "auth": fields({"workloadIdentity": fields({"serviceAccountRef": ACCOUNT})})}),
    "azurekv": fields(
        {
            "authType": const("WorkloadIdentity"),
            "vaultUrl": {"type": "string", "pattern": "^https://"},
            "serviceAccountRef": ACCOUNT,
        }
    ),
    "vault": fields(
        {
            "server": {"type": "string", "pattern": "^https://"},
            "path": TEXT,
            "version": {"enum": ["v1", "v2"]},
            "auth": fields({"kubernetes": fields({"mountPath": TEXT, "role": TEXT, "serviceAccountRef": ACCOUNT})}),
        }
    ),
}

SPECS = {
    ("external-secrets.io/v1", "ExternalSecret"): fields(
        {
            "refreshInterval": {"type": "string", "pattern": r"^\d+[smh]$"},
            "secretStoreRef": fields({"kind": {"enum": ["SecretStore", "ClusterSecretStore"]}, "name": NAME}),
            "target": fields(
                {
                    "name": NAME,
                    "template": fields(
                        {"data": {"type": "object", "minProperties": 1, "additionalProperties": TEXT}}, type=TEXT
                    ),
                }
            ),
            "data": many(
                fields(
                    {
                        "secretKey": {"type": "string", "pattern": r"^[-._a-zA-Z0-9]+$"},
                        "remoteRef": fields({"key": TEXT, "property": TEXT}),
                    }
                )
            ),
        }
    ),
    ("external-secrets.io/v1", "SecretStore"): fields(
        {
            "provider": {
                "type": "object",
                "properties": PROVIDERS,
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            }
        }
    ),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): fields(
        {
            "parentRefs": many(fields({"name": NAME}, namespace=NAME, sectionName=NAME)),
            "hostnames": many(NAME),
            "rules": many(
                fields(
                    {
                        "matches": many(
                            fields(
                                {
                                    "path": fields(
                                        {
                                            "type": {"enum": ["Exact", "PathPrefix"]},
                                            "value": {"type": "string", "pattern": "^/"},
                                        }
                                    )
                                }
                            )
                        ),
                        "backendRefs": many(fields({"name": NAME, "port": PORT})),
                    }
                )
            ),
        }
    ),
    ("networking.gke.io/v1", "HealthCheckPolicy"): fields(
        {
            "targetRef": fields({"group": const(""), "kind": const("Service"), "name": NAME}),
            "default": fields(
                {
                    "checkIntervalSec": {"type": "integer", "minimum": 1, "maximum": 300},
                    "timeoutSec": {"type": "integer", "minimum": 1, "maximum": 300},
                    "healthyThreshold": {"type": "integer", "minimum": 1, "maximum": 10},
                    "unhealthyThreshold": {"type": "integer", "minimum": 1, "maximum": 10},
                    "config": fields(
                        {
                            "type": const("HTTP"),
                            "httpHealthCheck": fields(
                                {
                                    "portSpecification": const("USE_SERVING_PORT"),
                                    "requestPath": {"type": "string", "pattern": "^/"},
                                }
                            ),
                        }
                    ),
                }
            ),
        }
    ),
}
GROUPS = {version.split("/")[0] for version, _ in SPECS}


def problems(document):
    """What is wrong with one document; nothing for the kinds of Kubernetes itself."""
    version, kind = document.get("apiVersion", ""), document.get("kind", "")
    if (version, kind) not in SPECS:
        if version.split("/")[0] in GROUPS:
            yield f"no schema for {kind} {version}"
        return
    whole = fields(
        {
            "apiVersion": const(version),
            "kind": const(kind),
            "metadata": fields({"name": NAME, "namespace": NAME}, labels={"type": "object"}, annotations={"type": "object"}),
            "spec": SPECS[version, kind],
        }
    )
    for error in jsonschema.Draft202012Validator(whole).iter_errors(document):
        yield f"{error.json_path}: {error.message}"


def main(paths):
    checked, found = 0, 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            documents = [document for document in yaml.safe_load_all(file) if document]
        for document in documents:
            checked += (document.get("apiVersion"), document.get("kind")) in SPECS
            for problem in problems(document):
                found += 1
                print(f"{path}: {document['kind']} {document.get('metadata', {}).get('name')}: {problem}")
    print(f"{checked} custom resources, {found} problems")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
