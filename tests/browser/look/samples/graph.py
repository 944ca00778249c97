"""The map: around a system with everything beside it, nothing around it, and where to start."""

from typing import Any

CHOICES = {
    "kind": [("system", "System"), ("integration", "Integration")],
    "depth": [(1, "1 step"), (2, "2 steps"), (3, "3 steps")],
    "direction": [("both", "both ways"), ("downstream", "downstream, with the data"), ("upstream", "upstream, against it")],
}
ASKED = {"node": "system:erp", "kind": "system", "slug": "erp", "depth": 1, "direction": "both"}


def node(kind: str, slug: str, title: str, word: str) -> dict[str, Any]:
    url = f"/integrations/{slug}" if kind == "integration" else ""
    return {"id": f"{kind}:{slug}", "kind": word, "title": title, "url": url, "map_url": f"/map?node={kind}:{slug}", "is_hidden": False}


ERP = node("system", "erp", "ERP of the northern plants", "System")
SHOP = node("system", "shop", "Web shop", "System")
ORDERS = node("integration", "orders-to-erp", "Orders from the web shop to the ERP", "Integration")
STOCK = node("integration", "stock-to-shop", "Stock levels to the web shop", "Integration")
MAPPING = node("component", "order-mapping", "Order mapping", "Component")
FINANCE = node("domain", "finance", "Finance", "Domain")
HIDDEN = {"id": "hidden:1", "kind": "Integration", "title": "You may not see it", "url": "", "map_url": "", "is_hidden": True}
NODES = [ERP, ORDERS, STOCK, SHOP, MAPPING, FINANCE, HIDDEN]
EDGES = [
    {"source": SHOP, "target": ORDERS, "type": "is read by", "label": "read", "via": "order"},
    {"source": ORDERS, "target": ERP, "type": "writes to", "label": "create", "via": "order"},
    {"source": ERP, "target": STOCK, "type": "is read by", "label": "read", "via": "stock-level"},
    {"source": STOCK, "target": SHOP, "type": "writes to", "label": "update", "via": ""},
    {"source": MAPPING, "target": ORDERS, "type": "is used by", "label": "2.1.0", "via": ""},
    {"source": ERP, "target": FINANCE, "type": "belongs to", "label": "", "via": ""},
    {"source": HIDDEN, "target": ORDERS, "type": "is depended on by", "label": "", "via": ""},
]
DRAWING = {
    "nodes": [{**{name: each[name] for name in ("id", "title", "url", "kind")}, "shape": each["id"].split(":")[0]} for each in NODES],
    "edges": [{"source": edge["source"]["id"], "target": edge["target"]["id"], "label": edge["type"]} for edge in EDGES],
}
LEGEND = [(kind, kind.capitalize()) for kind in ("system", "integration", "component", "domain", "hidden")]
FOUND = {"legend": LEGEND, "root": ERP, "nodes": NODES, "edges": EDGES, "is_truncated": True, "drawing": DRAWING}
GRAPH: dict[str, Any] = {"asked": ASKED, "choices": CHOICES, "starts": [], "missing": False, "found": FOUND}
GRAPH_ALONE = {
    **GRAPH,
    "found": {**FOUND, "nodes": [ERP], "edges": [], "is_truncated": False, "drawing": {"nodes": DRAWING["nodes"][:1], "edges": []}},
}
GRAPH_START = {**GRAPH, "found": None, "starts": [{"title": name, "url": "/map?node=system:erp"} for name in ("ERP", "PIM", "Web shop")]}
GRAPH_MISSING = {**GRAPH_START, "missing": True}
