"""What the demo knows of its integrations as products: business areas, reusable parts, connections, promises, relations, plans."""

from typing import Any

DOMAINS: list[dict[str, Any]] = [
    {"slug": "commerce", "title": "Commerce", "description": "Selling to customers, from the first look to the delivered parcel."},
    {"slug": "catalogue", "title": "Catalogue and content", "parent": "commerce", "description": "Products, texts, pictures, prices."},
    {"slug": "customers", "title": "Customers", "parent": "commerce", "description": "Who buys, and what they agreed to."},
    {"slug": "finance", "title": "Finance and supply", "description": "Orders, stock, invoices."},
]
PLACES: dict[str, str] = {"web-shop": "commerce", "pim": "catalogue", "dam": "catalogue", "crm": "customers", "erp": "finance"}

COMPONENT: dict[str, Any] = {
    "slug": "currency-codes",
    "title": "Currency codes",
    "kind": "transformation",
    "team": "commerce-platform",
    "description": "Currencies as ISO 4217 codes in capitals, whatever the source calls them.",
}
COMPONENT_VERSIONS: list[tuple[str, dict[str, Any], str]] = [
    ("1.0.0", {"uppercase": ["currency"]}, "The first."),
    ("1.1.0", {"uppercase": ["currency"], "rename": {"curr": "currency"}}, "Also takes the short name that the ERP uses."),
]

TEMPLATE: dict[str, Any] = {
    "slug": "https-api-key",
    "title": "HTTPS with an API key",
    "protocol": "https",
    "auth_type": "api-key",
    "description": "For services that take a key in a header. The key stays in the vault of the environment.",
    "slots": [{"name": "key", "required": True, "description": "The key of the technical account."}],
}
CONNECTIONS: list[dict[str, Any]] = [
    {
        "slug": "erp-production",
        "title": "ERP, production",
        "template": "https-api-key",
        "system": "erp",
        "environment": "production",
        "team": "finance-systems",
        "references": {"key": "vault://integrations/erp/production#key"},
        "rotate_every_days": 90,
    },
    {
        "slug": "web-shop-production",
        "title": "Web shop, production",
        "template": "https-api-key",
        "system": "web-shop",
        "environment": "production",
        "team": "commerce-platform",
        "references": {"key": "vault://integrations/web-shop/production#key"},
    },
]

SUPPORT = {
    "channel": "#integrations-commerce",
    "hours": "Monday to Friday, 8 to 18 h CET",
    "response_target": "30 minutes in these hours, 2 hours otherwise",
    "escalation": "Integration office, then the head of commerce",
}
PROMISES: dict[str, dict[str, Any]] = {
    "orders-to-erp": {
        "business_owner": "lena",
        "on_call": "samir",
        "data_steward": "lena",
        "business_value": "Without it no order is picked: about 4,000 a day.",
        "support": SUPPORT,
        "change_policy": {"notice_days": 5, "maintenance_window": "Sunday 2 to 4 h CET", "approval": "The integration board"},
        "labels": {"cost-centre": "4711", "criticality": "high"},
        "reuse_check": "Invoices → ERP was considered; it runs at night only.",
    },
    "products-to-shop": {"business_owner": "lena", "support": SUPPORT, "labels": {"cost-centre": "4711"}},
    "prices-to-shop": {"business_owner": "lena", "support": SUPPORT},
    "media-to-shop": {
        "deprecation": {
            "effective_on": "2027-01-01",
            "removal_on": "2027-06-30",
            "alternative": "products-to-shop",
            "reason": "Pictures travel with their products from next year on.",
        },
    },
}
RELATIONS: list[tuple[str, str, str]] = [
    ("prices-to-shop", "depends-on", "products-to-shop"),
    ("stock-to-shop", "depends-on", "products-to-shop"),
    ("products-to-shop", "replaces", "media-to-shop"),
]
ROADMAP: list[dict[str, Any]] = [
    {"integration": "orders-to-erp", "title": "Partial deliveries as orders of their own", "quarter": "2027-Q1", "state": "in-progress"},
    {"integration": "orders-to-erp", "title": "Returns on the same way back", "quarter": "2027-Q2"},
    {"integration": "products-to-shop", "title": "Customs tariff numbers from the source", "quarter": "2027-Q1"},
]
