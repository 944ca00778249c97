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


class ComponentKind(StrEnum):
    TRANSFORMATION = "transformation"
    MAPPING = "mapping"
    SCRIPT = "script"
    CONNECTOR = "connector"
    SUB_FLOW = "sub-flow"


class AuthType(StrEnum):
    """How a connection proves who it is."""

    NONE = "none"
    BASIC = "basic"
    API_KEY = "api-key"
    OAUTH2 = "oauth2"
    MUTUAL_TLS = "mutual-tls"
    SSH_KEY = "ssh-key"
    OTHER = "other"


class OwnerRole(StrEnum):
    """Who answers for an integration, and for what."""

    ACCOUNTABLE_TEAM = "accountable-team"
    TECHNICAL_OWNER = "technical-owner"
    BUSINESS_OWNER = "business-owner"
    ON_CALL = "on-call"
    DATA_STEWARD = "data-steward"


class EntityKind(StrEnum):
    """What has a name of its own, can be renamed, related and deleted."""

    INTEGRATION = "integration"
    SYSTEM = "system"
    DATA_OBJECT = "data-object"
    DOMAIN = "domain"
    ENVIRONMENT = "environment"
    COMPONENT = "component"
    CONNECTION_TEMPLATE = "connection-template"
    CONNECTION = "connection"


class RelationType(StrEnum):
    """A relation read from its source; `INVERSE` has the same read from its target."""

    DEPENDS_ON = "depends-on"
    FEEDS = "feeds"
    REPLACES = "replaces"
    DUPLICATES = "duplicates"
    PART_OF = "part-of"
    USES = "uses"
    CALLS = "calls"


INVERSE: dict[RelationType, str] = {
    RelationType.DEPENDS_ON: "depended-on-by",
    RelationType.FEEDS: "fed-by",
    RelationType.REPLACES: "replaced-by",
    RelationType.DUPLICATES: "duplicated-by",
    RelationType.PART_OF: "has-part",
    RelationType.USES: "used-by",
    RelationType.CALLS: "called-by",
}


class RoadmapState(StrEnum):
    PLANNED = "planned"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    DROPPED = "dropped"


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
