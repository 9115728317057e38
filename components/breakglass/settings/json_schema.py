"""The JSON Schema of an organisation file: ``stacks/org.schema.json`` is its output."""

import json
from typing import Any

from breakglass.settings.model import Organisation


def schema() -> dict[str, Any]:
    """The schema as a JSON document, draft 2020-12, field docstrings as descriptions."""
    document = Organisation.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Break-glass organisation",
        **document,
    }


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(), indent=2, sort_keys=False) + "\n"
