"""Shapes of the log's answers."""

from rest_framework import serializers

from foundation.edge.serializers import ReadSerializer


class EventSerializer(ReadSerializer):
    """One event. `index` is null until it has its place in the log."""

    id = serializers.UUIDField()
    index = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    sequenced_at = serializers.DateTimeField(allow_null=True)
    verb = serializers.CharField()
    leaf_hash = serializers.CharField(help_text="sha256: and the RFC 6962 leaf hash")
    leaf = serializers.JSONField(help_text="the leaf's members; its canonical bytes are RFC 8785 of them")


class EventPageSerializer(ReadSerializer):
    """A page in the log's order."""

    results = EventSerializer(many=True)
    next_index = serializers.IntegerField(help_text="ask again with since_index set to this; nothing is missed")


class EventDetailSerializer(EventSerializer):
    """One event with the texts it commits to."""

    texts = serializers.DictField()
    erased = serializers.ListField(child=serializers.CharField(), help_text="texts that no longer exist")


class ProofSerializer(ReadSerializer):
    """What a receipt's holder needs to check that the log kept the event."""

    event_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["waiting", "proven"])
    leaf_hash = serializers.CharField(required=False)
    index = serializers.IntegerField(required=False)
    size = serializers.IntegerField(required=False)
    root = serializers.CharField(required=False, help_text="base64")  # type: ignore[assignment]  # a field's name, not DRF's property
    proof = serializers.ListField(child=serializers.CharField(), required=False, help_text="RFC 6962 audit path, base64")
    checkpoint = serializers.CharField(required=False, help_text="C2SP signed note")


class LogSerializer(ReadSerializer):
    """The log at a glance."""

    origin = serializers.CharField()
    key = serializers.CharField(help_text="C2SP verification key")
    size = serializers.IntegerField(help_text="leaves under the newest signed head")
    root = serializers.CharField(help_text="base64")  # type: ignore[assignment]  # a field's name, not DRF's property
    signed_at = serializers.DateTimeField(allow_null=True)
    unsequenced = serializers.IntegerField()
    unsigned = serializers.IntegerField()
