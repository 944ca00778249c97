from governance.models.board import Board, BoardMember
from governance.models.change_request import ChangeRequest, ChangeTarget, CheckResult, Requirement
from governance.models.policy import Policy
from governance.models.stewardship import (
    Acknowledgement,
    Attestation,
    Campaign,
    Escalation,
    ExpiryNotice,
    Notification,
    NotifierPlace,
    StageMove,
    Subscription,
)
from governance.models.vote import Vote

__all__ = [
    "Acknowledgement",
    "Attestation",
    "Board",
    "BoardMember",
    "Campaign",
    "ChangeRequest",
    "ChangeTarget",
    "CheckResult",
    "Escalation",
    "ExpiryNotice",
    "Notification",
    "NotifierPlace",
    "Policy",
    "Requirement",
    "StageMove",
    "Subscription",
    "Vote",
]
