"""Node-RED passes the kit: the fake that answers as recorded, and Node-RED itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from runtime_adapters.adapters.node_red.adapter import NodeRedAdapter
from runtime_adapters.adapters.node_red.flows import tab_id
from runtime_adapters.adapters.node_red.js_json import dumps
from runtime_adapters.conformance import PushConformance, PushSubject, slot
from tests.conformance.releases import BAD, FIRST, FOREIGN, SECOND
from tests.fakes import node_red as fake
from tests.real import node_red as real


class FakeSubject(PushSubject):
    manifests = (FIRST, SECOND)
    bad_manifest = BAD

    def __init__(self, runtime: fake.FakeNodeRed) -> None:
        config = {"base_url": runtime.base_url, "token_ref": "vault:node-red"}
        super().__init__(NodeRedAdapter(config), config, secret=fake.TOKEN)
        self._runtime = runtime

    def stored(self) -> list[dict[str, Any]]:
        return self._runtime.stored

    def foreign(self) -> object:
        ours = [tab_id(slot(name).id) for name in ("orders", "invoices")]
        return [dumps(node) for node in self.stored() if not any(tab in {node["id"], node.get("z")} for tab in ours)]


class RealSubject(FakeSubject):
    def stored(self) -> list[dict[str, Any]]:
        return self._runtime.flows()["flows"]


class TestFake(PushConformance):
    @pytest.fixture
    def subject(self) -> Iterator[PushSubject]:
        with fake.FakeNodeRed() as runtime:
            runtime.put([dict(node) for node in FOREIGN])
            yield FakeSubject(runtime)


@pytest.fixture(scope="module")
def runtime() -> Iterator[real.RealNodeRed]:
    if real.installed() is None:
        pytest.skip("Node-RED is not installed (tests/real/install_node_red.sh)")
    with real.RealNodeRed() as running:
        yield running


@pytest.mark.real
class TestReal(PushConformance):
    @pytest.fixture
    def subject(self, runtime: real.RealNodeRed) -> PushSubject:
        runtime.deploy(FOREIGN)
        return RealSubject(runtime)
