"""What can be refused about the landscape, integrations and releases."""

from foundation.errors import DomainError, Kind


class EnvironmentMissing(DomainError):
    """There is no such environment."""

    kind, code = Kind.MISSING, "environment-missing"


class SystemMissing(DomainError):
    """There is no such system."""

    kind, code = Kind.MISSING, "system-missing"


class DataObjectMissing(DomainError):
    """There is no such data object."""

    kind, code = Kind.MISSING, "data-object-missing"


class DomainMissing(DomainError):
    """There is no such domain."""

    kind, code = Kind.MISSING, "domain-missing"


class ComponentMissing(DomainError):
    """There is no such component."""

    kind, code = Kind.MISSING, "component-missing"


class ComponentVersionMissing(DomainError):
    """The component has no such version."""

    kind, code = Kind.MISSING, "component-version-missing"


class ConnectionTemplateMissing(DomainError):
    """There is no such connection template."""

    kind, code = Kind.MISSING, "connection-template-missing"


class ConnectionMissing(DomainError):
    """There is no such connection."""

    kind, code = Kind.MISSING, "connection-missing"


class IntegrationMissing(DomainError):
    """There is no such integration, or you may not see it."""

    kind, code = Kind.MISSING, "integration-missing"


class ReleaseMissing(DomainError):
    """The integration has no such release."""

    kind, code = Kind.MISSING, "release-missing"


class DocumentMissing(DomainError):
    """This section has not been written."""

    kind, code = Kind.MISSING, "document-missing"


class DocumentVersionMissing(DomainError):
    """The section has no such version."""

    kind, code = Kind.MISSING, "document-version-missing"


class DocumentExists(DomainError):
    """This section was written already: change the version you have read, with If-Match."""

    kind, code = Kind.CONFLICT, "document-exists"


class NotYourIntegration(DomainError):
    """Only members of the owning team, or of a team above it, and administrators may change this."""

    kind, code = Kind.FORBIDDEN, "not-your-integration"


class NotYourEntry(DomainError):
    """Only members of the owning team, or of a team above it, and administrators may register or change this."""

    kind, code = Kind.FORBIDDEN, "not-your-entry"


class ReleaseVersionTaken(DomainError):
    """The integration has a release with this version; releases never change."""

    kind, code = Kind.CONFLICT, "release-version-taken"


class DomainCycle(DomainError):
    """A domain cannot lie in itself or in one that lies in it."""

    kind, code = Kind.CONFLICT, "domain-cycle"


class ComponentVersionTaken(DomainError):
    """The component has this version; versions never change."""

    kind, code = Kind.CONFLICT, "component-version-taken"


class SlotsInUse(DomainError):
    """Connections that exist would no longer fit these slots: fill or retire them first."""

    kind, code = Kind.CONFLICT, "slots-in-use"


class ContentRefused(DomainError):
    """The content cannot be published; `errors` names each place."""

    kind, code = Kind.INVALID, "content-refused"


class ManifestRefused(DomainError):
    """The manifest cannot be released; `errors` names each place."""

    kind, code = Kind.INVALID, "manifest-refused"


class NodeMissing(DomainError):
    """There is nothing of that name to start from; a node is named `kind:slug`, such as `system:erp`."""

    kind, code = Kind.MISSING, "node-missing"


class RelationMissing(DomainError):
    """There is no such relation, or you may not see it."""

    kind, code = Kind.MISSING, "relation-missing"


class RelationExists(DomainError):
    """These two stand in this relation already."""

    kind, code = Kind.CONFLICT, "relation-exists"


class RoadmapItemMissing(DomainError):
    """The roadmap has no such item."""

    kind, code = Kind.MISSING, "roadmap-item-missing"


class SheetUnreadable(DomainError):
    """The sheet cannot be read as CSV or YAML; the sentence or `errors` name the place."""

    kind, code = Kind.INVALID, "sheet-unreadable"


class BatchMissing(DomainError):
    """You have made no such batch."""

    kind, code = Kind.MISSING, "batch-missing"


class BatchUndone(DomainError):
    """This batch was undone already."""

    kind, code = Kind.CONFLICT, "batch-undone"


class BatchOpen(DomainError):
    """You have a sheet under way. Wait until it has ended, or cancel it."""

    kind, code = Kind.CONFLICT, "batch-open"


class BatchEnded(DomainError):
    """This batch has ended."""

    kind, code = Kind.CONFLICT, "batch-ended"


class BatchUnfit(DomainError):
    """Only a trial that was carried through can be applied, and only what was applied and has ended can be undone."""

    kind, code = Kind.CONFLICT, "batch-unfit"


class RowGivenUp(DomainError):
    """This row could not be applied; the service's log says why. Send it alone."""

    kind, code = Kind.UNAVAILABLE, "row-given-up"


class TooManyRows(DomainError):
    """A batch takes at most 500 rows; cut it into several."""

    kind, code = Kind.INVALID, "too-many-rows"


class VersionNeeded(DomainError):
    """Each row of a batch names the version that was read, so that nobody's newer work is overwritten."""

    kind, code = Kind.PRECONDITION_REQUIRED, "version-needed"


class TierMissing(DomainError):
    """There is no such tier."""

    kind, code = Kind.MISSING, "tier-missing"


class NotAnOwner(DomainError):
    """Only owners, members of the owning team or of a team above it, and administrators speak for this integration."""

    kind, code = Kind.FORBIDDEN, "not-an-owner"


class LifecycleMissing(DomainError):
    """There is no lifecycle with this number."""

    kind, code = Kind.MISSING, "lifecycle-missing"


class LifecycleNumberTaken(DomainError):
    """Somebody else published a lifecycle at the same moment: publish again."""

    kind, code = Kind.CONFLICT, "lifecycle-number-taken"


class TombstoneMissing(DomainError):
    """Nothing that was deleted has this id: it was restored meanwhile, or never deleted."""

    kind, code = Kind.MISSING, "tombstone-missing"


class NameGivenAway(DomainError):
    """The name was given to another since: restore it under a new slug."""

    kind, code = Kind.CONFLICT, "name-given-away"


class RestFirst(DomainError):
    """What it stands on was deleted too: restore that first."""

    kind, code = Kind.CONFLICT, "restore-first"


class ImportBatchMissing(DomainError):
    """There is no such import, or you may not see it."""

    kind, code = Kind.MISSING, "import-missing"


class ImportBatchEnded(DomainError):
    """The import has ended."""

    kind, code = Kind.CONFLICT, "import-ended"


class DivergenceMissing(DomainError):
    """The integration has no such divergence."""

    kind, code = Kind.MISSING, "divergence-missing"


class DivergenceResolved(DomainError):
    """Somebody has answered it."""

    kind, code = Kind.CONFLICT, "divergence-resolved"


class DivergenceMoved(DomainError):
    """The machine says something else now than what you were shown: look again, then answer."""

    kind, code = Kind.CONFLICT, "divergence-moved"


class ViewMissing(DomainError):
    """There is no such view, or its owner does not share it."""

    kind, code = Kind.MISSING, "view-missing"


class NotYourView(DomainError):
    """Only the one who saved a view, and administrators, may change it."""

    kind, code = Kind.FORBIDDEN, "not-your-view"


class ViewTitleTaken(DomainError):
    """You have a view with this title."""

    kind, code = Kind.CONFLICT, "view-title-taken"
