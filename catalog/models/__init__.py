from catalog.models.contribution import Contribution
from catalog.models.document import Document
from catalog.models.environment import Environment
from catalog.models.integration import (
    FlowEndpoint,
    Integration,
    IntegrationGroupObjectPermission,
    IntegrationUserObjectPermission,
    Visibility,
)
from catalog.models.release import LiveRelease, Release, ReleaseAuthor
from catalog.models.system import DataObject, System

__all__ = [
    "Contribution",
    "DataObject",
    "Document",
    "Environment",
    "FlowEndpoint",
    "Integration",
    "IntegrationGroupObjectPermission",
    "IntegrationUserObjectPermission",
    "LiveRelease",
    "Release",
    "ReleaseAuthor",
    "System",
    "Visibility",
]
