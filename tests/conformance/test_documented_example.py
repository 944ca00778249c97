"""The adapter printed in docs/adapters.md runs, and passes the kit."""

import re
from pathlib import Path
from typing import Any

import pytest

from runtime_adapters.conformance import AdapterConformance, PushSubject

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "adapters.md"


def printed_adapter() -> Any:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(blocks[0], str(PAGE), "exec"), names)  # noqa: S102 - our own page
    return names["FolderAdapter"]


class FolderSubject(PushSubject):
    manifests = ({"payload": {"steps": ["a"], "name": "conformance"}}, {"payload": {"steps": ["b"], "name": "conformance"}})
    bad_manifest = {"payload": {"steps": []}}

    def __init__(self, folder: Path) -> None:
        config = {"path": str(folder)}
        super().__init__(printed_adapter()(config), config)
        self._folder = folder
        (folder / "by-hand.json").write_text("{}")
        self._versions: set[tuple[str, int]] = set()

    def effects(self) -> int:
        self._versions |= {(path.name, path.stat().st_ino) for path in self._folder.glob("*.json")}
        return len(self._versions)

    def foreign(self) -> object:
        return (self._folder / "by-hand.json").read_text()


class TestFolder(AdapterConformance):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> PushSubject:
        return FolderSubject(tmp_path)
