from catalog.models.bulk import BulkBatch, BulkRow, SavedView
from catalog.models.carried import CarriedName
from catalog.models.component import Component, ComponentVersion, Pin
from catalog.models.connection import Connection, ConnectionTemplate
from catalog.models.contribution import Contribution
from catalog.models.document import Document
from catalog.models.domain import Domain
from catalog.models.environment import Environment
from catalog.models.integration import (
    FlowEndpoint,
    Integration,
    IntegrationGroupObjectPermission,
    IntegrationUserObjectPermission,
    Visibility,
)
from catalog.models.name import Name
from catalog.models.policy import LifecycleModel, TierPolicy
from catalog.models.provenance import Divergence, FieldSource, ImportBatch, ImportFile, ImportSource, ObservationClock
from catalog.models.relation import Relation
from catalog.models.release import LiveRelease, Release, ReleaseAuthor
from catalog.models.roadmap import RoadmapItem
from catalog.models.system import DataObject, System
from catalog.models.tombstone import Tombstone
from catalog.models.words import StaleWords

__all__ = [
    "BulkBatch",
    "BulkRow",
    "CarriedName",
    "Component",
    "ComponentVersion",
    "Connection",
    "ConnectionTemplate",
    "Contribution",
    "DataObject",
    "Divergence",
    "Document",
    "Domain",
    "Environment",
    "FieldSource",
    "FlowEndpoint",
    "ImportBatch",
    "ImportFile",
    "ImportSource",
    "Integration",
    "IntegrationGroupObjectPermission",
    "IntegrationUserObjectPermission",
    "LifecycleModel",
    "LiveRelease",
    "Name",
    "ObservationClock",
    "Pin",
    "Relation",
    "Release",
    "ReleaseAuthor",
    "RoadmapItem",
    "SavedView",
    "StaleWords",
    "System",
    "TierPolicy",
    "Tombstone",
    "Visibility",
]
