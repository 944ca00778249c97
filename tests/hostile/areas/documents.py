"""Documents, their versions, subscriptions and notifications."""

WHO = {
    **dict.fromkeys(
        ["integrations_documents_versions_list", "integrations_documents_versions_retrieve", "integrations_documents_diff_retrieve"],
        "who sees it",
    ),
    "integrations_documents_verify_create": "who owns it",
}
BODIES = {"integrations_documents_verify_create": {"release": "1.0.0"}}


def places(estate):
    """`section` is there already, at its first version."""
    return {"document_version": "1"}
