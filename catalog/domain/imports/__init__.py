"""Reading what exists: one file of a stranger becomes a draft, or a sentence that says why it cannot be imported.

The format is told by the content; the name of the file only says what to try first. Nothing here raises for any bytes, opens
another file or asks the network. What leaves a reader holds no value that looks like a secret.
"""

from dataclasses import replace
from typing import Any

from catalog.domain.imports import airflow, backstage, kafka_connect, n8n, node_red, openapi
from catalog.domain.imports.drafts import FileDraft, NotImported, as_json, from_json, once
from catalog.domain.imports.loading import json_of, measured, properties_of, text_of, yaml_of

__all__ = ["FileDraft", "NotImported", "as_json", "from_json", "read_file"]

KINDS = "n8n, Node-RED, Backstage, OpenAPI, AsyncAPI, Kafka Connect and Airflow (dag-factory)"
_UNKNOWN = f"The content is of no kind that is imported: {KINDS}."


def read_file(path: str, content: bytes) -> FileDraft | str:
    """What the file says, or why it cannot be imported, in one sentence. `path` names it and gives a title where none is inside."""
    try:
        return once(_read(path, text_of(content)))
    except NotImported as reason:
        return str(reason)
    except (RecursionError, MemoryError):
        return "It is nested too deeply."


def _read(path: str, text: str) -> FileDraft:
    if text.lstrip()[0] in '{["':
        return _from_json(path, text)
    if text.lstrip().startswith(("curl ", "#!/")):
        raise NotImported("This is a shell script; save the configuration in it as a file of its own.")
    properties = properties_of(text)
    if properties and kafka_connect.CLASS in properties:
        return kafka_connect.read([(properties.get("name", ""), properties)], path)
    if path.lower().endswith(".json"):
        return _from_json(path, text)
    if not path.lower().endswith((".yaml", ".yml")) and "." in path.rpartition("/")[2]:
        return _guessed(path, text)
    return _from_yaml(path, text)


def _guessed(path: str, text: str) -> FileDraft:
    """A file with some other ending may be YAML all the same; if it is not, its kind is unknown, not its YAML broken."""
    try:
        return _from_yaml(path, text)
    except NotImported:
        raise NotImported(_UNKNOWN) from None


def _from_json(path: str, text: str) -> FileDraft:
    try:
        value, remark = json_of(text)
    except NotImported:
        if path.lower().endswith((".yaml", ".yml")):  # a flow mapping, a list in brackets, a template
            return _from_yaml(path, text)
        raise
    draft = _of_value(path, value)
    return replace(draft, remarks=(remark, *draft.remarks)) if remark else draft


def _from_yaml(path: str, text: str) -> FileDraft:
    documents = [document for document in yaml_of(text) if document is not None]
    entities = backstage.entities_in(documents)
    if entities:
        return backstage.read(entities, path)
    if len(documents) == 1:
        measured(documents[0])
        dags = airflow.dags_in(documents)
        return airflow.read(dags, path) if dags is not None else _of_value(path, documents[0])
    connectors = kafka_connect.connectors_in(documents)
    if connectors:
        return kafka_connect.read(connectors, path)
    raise NotImported(_UNKNOWN if documents else "The file is empty.")


def _of_value(path: str, value: Any) -> FileDraft:
    if not value:
        raise NotImported("The file is empty.")
    if openapi.is_description(value):
        return openapi.read(value, path)
    workflows = n8n.workflows_in(value)
    if workflows:
        return n8n.read(workflows, path)
    connectors = kafka_connect.connectors_in(value)
    if connectors:
        return kafka_connect.read(connectors, path)
    nodes = node_red.nodes_in(value)
    if nodes:
        return node_red.read(nodes, path)
    entities = backstage.entities_in(value if isinstance(value, list) else [value])
    if entities:
        return backstage.read(entities, path)
    dags = airflow.dags_in([value])
    if dags is not None:
        return airflow.read(dags, path)
    raise NotImported(_UNKNOWN)
