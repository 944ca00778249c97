"""Moving an integration, acknowledging a deprecation, publishing a lifecycle and migrating to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.domain.definition_text import MAX_LENGTH
from catalog.domain.lifecycle import StageKind

GUARD_WORDS: Mapping[str, Promise] = {
    "owning-team": _("Owning team"),
    "owner-roles": _("Owners that the tier asks for"),
    "systems-and-data-named": _("Systems and data objects named"),
    "reuse-check-answered": _("Reuse check answered"),
    "contract-or-classification-set": _("Classification set"),
    "connection-templates-chosen": _("Connections chosen"),
    "release-exists": _("A release exists"),
    "checks-pass": _("Checks pass"),
    "documents-complete": _("Documents complete"),
    "production-change-completed": _("Change into production completed"),
    "observed-in-production": _("Observed in production"),
    "health-expectation-set": _("Health expectation set"),
    "support-model-set": _("Support model set"),
    "roadmap-or-breach": _("Open roadmap item, or not well"),
    "roadmap-done": _("Roadmap work done, and well"),
    "deprecation-dates": _("Deprecation dates"),
    "alternative-named": _("Alternative named"),
    "consumers-notified": _("Consumers notified"),
    "removal-date-passed": _("Removal date passed"),
    "nothing-live": _("Runs nowhere"),
    "consumers-acknowledged": _("Consumers acknowledged"),
    "no-traffic-for-days": _("No traffic"),
}
KIND_WORDS: Mapping[StageKind, Promise] = {
    StageKind.BUILDING: _("on its way to production"),
    StageKind.LIVE: _("in use"),
    StageKind.LEAVING: _("on its way out"),
    StageKind.HALTED: _("stopped for now"),
    StageKind.FINAL: _("at its end"),
}


class MoveForm(forms.Form):
    """One move; `version` is the one whose conditions were read."""

    to = forms.CharField(max_length=31, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(label=_("Reason"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class AcknowledgeForm(forms.Form):
    team = forms.CharField(max_length=63, widget=forms.HiddenInput)


class PublishForm(forms.Form):
    """A whole definition as text."""

    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("What changes with this version."))
    definition = forms.CharField(
        label=_("Definition"),
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text=_("YAML or JSON. The text of the newest version is filled in: change what should change."),
    )


class MigrateForm(forms.Form):
    """For every stage in use, where it goes."""

    def __init__(self, *args: Any, used: Sequence[tuple[str, str, int]], targets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """`used`: [(key, title, how many)] of the version to leave; `targets`: [(key, title)] of the version to enter."""
        super().__init__(*args, **kwargs)
        keys = {key for key, _title in targets}
        for key, title, count in used:
            self.fields[f"stage-{key}"] = forms.ChoiceField(
                label=_("%(title)s (%(count)d)") % {"title": title, "count": count},
                choices=[("", "\N{EN DASH}"), *targets],
                initial=key if key in keys else "",
            )

    def mapping(self) -> dict[str, str]:
        """Stage to leave → stage to enter."""
        return {name.removeprefix("stage-"): value for name, value in self.cleaned_data.items()}
