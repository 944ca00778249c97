"""Publishing a release from a text area or a file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from foundation.limits import MAX_BODY
from portal.forms.integrations import CommaList


class ReleaseForm(forms.Form):
    """One immutable version; the bytes are kept exactly as they came."""

    version = forms.CharField(label=_("Version"), max_length=63, help_text=_("Semantic, such as 1.2.0."))
    co_authors = CommaList(
        label=_("Written together with"),
        max_length=2000,
        required=False,
        help_text=_("User names, separated by commas. None of them may approve it."),
    )
    manifest = forms.CharField(
        label=_("Manifest (JSON)"),
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "rows": 18}),
        error_messages={"required": _("Write the manifest here or choose a file.")},
    )
    manifest_file = forms.FileField(label=_("Or a file"), required=False, help_text=_("At most 1 MiB. It wins over the text above."))
    notes = forms.CharField(label=_("Notes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The text is needed only where no file is sent; the browser cannot know that."""
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if self.files.get("manifest_file"):
            self.fields["manifest"].required = False

    def clean_manifest_file(self) -> "UploadedFile[bytes] | None":
        """Nothing larger than the API reads."""
        file: UploadedFile[bytes] | None = self.cleaned_data["manifest_file"]
        if file is not None and (file.size or 0) > MAX_BODY:
            raise forms.ValidationError(_t("The file is larger than 1 MiB."))
        return file

    def manifest_bytes(self) -> bytes:
        """The manifest as it was sent."""
        file: UploadedFile[bytes] | None = self.cleaned_data["manifest_file"]
        return file.read() if file is not None else str(self.cleaned_data["manifest"]).encode()
