"""Writing one section of an integration's documentation, verifying it, comparing its versions."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.domain.documents import MAX_LENGTH
from catalog.domain.vocabulary import Section

LARGEST = 2**31 - 1
SECTION_WORDS = {
    Section.OVERVIEW: _("Overview"),
    Section.DATA_MAPPING: _("Data mapping"),
    Section.RUNBOOK: _("Runbook"),
    Section.SUPPORT: _("Support"),
    Section.SECURITY: _("Security"),
    Section.ONBOARDING: _("Onboarding"),
    Section.GLOSSARY: _("Glossary"),
}
SECTION_ANSWERS = {
    Section.OVERVIEW: _("What it is for, and what stops when it stops."),
    Section.DATA_MAPPING: _("Which field becomes which, and what is lost on the way."),
    Section.RUNBOOK: _("What to do when it fails, step by step."),
    Section.SUPPORT: _("Whom to call, when, and what they promise."),
    Section.SECURITY: _("Which data leave, who may see them, how access is kept."),
    Section.ONBOARDING: _("How a newcomer starts working on it."),
    Section.GLOSSARY: _("Words that mean something particular here."),
}


class DocumentForm(forms.Form):
    """`version` is the one that was read; empty for a section that nobody wrote yet."""

    section = forms.ChoiceField(label=_("Section"), choices=[(section.value, words) for section, words in SECTION_WORDS.items()])
    body = forms.CharField(
        label=_("Text"),
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text=_("CommonMark with tables; headings become the contents. HTML is shown as text."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=LARGEST)


class VerifyForm(forms.Form):
    """The release the text was read against; `version` is the one of the text that was read."""

    release = forms.ChoiceField(label=_("Release"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)

    def __init__(self, *args: object, releases: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """`releases` are (version, words), the likeliest first."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments
        self.fields["release"].choices = list(releases)  # type: ignore[attr-defined]  # of a ChoiceField


class CompareForm(forms.Form):
    """Two versions of a section."""

    old = forms.IntegerField(label=_("From version"), min_value=1, max_value=LARGEST)
    new = forms.IntegerField(label=_("To version"), min_value=1, max_value=LARGEST)
