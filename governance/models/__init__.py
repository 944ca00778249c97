from governance.models.board import Board, BoardMember
from governance.models.change_request import ChangeRequest, ChangeTarget, CheckResult, Requirement
from governance.models.policy import Policy
from governance.models.vote import Vote

__all__ = ["Board", "BoardMember", "ChangeRequest", "ChangeTarget", "CheckResult", "Policy", "Requirement", "Vote"]
