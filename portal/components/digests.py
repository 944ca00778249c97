"""Digests as people read them: a short form with the whole in the title, and a button that copies the whole."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .icons import icon


def short_form(digest: str, length: int = 12) -> str:
    """Return the first `length` hex characters after the algorithm's name ("sha256:")."""
    return digest.rpartition(":")[2][:length]


def digest_tag(digest: str, *, copy: bool = False) -> SafeString:
    """Return the digest shortened; `copy` adds a button that scripts reveal (without scripts the title has it all)."""
    if not digest:
        return format_html('<span class="muted">{}</span>', _("none"))
    text = format_html('<code class="digest" title="{}">{}</code>', digest, short_form(digest))
    if not copy:
        return text
    return format_html(
        '<span class="copyable">{}<button class="copy" type="button" data-copy="{}" data-copied="{}"'
        ' aria-label="{}" hidden>{}</button></span>',
        text,
        digest,
        _("Copied"),
        _("Copy digest %(short)s") % {"short": short_form(digest)},
        icon("copy", 14),
    )
