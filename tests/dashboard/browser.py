"""A headless Chromium that looks at the dashboard as a reader does, and notices what must never happen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from stack.browser import chromium

WIDTHS = (1280, 390)
THEMES = ("light", "dark")
_HEIGHT = 900
_TELL_VIOLATIONS = """
    document.addEventListener('securitypolicyviolation', event =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@cache
def session(url: str, token: str) -> str:
    """The cookie of who has signed in."""
    headers = {"Origin": url}
    response = requests.post(f"{url}/login", data={"token": token}, headers=headers, allow_redirects=False, timeout=10)
    return response.cookies["prompt_cache_session"]


@dataclass
class Seen:
    """What was noticed beside the page itself; each list has to stay empty."""

    abroad: list[str] = field(default_factory=list)
    """Addresses of other servers that were asked."""
    told: list[str] = field(default_factory=list)
    """Errors and warnings on the console, of the policy too."""


class Visitor:
    """Opens pages of one cache server."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self.url = url
        self.seen = Seen()

    @contextmanager
    def page(
        self,
        path: str = "/",
        *,
        token: str | None = None,
        theme: str = "light",
        width: int = 1280,
        language: str = "en-US",
        script: bool = True,
    ) -> Iterator[Page]:
        """A page as a reader sees it; with a token, as one who has signed in."""
        context = self._browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": _HEIGHT},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            java_script_enabled=script,
            reduced_motion="reduce",
            device_scale_factor=1,
        )
        if token is not None:
            cookie = session(self.url, token)
            context.add_cookies(
                [
                    {
                        "name": "prompt_cache_session",
                        "value": cookie,
                        "url": self.url,
                        "httpOnly": True,
                        "sameSite": "Strict",
                    }
                ]
            )
        try:
            page = context.new_page()
            page.on("request", self._asked)
            page.on("console", self._said)
            page.on("pageerror", lambda error: self.seen.told.append(str(error)))
            page.add_init_script(_TELL_VIOLATIONS)
            page.goto(path)
            yield page
        finally:
            context.close()

    def _asked(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob") and asked.netloc != urlsplit(self.url).netloc:
            self.seen.abroad.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        expected = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not expected:
            self.seen.told.append(message.text)
