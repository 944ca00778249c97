"""What the demo holds, as plain data. `loading.py` registers it through the same services that everybody uses."""

from typing import Any

PEOPLE: dict[str, dict[str, Any]] = {
    "board_1": {"username": "mara", "display_name": "Mara Lindqvist", "scopes": ["catalog:read", "changes:read", "changes:vote"]},
    "board_2": {"username": "kenji", "display_name": "Kenji Mori", "scopes": ["catalog:read", "changes:read", "changes:vote"]},
    "owner": {
        "username": "samir",
        "display_name": "Samir Iyer",
        "scopes": ["catalog:read", "catalog:write", "changes:read", "changes:request", "changes:dispatch"],
    },
    "auditor": {
        "username": "ada",
        "display_name": "Ada Okafor",
        "roles": ["auditor"],
        "scopes": ["catalog:read", "changes:read", "audit:read"],
    },
    "operator": {
        "username": "piotr",
        "display_name": "Piotr Nowak",
        "roles": ["operator"],
        "scopes": ["catalog:read", "changes:read", "changes:dispatch", "admin"],
    },
    "admin": {
        "username": "lena",
        "display_name": "Lena Fischer",
        "roles": ["administrator"],
        "scopes": ["catalog:read", "catalog:write", "changes:read", "changes:request", "changes:dispatch", "audit:read", "admin"],
    },
}

TEAMS: list[dict[str, Any]] = [
    {"slug": "integration-office", "title": "Integration office", "contact": "integration-office@example.org", "members": ["admin"]},
    {
        "slug": "commerce-platform",
        "title": "Commerce platform",
        "contact": "commerce@example.org",
        "parent": "integration-office",
        "members": ["owner"],
    },
    {
        "slug": "finance-systems",
        "title": "Finance systems",
        "contact": "finance-it@example.org",
        "parent": "integration-office",
        "members": ["operator"],
    },
]

ENVIRONMENTS: list[dict[str, Any]] = [
    {"slug": "test", "title": "Test", "rank": 10},
    {"slug": "staging", "title": "Staging", "rank": 20, "is_protected": False},
    {
        "slug": "production",
        "title": "Production",
        "rank": 30,
        "is_production": True,
        "is_protected": True,
        "soak_s": 8,
        "gate_good_runs": 2,
        "gate_failed_runs": 0,
    },
]

SYSTEMS: list[dict[str, Any]] = [
    {"slug": "web-shop", "title": "Web shop", "kind": "commerce", "team": "commerce-platform", "tier": 1, "residency": "EU"},
    {"slug": "erp", "title": "ERP", "kind": "erp", "team": "finance-systems", "tier": 1, "residency": "EU"},
    {"slug": "pim", "title": "Product information", "kind": "pim", "team": "commerce-platform", "tier": 2, "residency": "EU"},
    {"slug": "dam", "title": "Media library", "kind": "dam", "team": "commerce-platform", "tier": 3, "residency": "EU"},
    {"slug": "crm", "title": "CRM", "kind": "crm", "team": "commerce-platform", "tier": 2, "residency": "EU"},
    {"slug": "translation", "title": "Translation service", "kind": "translation", "tier": 3, "residency": "US"},
]

DATA_OBJECTS: list[dict[str, Any]] = [
    {
        "slug": "order",
        "title": "Order",
        "system_of_record": "web-shop",
        "classification": "confidential",
        "personal_categories": ["contact", "purchase"],
    },
    {"slug": "product", "title": "Product", "system_of_record": "pim", "classification": "public"},
    {"slug": "price", "title": "Price", "system_of_record": "erp", "classification": "internal"},
    {"slug": "stock-level", "title": "Stock level", "system_of_record": "erp", "classification": "internal"},
    {"slug": "media-asset", "title": "Media asset", "system_of_record": "dam", "classification": "internal"},
    {
        "slug": "customer",
        "title": "Customer",
        "system_of_record": "crm",
        "classification": "restricted",
        "personal_categories": ["contact", "preferences"],
    },
]

BOARD: dict[str, Any] = {"slug": "integration-board", "title": "Integration board", "members": ["board_1", "board_2"]}

POLICY: dict[str, Any] = {
    "slug": "production-change",
    "title": "Changes in production",
    "requirements": [
        {"kind": "check", "name": "manifest", "check": "manifest-valid"},
        {"kind": "check", "name": "documentation", "check": "documented"},
        {"kind": "check", "name": "ownership", "check": "owned"},
        {"kind": "check", "name": "quarantine", "check": "not-quarantined"},
        {"kind": "quorum", "name": "board-approval", "needs": 2, "boards": ["integration-board"], "veto": True, "token_votes": True},
    ],
}

RUNTIME: dict[str, Any] = {
    "slug": "warehouse-files",
    "title": "Warehouse file engine",
    "kind": "reference-agent",
    "environments": ["staging", "production"],
}


def manifest(rename: dict[str, str], uppercase: list[str], require: list[str]) -> dict[str, Any]:
    """A file-to-file flow for the reference agent, due every two seconds."""
    return {
        "runtime_kind": "reference-agent",
        "payload": {
            "flow": {
                "kind": "file-to-file",
                "every_s": 2,
                "source": "inbox",
                "target": "outbox",
                "transform": {"rename": rename, "uppercase": uppercase, "require": require},
            }
        },
        "health": {"every_s": 10, "grace_s": 20},
    }


def endpoints(source: str, target: str, data_object: str) -> list[dict[str, str]]:
    """Read from one system, write to another."""
    return [
        {"system": source, "data_object": data_object, "role": "source", "operation": "read", "cadence": "every 2 s"},
        {"system": target, "data_object": data_object, "role": "target", "operation": "create", "cadence": "every 2 s"},
    ]


INTEGRATIONS: list[dict[str, Any]] = [
    {
        "slug": "orders-to-erp",
        "title": "Orders → ERP",
        "purpose": "Every paid order reaches the ERP within a minute, so that the warehouse can pick it.",
        "type": "file-transfer",
        "team": "commerce-platform",
        "tier": 1,
        "technical_owner": "samir",
        "tags": ["orders", "critical"],
        "endpoints": endpoints("web-shop", "erp", "order"),
        "live": ("1.0.0", manifest({"id": "order_number"}, ["currency"], ["order_number"])),
        "waiting": (
            "1.1.0",
            manifest({"id": "order_number", "total": "gross_total"}, ["currency"], ["order_number"]),
            "The ERP asks for the gross total under its own name.",
        ),
    },
    {
        "slug": "products-to-shop",
        "title": "Products → Web shop",
        "purpose": "New and changed products appear in the shop with texts and attributes.",
        "type": "file-transfer",
        "team": "commerce-platform",
        "tier": 2,
        "technical_owner": "samir",
        "tags": ["products"],
        "endpoints": endpoints("pim", "web-shop", "product"),
        "live": ("1.0.0", manifest({"id": "sku"}, [], ["sku"])),
        "waiting": (
            "2.0.0",
            manifest({"id": "sku"}, [], ["sku", "customs_tariff_number"]),
            "Products need a customs tariff number from next quarter on.",
        ),
    },
    {
        "slug": "prices-to-shop",
        "title": "Prices → Web shop",
        "purpose": "The price list of the ERP is the one the shop sells at.",
        "type": "file-transfer",
        "team": "commerce-platform",
        "tier": 2,
        "technical_owner": "samir",
        "tags": ["prices"],
        "endpoints": endpoints("erp", "web-shop", "price"),
        "live": ("1.2.0", manifest({"id": "price_list"}, ["currency"], ["price_list"])),
    },
    {
        "slug": "stock-to-shop",
        "title": "Stock levels → Web shop",
        "purpose": "The shop never sells what the warehouse does not have.",
        "type": "flow",
        "team": "finance-systems",
        "tier": 2,
        "endpoints": endpoints("erp", "web-shop", "stock-level"),
    },
    {
        "slug": "media-to-shop",
        "title": "Media → Web shop",
        "purpose": "Approved pictures and videos reach the product pages.",
        "type": "flow",
        "team": "commerce-platform",
        "tier": 3,
        "endpoints": endpoints("dam", "web-shop", "media-asset"),
    },
    {
        "slug": "texts-to-translation",
        "title": "Product texts → Translation",
        "purpose": "Product texts are sent out for translation and come back within two days.",
        "type": "api",
        "team": "commerce-platform",
        "tier": 3,
        "endpoints": endpoints("pim", "translation", "product"),
    },
    {
        "slug": "customers-to-crm",
        "title": "Customers → CRM",
        "purpose": "Customers who agreed to it are known to the CRM. Restricted: it carries personal data.",
        "type": "event-subscription",
        "team": "commerce-platform",
        "tier": 1,
        "visibility": "restricted",
        "endpoints": endpoints("web-shop", "crm", "customer"),
    },
]

DOCUMENTS = {
    "overview": "## What it does\n\n{purpose}\n\n## Who depends on it\n\nThe warehouse and customer service work with what it delivers.\n",
    "runbook": "## When it fails\n\n1. Look at the last error on the health page.\n2. Roll back; the board's gate is reduced.\n",
    "data-mapping": "## Data mapping\n\nFields keep their names; amounts stay in the smallest unit of their currency.\n",
    "security": "## Security\n\nConnections are named by reference; secrets stay with the runtime.\n",
    "support": "## Support\n\nCommerce platform, working days from 8 to 18 h CET; on call for tier 1.\n",
}
