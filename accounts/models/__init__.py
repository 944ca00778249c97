from accounts.models.team import Membership, Team
from accounts.models.token import Token
from accounts.models.user import RoleGrant, User

__all__ = ["Membership", "RoleGrant", "Team", "Token", "User"]
