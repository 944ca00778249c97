"""Documents, their versions, subscriptions and notifications."""

from governance.models import Notification

WHO = {
    **dict.fromkeys(["notifications_list", "notifications_read_all", "subscriptions_list"], "everybody"),
    **dict.fromkeys(
        [
            "integrations_documents_versions_list",
            "integrations_documents_versions_retrieve",
            "integrations_documents_diff_retrieve",
            "integrations_subscribe",
            "integrations_unsubscribe",
        ],
        "who sees it",
    ),
    "integrations_documents_verify_create": "who owns it",
    "notifications_read": "the holder",
}
BODIES = {"integrations_documents_verify_create": {"release": "1.0.0"}}
MISSING = {"notification_id": "01890a5d-ac96-774b-bcce-b302099a8057"}


def places(estate):
    """The first version of a section, and something that the owner and a stranger were told about the restricted integration."""
    given = estate.given
    about = given.integration("orders-to-erp")
    told = {}
    for name in ("olga", "eve"):
        row = {"user": given.person(name), "integration": about, "kind": "document-written", "key": "areas", "at": given.now}
        told[name] = Notification.objects.create(
            title="The runbook of orders-to-erp was changed", path="/integrations/orders-to-erp", **row
        )
    return {"document_version": "1", "notification_id": str(told["olga"].pk)}
