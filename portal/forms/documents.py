"""Writing one section of an integration's documentation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.domain.documents import MAX_LENGTH
from catalog.domain.vocabulary import Section

SECTION_WORDS = {
    Section.OVERVIEW: _("Overview"),
    Section.DATA_MAPPING: _("Data mapping"),
    Section.RUNBOOK: _("Runbook"),
    Section.SUPPORT: _("Support"),
    Section.SECURITY: _("Security"),
    Section.ONBOARDING: _("Onboarding"),
    Section.GLOSSARY: _("Glossary"),
}


class DocumentForm(forms.Form):
    """`version` is the one that was read; empty for a section that nobody wrote yet."""

    section = forms.ChoiceField(label=_("Section"), choices=[(section.value, words) for section, words in SECTION_WORDS.items()])
    body = forms.CharField(
        label=_("Text"),
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("CommonMark; HTML is shown as text."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
