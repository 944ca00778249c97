"""/environments, /domains, /systems and /data-objects, and one of each."""

from catalog.api import shapes
from catalog.api.entries import Collection, Entry, EntryView, History, Renaming, described, told_history
from catalog.domain.vocabulary import EntityKind
from catalog.selectors.lists import FILTERS
from catalog.services import domains
from catalog.services import landscape as commands


class _Environments(EntryView):
    noun, shape = commands.ENVIRONMENT, shapes.EnvironmentSerializer


class _Domains(EntryView):
    noun, shape = domains.DOMAIN, shapes.DomainSerializer


class _Systems(EntryView):
    noun, shape = commands.SYSTEM, shapes.SystemSerializer


class _DataObjects(EntryView):
    noun, shape = commands.DATA_OBJECT, shapes.DataObjectSerializer


@described(shapes.EnvironmentSerializer, register=shapes.RegisterEnvironmentSerializer)
class EnvironmentsView(_Environments, Collection):
    """Environments on the way to production."""

    command, register = shapes.RegisterEnvironmentSerializer, commands.register_environment
    filters = FILTERS[EntityKind.ENVIRONMENT]


@described(shapes.EnvironmentSerializer, update=shapes.UpdateEnvironmentSerializer)
class EnvironmentView(_Environments, Entry):
    """One environment."""

    command, update = shapes.UpdateEnvironmentSerializer, commands.update_environment


@described(shapes.EnvironmentSerializer, rename=True)
class EnvironmentRenameView(_Environments, Renaming):
    """Another name for an environment."""


@told_history
class EnvironmentHistoryView(_Environments, History):
    """What changed on an environment."""


@described(shapes.DomainSerializer, register=shapes.RegisterDomainSerializer)
class DomainsView(_Domains, Collection):
    """Business areas, a tree."""

    command, register = shapes.RegisterDomainSerializer, domains.register_domain
    filters = FILTERS[EntityKind.DOMAIN]


@described(shapes.DomainSerializer, update=shapes.UpdateDomainSerializer)
class DomainView(_Domains, Entry):
    """One business area."""

    command, update = shapes.UpdateDomainSerializer, domains.update_domain


@described(shapes.DomainSerializer, rename=True)
class DomainRenameView(_Domains, Renaming):
    """Another name for a domain."""


@told_history
class DomainHistoryView(_Domains, History):
    """What changed on a domain."""


@described(shapes.SystemSerializer, register=shapes.RegisterSystemSerializer)
class SystemsView(_Systems, Collection):
    """Systems that integrations connect."""

    command, register = shapes.RegisterSystemSerializer, commands.register_system
    filters = FILTERS[EntityKind.SYSTEM]


@described(shapes.SystemSerializer, update=shapes.UpdateSystemSerializer)
class SystemView(_Systems, Entry):
    """One system."""

    command, update = shapes.UpdateSystemSerializer, commands.update_system


@described(shapes.SystemSerializer, rename=True)
class SystemRenameView(_Systems, Renaming):
    """Another name for a system."""


@told_history
class SystemHistoryView(_Systems, History):
    """What changed on a system."""


@described(shapes.DataObjectSerializer, register=shapes.RegisterDataObjectSerializer)
class DataObjectsView(_DataObjects, Collection):
    """Data objects that flow between systems."""

    command, register = shapes.RegisterDataObjectSerializer, commands.register_data_object
    filters = FILTERS[EntityKind.DATA_OBJECT]


@described(shapes.DataObjectSerializer, update=shapes.UpdateDataObjectSerializer)
class DataObjectView(_DataObjects, Entry):
    """One data object."""

    command, update = shapes.UpdateDataObjectSerializer, commands.update_data_object


@described(shapes.DataObjectSerializer, rename=True)
class DataObjectRenameView(_DataObjects, Renaming):
    """Another name for a data object."""


@told_history
class DataObjectHistoryView(_DataObjects, History):
    """What changed on a data object."""
