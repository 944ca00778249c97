"""Adapters are found by name; one that is broken, foreign or doubly claimed is set aside alone and told."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

from runtime_adapters import registry
from runtime_adapters.adapters.node_red.adapter import NodeRedAdapter
from runtime_adapters.contract import InvalidInput


class Distribution:
    def __init__(self, name: str) -> None:
        self.name = name


def point(name: str, value: str, distribution: str) -> EntryPoint:
    found = EntryPoint(name, value, registry.GROUP)
    vars(found)["dist"] = Distribution(distribution)
    return found


@pytest.fixture
def installed(monkeypatch, settings) -> Iterator[Any]:
    """Pretend that these plug-ins are installed: (kind, module:class, distribution)."""
    settings.PORTOLAN_ADAPTER_DISTRIBUTIONS = ["portolan", "acme-adapters"]

    def install(*rows: tuple[str, str, str]) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda group: [point(*row) for row in rows])
        registry.reset()

    yield install
    monkeypatch.undo()
    registry.reset()


def module(monkeypatch: pytest.MonkeyPatch, **members: Any) -> None:
    made = ModuleType("acme")
    vars(made).update(members)
    monkeypatch.setitem(sys.modules, "acme", made)


def test_ours_are_there_without_being_installed(installed):
    installed()
    assert registry.kinds() == ("node-red", "reference-agent")
    assert [spec.kind for spec in registry.specs()] == ["node-red", "reference-agent"]
    assert registry.adapter_class("node-red").spec.title == "Node-RED"
    assert registry.problems() == ()


def test_our_own_entry_point_is_no_duplicate(installed):
    installed(("node-red", "runtime_adapters.adapters.node_red.adapter:NodeRedAdapter", "portolan"))
    assert registry.problems() == ()
    assert registry.create("node-red", {"base_url": "http://localhost:1880"})


def test_a_bad_configuration_is_the_adapters_word(installed):
    installed()
    with pytest.raises(InvalidInput):
        registry.create("node-red", {})


def test_a_doubly_claimed_name_fails_alone(installed):
    installed(("node-red", "acme:Other", "acme-adapters"))
    assert [(problem.kind, problem.code) for problem in registry.problems()] == [("node-red", "duplicate")]
    with pytest.raises(registry.AdapterBroken):
        registry.adapter_class("node-red")
    assert registry.adapter_class("reference-agent")
    assert registry.kinds() == ("reference-agent",)


def test_a_stranger_is_never_imported_and_takes_no_name(installed):
    installed(("evil", "no_such_module_to_import:X", "evil-adapters"), ("node-red", "no_such_module_to_import:X", "evil-adapters"))
    assert {(problem.kind, problem.code) for problem in registry.problems()} == {("evil", "not-allowed"), ("node-red", "not-allowed")}
    assert registry.adapter_class("node-red")
    with pytest.raises(registry.AdapterBroken, match="PORTOLAN_ADAPTER_DISTRIBUTIONS"):
        registry.adapter_class("evil")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "import-failed"),
        ({"Adapter": object()}, "not-an-adapter"),
        ({"Adapter": type("Half", (), {"spec": NodeRedAdapter.spec})}, "not-an-adapter"),
        ({"Adapter": NodeRedAdapter}, "not-an-adapter"),
    ],
    ids=["missing class", "not a class", "half an adapter", "another kind"],
)
def test_a_broken_plug_in_is_set_aside_and_told(installed, monkeypatch, members, code):
    module(monkeypatch, **members)
    installed(("acme", "acme:Adapter", "acme_adapters"))
    with pytest.raises(registry.AdapterBroken):
        registry.adapter_class("acme")
    assert [(problem.kind, problem.code) for problem in registry.problems()] == [("acme", code)]
    assert registry.kinds() == ("node-red", "reference-agent")


@pytest.mark.parametrize("version", ["2.0", "1.1", "x", ""])
def test_a_contract_we_do_not_speak_is_refused(installed, monkeypatch, version):
    from dataclasses import replace

    spec = replace(NodeRedAdapter.spec, kind="acme", contract_version=version)
    module(monkeypatch, Adapter=type("Future", (NodeRedAdapter,), {"spec": spec}))
    installed(("acme", "acme:Adapter", "acme-adapters"))
    with pytest.raises(registry.AdapterBroken, match="contract"):
        registry.adapter_class("acme")


def test_an_unknown_kind_names_those_there_are(installed):
    installed()
    with pytest.raises(registry.AdapterUnknown, match="node-red"):
        registry.adapter_class("mule")
