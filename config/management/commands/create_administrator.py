"""`manage.py create_administrator USERNAME`: the first person of an empty house."""

import getpass
import os
import secrets
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.domain.roles import Role
from accounts.services.roles import grant_role
from accounts.services.users import create_user
from audit.domain.actors import Actor
from foundation.clock import db_now
from foundation.errors import DomainError


class Command(BaseCommand):
    help = "Make a person with the administrator role. The password is asked for, taken from PORTOLAN_ADMIN_PASSWORD, or made up."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--display-name", default="", help="default: the username")
        parser.add_argument("--email", default="")

    def handle(self, *, username: str, display_name: str, email: str, **_options: Any) -> None:
        password, made_up = self._password()
        actor, now = Actor.system("create_administrator"), db_now()
        try:
            with transaction.atomic():
                user = create_user(
                    username=username, display_name=display_name or username, email=email, password=password, actor=actor, now=now
                )
                grant_role(user=user, role=Role.ADMINISTRATOR, actor=actor, now=now)
        except (DomainError, ValidationError) as error:
            raise CommandError(f"Could not make {username}: {_sentence(error)}") from error
        self.stdout.write(f"{user.username} is an administrator now.")
        if made_up:
            self.stdout.write(f"Password, shown this once: {password}")

    def _password(self) -> tuple[str, bool]:
        """The password and whether we made it up."""
        given = os.environ.get("PORTOLAN_ADMIN_PASSWORD")
        if given:
            return given, False
        if not sys.stdin.isatty():
            return secrets.token_urlsafe(15), True
        first = getpass.getpass("Password (empty: one is made up): ")
        if not first:
            return secrets.token_urlsafe(15), True
        if first != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ.")
        return first, False


def _sentence(error: DomainError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return " ".join(found.detail for found in error.errors) or str(error) or error.code
