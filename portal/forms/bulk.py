"""Sending a sheet back."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from catalog.domain.sheets import MAX_CHARS
from foundation.limits import MAX_BODY

FORMS = [("csv", _("CSV, for spreadsheets")), ("yaml", _("YAML"))]


class SheetForm(forms.Form):
    """A sheet as text or as a file; the text is kept on the page while its effect is looked at."""

    format = forms.ChoiceField(label=_("Format"), choices=FORMS)
    file = forms.FileField(label=_("File"), required=False, help_text=_("At most 500 rows and 1 MiB. It wins over the text below."))
    content = forms.CharField(
        label=_("Or the text"),
        required=False,
        strip=False,
        max_length=MAX_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, str]:
        """`content` holds the sheet, wherever it came from."""
        found: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if found is not None:
            self.cleaned_data["content"] = self._text_of(found)
        if not self.cleaned_data.get("content") and not self.errors:
            self.add_error("content", _t("Choose a file or write the sheet here."))
        return self.cleaned_data

    def _text_of(self, found: "UploadedFile[bytes]") -> str:
        if (found.size or 0) > MAX_BODY:
            self.add_error("file", _t("The file is larger than 1 MiB."))
            return ""
        try:
            text: str = found.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _t("The file is not UTF-8 text. Save it as “CSV UTF-8”."))
            return ""
        return text
