"""dag-factory files of Airflow: one integration for each DAG. What tasks inherit from `default` is theirs too."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from catalog.domain.imports import operations, products
from catalog.domain.imports.addresses import Place, place_of
from catalog.domain.imports.drafts import MAX_PARTS, FileDraft, IntegrationDraft, NotImported, SystemDraft
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.personal import kinds_of
from catalog.domain.imports.schedules import cron
from catalog.domain.imports.words import MAX_NOTES, kebab, line, listed, prose, words_of

FORMAT = "airflow"
MAX_TASKS = 1000
_RESERVED: Final = frozenset({"default", "default_args", "task_groups"})
_INHERITED: Final = listed("schedule schedule_interval timetable description tags doc_md dag_display_name")
_PLAIN: Final = listed(
    """
    bash python empty dummy branch short circuit virtualenv external latest only task group subdag trigger dag run sensor
    operator decorator standard core common date time delta day week callable
    """
)
_URI = re.compile(
    r"\b(s3a?|gs|gcs|wasbs?|abfss?|adls|hdfs|file|postgres|postgresql|mysql|mssql|snowflake|bigquery|redis|kafka|sftp|ftp|https?)://[^\s'\"&|)(,]+"
)
_STORES: Final = {
    "s3": "aws-s3",
    "s3a": "aws-s3",
    "gs": "google-cloud-storage",
    "gcs": "google-cloud-storage",
    "file": "local-files",
    "hdfs": "hdfs",
    **dict.fromkeys(("wasb", "wasbs", "abfs", "abfss", "adls"), "azure-blob"),
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mssql": "microsoft-sql",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redis": "redis",
    "kafka": "kafka",
    "sftp": "sftp",
    "ftp": "ftp",
}


def dags_in(documents: list[Any]) -> Mapping[str, Any] | None:
    """The one mapping of DAGs and defaults; None when the documents are something else."""
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        return None
    inner = documents[0].get("dags")
    found: Mapping[str, Any] = inner if isinstance(inner, Mapping) else documents[0]
    if any(isinstance(item, Mapping) and isinstance(item.get("tasks"), list | Mapping) for item in found.values()):
        return found
    return found if found and found.keys() <= _RESERVED else None


def read(dags: Mapping[str, Any], path: str) -> FileDraft:
    """Each DAG that has tasks. Raises NotImported when the file holds only defaults."""
    given = dags.get("default")
    default: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    named = {name: dag for name, dag in dags.items() if name not in _RESERVED and isinstance(dag, Mapping)}
    if len(named) > MAX_PARTS:
        raise NotImported(f"It holds more than {MAX_PARTS} DAGs.")
    systems: dict[str, SystemDraft] = {}
    remarks: list[str] = []
    drafts: list[IntegrationDraft] = []
    for name, dag in named.items():
        ends = Ends(systems)
        draft = _Dag(name, dag, default, ends).draft(path)
        if draft is not None:
            drafts.append(draft)
            remarks.extend(ends.remarks)
    if not drafts:
        raise NotImported("It holds only defaults for DAGs; no DAG with tasks.")
    return FileDraft(FORMAT, integrations=tuple(drafts), systems=tuple(systems.values()), remarks=tuple(dict.fromkeys(remarks)))


class _Dag:
    """One DAG being read."""

    def __init__(self, name: str, dag: Mapping[str, Any], default: Mapping[str, Any], ends: Ends) -> None:
        self._name, self._ends = name, ends
        self._dag = {**{key: value for key, value in default.items() if key in _INHERITED}, **dag}
        inherited = dict(_tasks(default.get("tasks")))
        own = dict(_tasks(dag.get("tasks")))
        self._tasks = (
            {key: {**inherited.get(key, {}), **own.get(key, {})} for key in (*inherited, *own)}
            if dag.get("tasks") is not None or own
            else inherited
        )

    def draft(self, path: str) -> IntegrationDraft | None:
        """The integration; None for a DAG without tasks."""
        schedule, waits_for = self._schedule()
        for task, settings in self._tasks.items():
            self._add(task, settings, schedule)
        for uri in waits_for:
            self._store(uri, "source", "read", "")
        if not self._tasks:
            return None
        dag = self._dag
        tags: Any = dag.get("tags")
        return self._ends.draft(
            part=line(self._name, 200),
            title=title_of(dag.get("dag_display_name") or self._name, path),
            type="flow",
            purpose=dag.get("description"),
            tags=tags if isinstance(tags, list) else (),
            trigger=f"schedule: {schedule}" if schedule else ("data sets" if waits_for else "by hand"),
            notes=prose(dag.get("doc_md"), MAX_NOTES),
        )

    def _schedule(self) -> tuple[str, list[str]]:
        """(when, data sets waited for)."""
        given = self._dag.get("schedule", self._dag.get("schedule_interval"))
        timetable = self._dag.get("timetable")
        if isinstance(given, Mapping):
            timetable = given.get("timetable", timetable)
        told = cron(given)
        if isinstance(timetable, Mapping):
            arguments = timetable.get("__args__")
            told = told or cron(timetable.get("cron")) or cron(arguments[0] if isinstance(arguments, list) and arguments else None)
        return told, [] if isinstance(given, str) else list(_uris(given))

    def _add(self, task: str, settings: Mapping[str, Any], schedule: str) -> None:
        self._ends.steps += 1
        for uri in _uris(settings.get("inlets")):
            self._store(uri, "source", "read", schedule)
        for uri in _uris(settings.get("outlets")):
            self._store(uri, "target", "create", "")
        operator = line(settings.get("operator") or settings.get("decorator"), 200)
        pair = re.search(r"\.(\w+?)_?To_?([A-Z]\w*?)(?:Operator)?\Z", operator)
        if pair:
            self._transfer(pair[1], pair[2], schedule)
            return
        system, place = self._system(operator, settings)
        if system is None:
            self._called(settings)
            return
        self._end(task, operator, settings, system, place, schedule)

    def _end(self, task: str, operator: str, settings: Mapping[str, Any], system: SystemDraft, place: Place, schedule: str) -> None:
        operation = _operation(operator, settings, system)
        provider = system.slug in products.AI_PROVIDERS
        role = "enrichment" if provider else operations.role_of(operation)
        name = settings.get("table") or settings.get("destination_table") or settings.get("object_name")
        self._ends.add(
            system,
            role,
            "read" if provider else operation,
            data_object=name if isinstance(name, str) and "{" not in name else None,
            address=place.address,
            cadence=schedule if role == "source" else "",
        )
        if provider:
            fields = [str(key) for key in settings]
            self._ends.add_ai(system, line(settings.get("model"), 120), task, kinds_of(fields))

    def _transfer(self, source: str, target: str, schedule: str) -> None:
        for name, role, operation in ((source, "source", "read"), (target, "target", "create")):
            system = products.known(name) or products.mentioned(words_of(name)) or products.named(name)
            if system is not None:
                self._ends.add(system, role, operation, cadence=schedule if role == "source" else "")

    def _system(self, operator: str, settings: Mapping[str, Any]) -> tuple[SystemDraft | None, Place]:
        simple = operator.rpartition(".")[2]
        words = [word for word in words_of(simple) if word not in _PLAIN]
        if words[:1] in (["http"], ["simple"]) or "http" in words:
            return self._web(settings)
        provider = re.search(r"airflow\.providers\.([\w.]+?)\.(?:operators|sensors|transfers|decorators|notifications)", operator)
        parts = provider[1].split(".") if provider else []
        if parts[:1] in (["standard"], ["common"]):
            parts = []
        found = products.mentioned(words) or products.mentioned([*parts[::-1]])
        if found is None and parts and not words:
            found = products.named(parts[-1])
        if found is None and words and parts:
            found = products.named(" ".join(words[:2]))
        if found is None and operator and words and not provider:
            self._ends.remark(f"The operator {line(simple, 80)} is the organisation's own: what it calls cannot be told.")
        return found, Place(None)

    def _web(self, settings: Mapping[str, Any]) -> tuple[SystemDraft | None, Place]:
        """A call over HTTP: by its address, else the connection that holds the address is the system's name."""
        place = place_of(settings.get("endpoint") or settings.get("url"))
        if place.system is not None and "://" in place.address:
            return place.system, place
        connection = line(settings.get("http_conn_id") or settings.get("conn_id") or "http_default", 80)
        return SystemDraft(kebab(connection) or "http-default", f"Behind the connection {connection}"), Place(None)

    def _called(self, settings: Mapping[str, Any]) -> None:
        """Addresses in a command line are systems too."""
        command = settings.get("bash_command")
        for matched in _URI.finditer(command[:4000]) if isinstance(command, str) else ():
            if matched[1].startswith("http"):
                place = place_of(matched[0])
                if place.system is not None:
                    writes = re.search(r"-X\s{0,5}(?:POST|PUT|PATCH|DELETE)|--data|\s-d\s", str(command)[:4000]) is not None
                    self._ends.add(place.system, "target" if writes else "source", "create" if writes else "read", address=place.address)

    def _store(self, uri: str, role: str, operation: str, cadence: str) -> None:
        scheme = uri.partition("://")[0]
        place = place_of(uri)
        system = products.product(_STORES[scheme]) if scheme in _STORES else place.system
        if system is None:
            return
        stem = uri.rstrip("/").rpartition("/")[2].partition(".")[0]
        address = line(uri, 300) if scheme in _STORES and "@" not in uri and "?" not in uri and "$" not in uri else place.address
        self._ends.add(
            system, role, operation, data_object=stem if re.match(r"[A-Za-z][\w-]*\Z", stem) else None, address=address, cadence=cadence
        )


def _tasks(tasks: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tasks are a list with `task_id`s or a mapping by id."""
    if isinstance(tasks, Mapping):
        yield from ((str(key), task) for key, task in list(tasks.items())[:MAX_TASKS] if isinstance(task, Mapping))
    for index, task in enumerate(tasks[:MAX_TASKS] if isinstance(tasks, list) else ()):
        if isinstance(task, Mapping):
            yield line(task.get("task_id"), 200) or str(index + 1), task


def _uris(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield from (matched[0] for matched in _URI.finditer(item[:4000]))
        elif isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _operation(operator: str, settings: Mapping[str, Any], system: SystemDraft) -> str:
    simple = operator.rpartition(".")[2]
    if settings.get("method"):
        return operations.of_method(settings["method"], str(settings.get("endpoint", "")))
    if simple.endswith("Sensor"):
        return "read"
    if "sql" in settings:
        return operations.of_sql(settings["sql"])
    if "http" in simple.lower():
        return operations.of_method("POST" if simple.startswith("Simple") or "Operator" in simple else "GET")
    if system.slug in products.MESSENGERS:
        return "notify"
    return operations.of_word(simple.removesuffix("Operator")) or "update"
