"""How documents, their versions and differences look over HTTP, and what their commands take."""

from rest_framework import serializers

from catalog.domain.documents import MAX_LENGTH, Freshness, Reason
from catalog.domain.vocabulary import Section
from foundation.edge.serializers import CommandSerializer, ReadSerializer

SECTIONS = [section.value for section in Section]
_KINDS = ["same", "add", "del"]


class DocumentSerializer(ReadSerializer):
    """One section of the documentation, in Markdown, and whether somebody said that it holds for the release that counts."""

    section = serializers.ChoiceField(SECTIONS)
    body = serializers.CharField()
    version = serializers.IntegerField()
    changed_at = serializers.DateTimeField()
    is_required = serializers.BooleanField(source="state.is_required")
    freshness = serializers.ChoiceField([one.value for one in Freshness], source="state.freshness")
    reason = serializers.ChoiceField([one.value for one in Reason], source="state.reason")
    newer_release = serializers.CharField(source="state.newer", allow_null=True)
    older_release = serializers.CharField(source="state.older", allow_null=True)
    changed_since_verified = serializers.BooleanField(source="state.changed_since_verified")
    verified_for = serializers.CharField(source="verified_for.version", allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = serializers.CharField(source="verified_by.username", allow_null=True)


class DocumentListSerializer(ReadSerializer):
    """All sections, and those that the tier asks for and nobody has written."""

    results = DocumentSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    next = serializers.CharField(allow_null=True)


class WriteDocumentSerializer(CommandSerializer):
    body = serializers.CharField(max_length=MAX_LENGTH, trim_whitespace=False)


class NewDocumentSerializer(WriteDocumentSerializer):
    section = serializers.ChoiceField(SECTIONS)


class VerifyDocumentSerializer(CommandSerializer):
    release = serializers.CharField(max_length=63)


class DocumentVersionSerializer(ReadSerializer):
    """One version: who made it, the log event that tells of it, and whether it only verified the text."""

    version = serializers.IntegerField()
    at = serializers.DateTimeField(source="history_date")
    by = serializers.CharField(source="history_user.username", allow_null=True)
    event_id = serializers.UUIDField()
    is_verification = serializers.BooleanField()
    verified_for = serializers.CharField(source="verified_for.version", allow_null=True)


class DocumentVersionDetailSerializer(DocumentVersionSerializer):
    """The same with the text as it was."""

    section = serializers.ChoiceField(SECTIONS)
    body = serializers.CharField()


class DifferenceLineSerializer(ReadSerializer):
    """One line; its number on a side it does not stand on is null."""

    kind = serializers.ChoiceField(_KINDS)
    old = serializers.IntegerField(allow_null=True)
    new = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class HunkSerializer(ReadSerializer):
    """Lines that changed, with up to three unchanged ones around them."""

    old_start = serializers.IntegerField()
    new_start = serializers.IntegerField()
    lines = DifferenceLineSerializer(many=True)


class DocumentDifferenceSerializer(ReadSerializer):
    """What differs between two versions, line by line. Texts of more than 3,000 lines are not compared: `too_long`, no hunks."""

    section = serializers.ChoiceField(SECTIONS)
    from_version = serializers.IntegerField()
    to_version = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    too_long = serializers.BooleanField()
    hunks = HunkSerializer(many=True)
