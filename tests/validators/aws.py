"""What AWS itself takes: definitions of ECS against the models of its API that the AWS CLI is made of, and CloudFormation."""

import json
import pathlib

import yaml
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator


class Api:
    """The operations of one service of AWS."""

    def __init__(self, service: str):
        self.model = ServiceModel(Loader().load_service_model(service, "service-2"))

    def problems(self, operation: str, parameters: dict) -> list[str]:
        """What this operation would refuse: unknown, missing and mistyped fields, and values that are none of its list."""
        shape = self.model.operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        found = report.generate_report().splitlines() if report.has_errors() else []
        return found or list(unlisted(shape, parameters, operation))


def unlisted(shape: Shape, value, path: str):
    """Texts that are none of those that the model lists; its own validator lets them pass."""
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from unlisted(shape.members[name], part, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, part in enumerate(value):
            yield from unlisted(shape.member, part, f"{path}[{index}]")
    elif shape.type_name == "map":
        for name, part in value.items():
            yield from unlisted(shape.value, part, f"{path}.{name}")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"


def update_of(service: dict) -> dict:
    """As deploy.sh turns what makes a service into what changes it."""
    rest = {key: value for key, value in service.items() if key not in ("serviceName", "launchType")}
    return {"service": service.get("serviceName"), **rest}


def requests(path: str, content) -> list[tuple[str, str, dict]]:
    """The calls that a file of deploy/ecs is for: service of AWS, operation and parameters."""
    name = pathlib.PurePath(path).name
    if name.startswith("task-"):
        return [("ecs", "RegisterTaskDefinition", content)]
    if name in ("service.json", "worker.json"):
        return [("ecs", "CreateService", content), ("ecs", "UpdateService", update_of(content))]
    if name == "scaling-target.json":
        return [("application-autoscaling", "RegisterScalableTarget", content)]
    if name == "scaling-policy.json":
        return [("application-autoscaling", "PutScalingPolicy", content)]
    if name == "environment.json":
        container = {"name": "any", "environment": content}
        return [("ecs", "RegisterTaskDefinition", {"family": "any", "containerDefinitions": [container]})]
    if name == "parameters.json":
        return [("cloudformation", "CreateStack", {"StackName": "any", "Parameters": content})]
    return []


def missing_parameters(folder: pathlib.Path, parameters: list[dict]) -> list[str]:
    """Parameters of the stack that its file does not give, and such that it does not have."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((folder / "foundation.yaml").read_text(), Loader=loader)
    wanted, given = set(template["Parameters"]), {entry["ParameterKey"] for entry in parameters}
    return [f"{name} is in one of foundation.yaml and this file only" for name in sorted(wanted ^ given)]


def problems(root: pathlib.Path, path: str, apis: dict[str, Api]) -> list[tuple[str, str]]:
    """(rule, message) of a file."""
    try:
        content = json.loads((root / path).read_text())
    except ValueError as error:
        return [("parse-error", str(error))]
    found = []
    for service, operation, parameters in requests(path, content):
        if service not in apis:
            apis[service] = Api(service)
        found += [(operation, message) for message in apis[service].problems(operation, parameters)]
    if path.endswith("/parameters.json"):
        found += [("parameters", message) for message in missing_parameters((root / path).parent.parent, content)]
    return found
