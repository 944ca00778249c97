"""Two Node-RED releases with the same shape and different work, and one that Node-RED would swallow and then not run."""

import json
from typing import Any


def flow(answer: str, path: str = "/orders") -> dict[str, Any]:
    """An endpoint that answers `answer` and the digest it was deployed with."""
    func = f"msg.payload = {{answer: {json.dumps(answer)}, release: env.get('PORTOLAN_RELEASE')}};\nreturn msg;"
    nodes = [
        {
            "id": "orders-in",
            "type": "http in",
            "z": "any",
            "name": "conformance",
            "url": path,
            "method": "get",
            "x": 120,
            "y": 80,
            "wires": [["orders-fn"]],
        },
        {
            "id": "orders-fn",
            "type": "function",
            "z": "any",
            "name": "work",
            "func": func,
            "outputs": 1,
            "x": 300,
            "y": 80,
            "wires": [["orders-out"]],
        },
        {"id": "orders-out", "type": "http response", "z": "any", "name": "", "x": 470, "y": 80, "wires": []},
    ]
    return {"runtime_kind": "node-red", "payload": {"flows": nodes}}


FIRST, SECOND = flow("first"), flow("second", "/invoices")
BAD = {"runtime_kind": "node-red", "payload": {"flows": [{"id": "a", "type": "function", "x": 1, "y": 1, "wires": [["nowhere"]]}]}}
FOREIGN = [
    {
        "id": "handmade00000001",
        "type": "tab",
        "label": "by hand",
        "disabled": False,
        "info": "",
        "env": [],
        "zzz": {"10": 1, "2": 2.5, "b": [1e-7]},
    },
    {
        "id": "handmade00000002",
        "type": "http in",
        "z": "handmade00000001",
        "url": "/hand",
        "method": "get",
        "x": 1,
        "y": 2,
        "wires": [["handmade00000003"]],
    },
    {"id": "handmade00000003", "type": "http response", "z": "handmade00000001", "x": 3, "y": 2, "wires": []},
]
