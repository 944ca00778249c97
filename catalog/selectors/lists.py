"""What each list of the landscape may be filtered, sorted and searched by: the same for the API and for the pages."""

from dataclasses import replace

from catalog.domain.connections import Upkeep
from catalog.domain.vocabulary import AuthType, Classification, ComponentKind, EntityKind, SystemKind
from catalog.selectors.conditions import by_name, needing
from catalog.selectors.domains import CONDITION
from foundation.filters import FilterField, FilterSpec, absent, boolean, choice, compile_filters, integer, member, moment, present, text
from foundation.filters import slug as slug_filter

_BY_NAME = {"slug": ("slug_key",), "title": ("title", "slug_key")}
_RETIRED = {"is_retired": present("retired_at")}
_DOMAIN = {"domain": slug_filter(CONDITION), "has_no_domain": absent("domain")}
_TEAM = {"team": slug_filter("team__slug_key"), "has_no_team": absent("team")}


def _spec(fields: dict[str, FilterField], *words: str) -> FilterSpec:
    return compile_filters({**fields, **_RETIRED}, sorts=_BY_NAME, default_sort="slug", search=("slug", "title", *words), as_of=True)


FILTERS: dict[EntityKind, FilterSpec] = {
    EntityKind.ENVIRONMENT: compile_filters(
        {"is_production": boolean("is_production")},
        sorts={"rank": ("rank", "slug_key"), **_BY_NAME},
        default_sort="rank",
        search=("slug", "title"),
        as_of=True,
    ),
    EntityKind.DOMAIN: _spec({"parent": by_name(EntityKind.DOMAIN, "parent"), "is_top": absent("parent"), **_TEAM}, "description"),
    EntityKind.SYSTEM: _spec(
        {
            "kind": choice("kind", SystemKind),
            "tier": integer("tier"),
            "residency": text("residency"),
            "is_discovered": boolean("is_discovered"),
            **_DOMAIN,
            **_TEAM,
        },
        "vendor",
        "description",
    ),
    EntityKind.DATA_OBJECT: _spec(
        {
            "classification": choice("classification", Classification),
            "system_of_record": by_name(EntityKind.SYSTEM, "system_of_record"),
            "personal_category": member("personal_categories"),
            "is_discovered": boolean("is_discovered"),
            **_DOMAIN,
        },
        "description",
    ),
    EntityKind.COMPONENT: _spec({"kind": choice("kind", ComponentKind), "team": slug_filter("team__slug_key")}, "description"),
    EntityKind.CONNECTION_TEMPLATE: _spec({"protocol": text("protocol"), "auth_type": choice("auth_type", AuthType)}, "description"),
    EntityKind.CONNECTION: _spec(
        {
            "template": by_name(EntityKind.CONNECTION_TEMPLATE, "template"),
            "system": by_name(EntityKind.SYSTEM, "system"),
            "environment": by_name(EntityKind.ENVIRONMENT, "environment"),
            "team": slug_filter("team__slug_key"),
            "expires_at": moment("expires_at"),
            "upkeep": replace(choice("", Upkeep), build=needing),
        }
    ),
}
