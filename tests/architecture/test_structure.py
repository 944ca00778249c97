"""What the import linter cannot see."""

import ast
import importlib.util
import re
import subprocess

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from audit.domain.verbs import REGISTRY
from foundation.edge.views import Edge
from tests.architecture import error_list
from tests.architecture.places import PACKAGES, ROOT, dotted, modules, parsed, strings

RANK = {label: n for n, label in enumerate(["governance", "runtime_adapters", "catalog", "accounts", "audit", "foundation"])}


def relations():
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in RANK:
            for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
                if field.is_relation and field.related_model._meta.app_label in RANK:
                    yield model, field


def test_foreign_keys_point_down():
    """String foreign keys leave no import edge, so ask the live models."""
    uphill = [f"{m.__name__}.{f.name}" for m, f in relations() if RANK[f.related_model._meta.app_label] < RANK[m._meta.app_label]]
    assert uphill == []


def test_no_look_up_leads_back_across_packages():
    """`related_name="+"`: what lies below cannot be asked for what lies above."""
    doors = [
        f"{model.__name__}.{field.name}"
        for model, field in relations()
        if field.related_model._meta.app_label != model._meta.app_label
        and not field.remote_field.hidden
        and not model.__name__.endswith("ObjectPermission")  # guardian's own base classes
    ]
    assert doors == []


def test_errors_are_listed():
    assert error_list.DOCUMENT.read_text(encoding="utf-8") == error_list.document(), "run python -m tests.architecture.error_list"


def test_one_code_has_one_status():
    status = {}
    for kind in error_list.classes():
        assert status.setdefault(kind.code, kind.kind) == kind.kind, kind
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code), kind


VERB = re.compile(r"(accounts|audit|catalog|demo|edge|governance|health|runtime_adapters)(\.[a-z_]+){1,2}")


def test_every_verb_in_the_code_is_in_the_registry():
    unknown = []
    for path in modules():
        for node in ast.walk(parsed(path)):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "record" and node.args
            if named and isinstance(node.args[0], ast.Constant) and node.args[0].value not in REGISTRY:
                unknown.append(f"{dotted(path)}:{node.lineno} {node.args[0].value}")
    assert unknown == []


def is_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, AttributeError):
        return False


def test_what_looks_like_a_verb_is_one():
    """Tables of verbs (state → verb, verb → words) go stale silently otherwise."""
    unknown = [
        f"{dotted(path)}:{line} {text}"
        for path in modules()
        if path.name != "verbs.py"
        for line, text in strings(path)
        if VERB.fullmatch(text)
        and text.count(".") == 2
        and text not in REGISTRY
        and not is_module(text)
        and not is_module(text.rpartition(".")[0])
    ]
    assert unknown == []


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern


def test_every_api_route_is_an_edge_view_with_scopes():
    served = {"api/v1/schema", "api/v1/docs"}
    found = [(path, pattern) for path, pattern in routes(get_resolver()) if path.startswith("api/v1/") and path not in served]
    assert len(found) > 40
    for path, pattern in found:
        view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))
        assert view is not None, path
        assert issubclass(view, Edge), path
        handlers = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
        assert handlers <= {name.lower() for name in view.scopes} | set(getattr(pattern.callback, "actions", None) or {}), path


def test_no_two_routes_answer_to_one_name():
    names = [pattern.name for path, pattern in routes(get_resolver()) if path.startswith("api/v1/")]
    assert len(names) == len(set(names))


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_the_clock_is_read_by_the_database_only():
    """Rules and services take `now`; the edge reads the database's clock once."""
    ruled = {"services", "domain", "selectors", "models", "intake"}
    calls = ("timezone" + ".now(", "datetime" + ".now(", "datetime" + ".utcnow(")
    found = []
    for path in modules():
        own = calls if ruled & set(path.parts) else calls[:1]
        found += [f"{path.relative_to(ROOT)}: {call}" for call in own if call in path.read_text(encoding="utf-8")]
    assert found == []


def test_no_path_of_a_machine():
    machine = re.compile(r"(?<![\w.$}-])/(?:root|work|home/\w+|Users/\w+)/[\w.]")
    text = {".py", ".md", ".toml", ".txt", ".html", ".js", ".css", ".yaml", ".yml", ".sh", ".json", ""}
    found = []
    for path in tracked():
        if path.suffix in text and "vendor" not in path.parts:
            content = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in machine.finditer(content)]
    assert found == []


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_locks_are_hashed_and_name_no_registry(name):
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or "index-url" in line or "trusted-host" in line] == []
    pinned = [number for number, line in enumerate(lines) if re.match(r"[A-Za-z0-9]", line)]
    assert pinned
    assert [lines[number] for number in pinned if "==" not in lines[number] or "--hash=sha256:" not in lines[number + 1]] == []


def test_every_setting_read_from_the_environment_is_documented():
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    read = set()
    for path in modules():
        if path == ROOT / "config" / "settings" / "test.py":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = ast.unparse(node.func)
                if called in {"env", "os.environ.get", "os.getenv"} or re.fullmatch(r"env\.\w+", called):
                    read.add(node.args[0].value)
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ" and isinstance(node.slice, ast.Constant):
                read.add(node.slice.value)
    ours = {name for name in read if isinstance(name, str) and name.isupper() and name not in SYSTEM}
    assert sorted(name for name in ours if f"`{name}`" not in told) == []


SYSTEM = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "DJANGO_SETTINGS_MODULE", "NO_COLOR", "TERM", "PYTHONPATH", "XDG_STATE_HOME"}


def test_every_package_is_layered():
    """A package outside the layers would be outside every rule."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f'"{package}"' in config
