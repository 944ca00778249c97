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


class IntegrationMissing(DomainError):
    """There is no such integration, or you may not see it."""

    kind, code = Kind.MISSING, "integration-missing"


class ReleaseMissing(DomainError):
    """The integration has no such release."""

    kind, code = Kind.MISSING, "release-missing"


class DocumentMissing(DomainError):
    """This section has not been written."""

    kind, code = Kind.MISSING, "document-missing"


class DocumentExists(DomainError):
    """This section was written already: change the version you have read, with If-Match."""

    kind, code = Kind.CONFLICT, "document-exists"


class NotYourIntegration(DomainError):
    """Only members of the owning team, or of a team above it, and administrators may change this."""

    kind, code = Kind.FORBIDDEN, "not-your-integration"


class NotYourSystem(DomainError):
    """Only members of the owning team and administrators may change this."""

    kind, code = Kind.FORBIDDEN, "not-your-system"


class ReleaseVersionTaken(DomainError):
    """The integration has a release with this version; releases never change."""

    kind, code = Kind.CONFLICT, "release-version-taken"


class ManifestRefused(DomainError):
    """The manifest cannot be released; `errors` names each place."""

    kind, code = Kind.INVALID, "manifest-refused"
