"""Somebody at a browser, signed in to the running service."""

from typing import Any

from tests.journeys.service import RunningService

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


class Person:
    """Somebody at a browser."""

    def __init__(self, browser: Any, service: RunningService, part: str, *, javascript: bool = True, **options: Any) -> None:
        width, height = SIZES["desk"]
        self.context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=javascript, **options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.url = service.url
        told = service.demo["people"][part]
        self.page.goto(f"{self.url}/accounts/login/")
        self.page.fill("input[name=login]", told["username"])
        self.page.fill("input[name=password]", told["password"])
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(f"{self.url}/")

    def go(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        assert answer.status == 200, f"{path} answered {answer.status}"

    def text(self) -> str:
        return str(self.page.inner_text("main"))
