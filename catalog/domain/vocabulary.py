"""The closed lists of the catalog, in the field's own terms (xRegistry, AsyncAPI, ServiceNow)."""

from enum import StrEnum


class SystemKind(StrEnum):
    ERP = "erp"
    CRM = "crm"
    PIM = "pim"
    DAM = "dam"
    COMMERCE = "commerce"
    TRANSLATION = "translation"
    MARKETING = "marketing"
    FINANCE = "finance"
    DATA = "data"
    IDENTITY = "identity"
    OTHER = "other"


class Classification(StrEnum):
    """How far a data object may travel, from open to closest kept."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class IntegrationType(StrEnum):
    FLOW = "flow"
    API = "api"
    EVENT_SUBSCRIPTION = "event-subscription"
    FILE_TRANSFER = "file-transfer"
    B2B = "b2b"
    CONNECTOR = "connector"


class Stage(StrEnum):
    """The default lifecycle of an integration."""

    PROPOSED = "proposed"
    DESIGNED = "designed"
    BUILT = "built"
    TESTED = "tested"
    LIVE = "live"
    OPTIMIZING = "optimizing"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class EndpointRole(StrEnum):
    SOURCE = "source"
    TARGET = "target"
    ENRICHMENT = "enrichment"
    REPLY = "reply"


class Operation(StrEnum):
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NOTIFY = "notify"


class Section(StrEnum):
    """The sections an integration's documentation is kept in."""

    OVERVIEW = "overview"
    DATA_MAPPING = "data-mapping"
    RUNBOOK = "runbook"
    SUPPORT = "support"
    SECURITY = "security"
    ONBOARDING = "onboarding"
    GLOSSARY = "glossary"
