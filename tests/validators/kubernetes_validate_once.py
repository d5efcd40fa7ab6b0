"""kubernetes-validate, unchanged but for one thing: what it reads is read once.

It reads 2 MB of schemas for every object, which is nine tenths of its time over thousands of them. Takes the arguments of
kubernetes-validate; called with the Python that has it.
"""

import functools
import sys

import yaml
from kubernetes_validate import __main__ as command
from kubernetes_validate import utils

make_validator = utils.jsonschema.validators.Draft202012Validator
validators = {}


def validator(schema: dict, registry):
    # The schema is the same object each time, so that its address names it.
    return validators.setdefault(id(schema), make_validator(schema, registry=registry))


utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)
utils.all_versions = functools.lru_cache(maxsize=None)(utils.all_versions)
utils.jsonschema.validators.Draft202012Validator = validator
# The same loader in C.
utils.yaml.SafeLoader = yaml.CSafeLoader

if __name__ == "__main__":
    sys.exit(command.main())
