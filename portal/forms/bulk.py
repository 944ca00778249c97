"""Sending a sheet back."""

from io import StringIO, TextIOWrapper
from typing import Any, TextIO

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from catalog.domain.sheets import MAX_CHARS, MOST_BYTES

FORMS = [("csv", _("CSV, for spreadsheets")), ("yaml", _("YAML"))]


class SheetForm(forms.Form):
    """A sheet as text or as a file; the text is kept on the page while its effect is looked at."""

    format = forms.ChoiceField(label=_("Format"), choices=FORMS)
    file = forms.FileField(label=_("File"), required=False, help_text=_("Up to 50,000 rows and 48 MiB. It wins over the text below."))
    content = forms.CharField(
        label=_("Or the text"),
        required=False,
        strip=False,
        max_length=MAX_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """`content` holds a short sheet, wherever it came from; `large` the file of a long one."""
        found: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if found is not None:
            self.cleaned_data["content"] = self._text_of(found)
        if not self.cleaned_data.get("content") and "large" not in self.cleaned_data and not self.errors:
            self.add_error("content", _t("Choose a file or write the sheet here."))
        return self.cleaned_data

    def sheet(self) -> TextIO:
        """The sheet that was sent."""
        large = self.cleaned_data.get("large")
        if large is not None:
            return TextIOWrapper(large.file, "utf-8-sig", newline="")
        return StringIO(self.cleaned_data["content"], newline="")

    def _text_of(self, found: "UploadedFile[bytes]") -> str:
        """The text, if it is short enough to be kept on the page."""
        size = found.size or 0
        if size > MOST_BYTES:
            self.add_error("file", _t("The file is larger than 48 MiB."))
            return ""
        if size > MAX_CHARS:
            self.cleaned_data["large"] = found
            return ""
        try:
            text: str = found.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _t("The file is not UTF-8 text. Save it as “CSV UTF-8”."))
            return ""
        return text
