"""What one node of an n8n workflow does: which system it calls, to what end, and which fields pass through it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.domain.imports import operations, products
from catalog.domain.imports.addresses import place_of
from catalog.domain.imports.drafts import SystemDraft
from catalog.domain.imports.ends import object_slug
from catalog.domain.imports.schedules import cadence_of
from catalog.domain.imports.words import line, listed, words_of

# Nodes that shape or steer items inside n8n.
_INSIDE: Final = listed(
    """
    set code function functionItem if switch merge splitInBatches splitOut aggregate filter limit sort summarize itemLists
    removeDuplicates renameKeys noOp stopAndError wait dateTime crypto html htmlExtract markdown xml convertToFile
    extractFromFile moveBinaryData spreadsheetFile editImage compression compareDatasets executionData debugHelper
    executeWorkflow executeCommand itemBinary iCal jwt readPDF dataTable aiTransform respondToWebhook form evaluation
    toolWorkflow toolCode toolCalculator toolThink toolVectorStore outputParserStructured outputParserAutofixing
    outputParserItemList memoryBufferWindow memoryManager memoryChatRetriever documentDefaultDataLoader
    documentBinaryInputLoader textSplitterRecursiveCharacterTextSplitter textSplitterTokenSplitter
    textSplitterCharacterTextSplitter vectorStoreInMemory vectorStoreInMemoryInsert vectorStoreInMemoryLoad
    retrieverVectorStore retrieverWorkflow retrieverContextualCompression retrieverMultiQuery agent agentTool chainLlm
    chainSummarization chainRetrievalQa informationExtractor textClassifier sentimentAnalysis guardrails openAiAssistant
    modelSelector rerankerCohereStub simulate n8nTrainingCustomerDatastore n8nTrainingCustomerMessenger start interactiveForm
    """
)
# Those of them that by themselves do nothing worth registering.
_IDLE: Final = frozenset({"noOp", "start", "stopAndError", "debugHelper", "limit", "wait"})
_TRIGGERS: Final = {
    "manualTrigger": "by hand",
    "webhook": "webhook",
    "formTrigger": "form",
    "form": "",
    "chatTrigger": "chat",
    "manualChatTrigger": "chat",
    "executeWorkflowTrigger": "another workflow",
    "errorTrigger": "failure of a workflow",
    "workflowTrigger": "another workflow",
    "n8nTrigger": "start of n8n",
    "mcpTrigger": "MCP call",
    "evaluationTrigger": "evaluation",
    "scheduleTrigger": "schedule",
    "cron": "schedule",
    "interval": "schedule",
    "start": "by hand",
    "sseTrigger": "server-sent events",
    "localFileTrigger": "change of a file",
}
_LOCAL_FILES: Final = frozenset({"readWriteFile", "readBinaryFile", "readBinaryFiles", "writeBinaryFile", "localFileTrigger"})
_HTTP: Final = frozenset({"httpRequest", "httpRequestTool", "toolHttpRequest", "graphql", "mcpClientTool", "mcpClient", "rssFeedRead"})
_DEFAULTS: Final = {
    "google-sheets": "read",
    "airtable": "read",
    "google-analytics": "read",
    "youtube": "read",
    "n8n": "read",
    "open-weather-map": "read",
    "clearbit": "read",
    "rss-feed": "read",
    "postgres": "insert",
    **dict.fromkeys(
        listed(
            """
        hacker-news disqus clockify mongodb redis ftp sftp baserow nocodb stripe quickbooks coin-gecko nasa brandfetch google-books
        marketstack peekalink open-thesaurus wikipedia deepl google-translate dropcontact hunter uproc lingvanex url-scan-io mindee
    """
        ),
        "read",
    ),
}
_LOOKS_UP: Final = listed("search scrape scraper crawler reader lookup")  # in the names of community nodes
_ENRICHES: Final = listed("translate enrich analyze analyse classify predict detect verify transcribe recognize")
_QUIET: Final = listed("label draft channel contact group user userGroup list folder calendar event")  # of messengers: made, not sent
_SQL_TABLE = re.compile(
    r"\b(?:from|into|update|join|table)\s+[\"`\[]?([A-Za-z_]\w{1,62}(?:[\"`\]]?\.[\"`\[]?[A-Za-z_]\w{1,62})?)", re.IGNORECASE
)
_NO_TABLE: Final = listed(
    "sheet table data list set select only if exists to the on where as document documents foglio hoja feuille blatt tabelle"
)
_MODEL_NODE = re.compile(r"(?:lmChat|lm|embeddings|reranker)[A-Z]")  # whatever provider follows
_FIELD = re.compile(
    r"""\bjson(?:\.body|\.query|\.data|\.output|\.fields|\.properties)*(?:\??\.([A-Za-z_]\w{0,60})|\[["']([^"'\]]{1,80})["']\])"""
)
_MODEL = re.compile(r"""["']?model(?:_?id|_?name)?["']?\s*[:=]\s*\\?["']([A-Za-z0-9][\w./:@-]{1,80})\\?["']|/models/([\w.-]{2,80})[:/]""")


@dataclass(frozen=True, slots=True)
class Step:
    """One node. `fields` pass through it (by name), `written` are those it names for a system; `carries` is what it brings along."""

    name: str
    does_something: bool = True
    system: SystemDraft | None = None
    role: str = "source"
    operation: str = "read"
    data_object: str | None = None
    address: str = ""
    provider: bool = False
    model: str = ""
    trigger: str = ""
    cadence: str = ""
    fields: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    carries: str = ""
    remark: str = ""


def step(node: Mapping[str, Any], parameters: Mapping[str, Any]) -> Step:
    """The node as a step."""
    package, _, kind = str(node.get("type") or "").rpartition(".")
    name = line(node.get("name"), 200) or line(node.get("id"), 200) or kind or "node"
    fields = tuple(_fields(parameters))
    plain = kind.removesuffix("Tool")
    if kind in _TRIGGERS and not kind.startswith("localFile"):
        return _started(name, kind, parameters, fields)
    if kind in _HTTP or plain in _HTTP:
        return _called(name, kind, node, parameters, fields)
    if kind in _INSIDE or plain in _INSIDE or not kind:
        return Step(name, does_something=bool(kind) and kind not in _IDLE, fields=fields)
    system = _system(package, kind, parameters)
    if system is None:
        return Step(name, fields=fields, remark=f"The node type {line(node.get('type'), 80)} names no system.")
    return _of_system(name, kind, system, parameters, fields)


def _started(name: str, kind: str, parameters: Mapping[str, Any], fields: tuple[str, ...]) -> Step:
    options = parameters.get("options")
    path = line(parameters.get("path") or (options.get("path") if isinstance(options, Mapping) else ""), 80)
    cadence = cadence_of(parameters) if _TRIGGERS[kind] == "schedule" else ""
    told = _TRIGGERS[kind] + (f" /{path.lstrip('/')}" if path and kind in {"webhook", "formTrigger", "mcpTrigger"} else "")
    carries = {"webhook": "web request", "formTrigger": "form answer", "chatTrigger": "message", "manualChatTrigger": "message"}.get(
        kind, ""
    )
    trigger = f"{told}: {cadence}" if cadence else told
    return Step(name, does_something=False, trigger=trigger, cadence=cadence, fields=fields, carries=carries)


def _called(name: str, kind: str, node: Mapping[str, Any], parameters: Mapping[str, Any], fields: tuple[str, ...]) -> Step:
    """A node that calls an address: its host is the system, else what its credential is for."""
    address = parameters.get("url") or parameters.get("endpoint") or parameters.get("endpointUrl") or parameters.get("sseEndpoint")
    place = place_of(address)
    system = place.system or _by_credential(node, parameters)
    if system is None:
        return Step(name, fields=fields, remark=f"The address that {name!r} calls is made at run time or stands for another.")
    method = parameters.get("method") or parameters.get("requestMethod") or ("POST" if kind == "graphql" else "GET")
    operation = operations.of_method(method, place.address) if kind != "graphql" else "read"
    host, _, path = place.address.partition("://")[2].partition("/")
    provider = products.answers_by_model(system, host, path)
    return Step(
        name,
        system=system,
        role=operations.role_of(operation),
        operation="read" if provider else operation,
        address=place.address,
        provider=provider,
        model=_model_in(parameters) if provider else "",
        fields=fields,
        written=_written(parameters),
        carries=system.title,
    )


def _of_system(name: str, kind: str, system: SystemDraft, parameters: Mapping[str, Any], fields: tuple[str, ...]) -> Step:
    resource = parameters.get("resource") if isinstance(parameters.get("resource"), str) else None
    resource = _table(parameters) or resource
    data_object = None if system.slug in products.AI_PROVIDERS or str(resource).startswith("=") else resource
    operation = _operation(kind, system, parameters)
    provider = system.slug in products.AI_PROVIDERS or _MODEL_NODE.match(kind) is not None
    is_trigger = kind.endswith("Trigger") or kind == "emailReadImap"
    return Step(
        name,
        system=system,
        role="enrichment" if set(words_of(str(parameters.get("operation") or ""))) & _ENRICHES else operations.role_of(operation),
        operation="read" if provider else operation,
        data_object=data_object,
        provider=provider,
        model=_model(parameters) if provider else "",
        trigger=f"event of {system.title}" if is_trigger else "",
        fields=fields,
        written=_written(parameters),
        carries=f"{system.title} {object_slug(data_object)}" if object_slug(data_object) else system.title,
    )


def _system(package: str, kind: str, parameters: Mapping[str, Any]) -> SystemDraft | None:
    """The system that a node type is named after; of community packages, what the package is named after."""
    if kind in _LOCAL_FILES:
        return products.product("local-files")
    name = kind.removesuffix("Trigger")
    name = name.removesuffix("Tool") or name
    if package.endswith("langchain"):
        return _of_langchain(name)
    if package in {"n8n-nodes-base", "CUSTOM", ""}:
        if name == "ftp" and parameters.get("protocol") == "sftp":
            return products.product("sftp")
        return products.named(name)
    own = package.rpartition("/")[2].removeprefix("n8n-nodes-")
    return products.known(name) or products.named(own or name)


def _of_langchain(name: str) -> SystemDraft | None:
    for prefix in ("lmChat", "lm", "embeddings", "memory", "vectorStore", "tool", "reranker", "document", "retriever"):
        if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper():
            rest = re.sub(r"(?:Load|Insert|Loader)\Z", "", name[len(prefix) :])
            return products.named(rest)
    return products.named(name)


def _operation(kind: str, system: SystemDraft, parameters: Mapping[str, Any]) -> str:
    if kind.endswith("Trigger") or kind == "emailReadImap":
        return "read"
    if kind.startswith("vectorStore"):
        return "update" if parameters.get("mode") == "insert" or kind.endswith("Insert") else "read"
    if kind.startswith(("memory", "tool", "document", "retriever")):
        return "read"
    if parameters.get("operation") == "executeQuery":
        return operations.of_sql(parameters.get("query"))
    resource = parameters.get("resource")
    told = operations.of_word(parameters.get("operation")) or operations.of_word(parameters.get("mode"))
    if system.slug in products.MESSENGERS and told in {None, "create"}:
        return "read" if told is None and resource == "file" else "create" if resource in _QUIET else "notify"
    if told == "notify" and str(parameters.get("operation")).lower().endswith("publish") and system.kind != "data":
        return "update"  # a page or a story becomes public; nobody is told by it
    looks_up = kind.startswith("read") or bool(_LOOKS_UP & set(words_of(kind)))
    return told or operations.of_word(_DEFAULTS.get(system.slug, "")) or ("read" if looks_up else "create")


def _table(parameters: Mapping[str, Any]) -> str | None:
    """The table, sheet or collection that a node names; None where it has an id only, or a name that says nothing."""
    for key in ("table", "tableId", "tableName", "sheetName", "collection"):
        value = parameters.get(key)
        named = value.get("cachedResultName") if isinstance(value, Mapping) else value
        if isinstance(value, Mapping) and not named and value.get("mode") == "name":
            named = value.get("value")
        if isinstance(named, str) and _says_something(named):
            return named
    query = parameters.get("query")
    is_query = parameters.get("operation") == "executeQuery" and isinstance(query, str)
    tables = [re.sub(r'["`\[\]]', "", found[1]) for found in _SQL_TABLE.finditer(str(query)[:4000])] if is_query else []
    own = [name.rpartition(".")[2] for name in tables if not name.lower().startswith(("information_schema", "pg_"))]
    return next((name for name in own if _says_something(name)), None)


def _says_something(name: str) -> bool:
    """`Leads` does; `Sheet1`, `tblokH7uw63RpIlQ0`, `mpagw9n92ran52o` and an expression do not."""
    words = [word for word in words_of(name) if not word.isdigit()]
    is_id = bool(re.match(r"(?:tbl|app|gid=|m[a-z0-9]*\d)\w{6,}\Z", name)) or len(words) > 6
    return bool(set(words) - _NO_TABLE) and not is_id and not name.startswith("=") and "{" not in name and len(name) <= 60


def _by_credential(node: Mapping[str, Any], parameters: Mapping[str, Any]) -> SystemDraft | None:
    """`hubspotOAuth2Api` says whose API is called even where the address is made at run time."""
    own = node.get("credentials")
    names = [parameters.get("nodeCredentialType"), *(own if isinstance(own, Mapping) else ())]
    for name in names:
        bare = re.sub(r"(?:OAuth2?|Service|Token|App)*(?:Api|OAuth2|Token)?\Z", "", str(name or ""))
        found = products.known(bare) if not str(name).startswith(("http", "oAuth")) else None
        if found is not None:
            return found
    return None


def _model(parameters: Mapping[str, Any]) -> str:
    options = parameters.get("options")
    for holder in (parameters, options if isinstance(options, Mapping) else {}):
        for name in ("model", "modelId", "modelName", "chatModel", "engine", "deployment"):
            value = holder.get(name)
            value = value.get("value") if isinstance(value, Mapping) else value
            if isinstance(value, str) and value:
                model = value.removeprefix("=").strip()
                return "chosen at run time" if "{{" in model else model.removeprefix("models/")
    return ""


def _model_in(parameters: Mapping[str, Any]) -> str:
    """The model in the body or address of a call."""
    for text in _texts(parameters):
        matched = _MODEL.search(text)
        if matched:
            return matched[1] or matched[2]
    listed = parameters.get("bodyParameters")
    values = listed.get("parameters") if isinstance(listed, Mapping) else None
    named = [item.get("value") for item in values or () if isinstance(item, Mapping) and item.get("name") == "model"]
    return str(named[0]) if named and isinstance(named[0], str) and "{{" not in named[0] else ""


def _fields(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Names of fields that expressions read and that lists of fields name."""
    yield from _written(parameters)
    for text in _texts(parameters):
        for matched in _FIELD.finditer(text[:20_000]):
            yield matched[1] or matched[2]


def _written(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of fields in the node's own lists: columns of a sheet, assignments, form fields, members of a body."""
    found: dict[str, None] = {}
    columns = parameters.get("columns")
    values = columns.get("value") if isinstance(columns, Mapping) else None
    for name in values if isinstance(values, Mapping) else ():
        found[str(name)] = None
    for holder in (
        "assignments",
        "values",
        "fields",
        "formFields",
        "bodyParameters",
        "additionalFields",
        "propertiesUi",
        "fieldsUi",
        "attributes",
    ):
        for name in _names(parameters.get(holder), 0):
            found[name] = None
    return tuple(line(name.partition("|")[0], 120) for name in list(found)[:100])  # Notion writes `Name|title`


def _names(value: Any, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:200]:
            yield from _names(item, depth + 1)
    elif isinstance(value, Mapping):
        for key in ("name", "fieldName", "fieldLabel", "fieldId", "key", "propertyName"):
            if isinstance(value.get(key), str) and not value[key].startswith("="):
                yield value[key]
        for inner in value.values():
            if isinstance(inner, list | Mapping):
                yield from _names(inner, depth + 1)


def _texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
