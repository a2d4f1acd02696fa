"""The n8n editor in a headless Chromium, as a user sees it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from stack import Owner
from stack.browser import chromium

KEEP_PICTURES = bool(os.environ.get("KEEP_PICTURES"))

_EXECUTE = '[data-test-id="execute-workflow-button"]'
_SIZE: ViewportSize = {"width": 1600, "height": 800}
# Hints, tours and the assistant's button, which have nothing to do with the workflow.
_HIDE = """
    [data-test-id="ask-assistant-floating-button"], [data-test-id="ask-assistant-canvas-action-button"],
    .el-notification, [data-test-id="canvas-chat-button"] { display: none !important; }
"""
# A notice stays for four seconds; what was shown must be known however late a busy machine looks.
_REMEMBER_NOTICES = """
    window.notices = [];
    new MutationObserver(changes => {
        for (const { addedNodes } of changes)
            for (const node of addedNodes)
                if (node.nodeType === 1 && node.matches('.el-notification')) window.notices.push(node);
    }).observe(document, { childList: true, subtree: true });
"""
# Sizes are those on the screen, whatever the zoom.
_FAULTS_OF_NOTES = """
    () => {
        const notes = [...document.querySelectorAll('[data-test-id=sticky]')];
        const boxes = notes.map(note => note.getBoundingClientRect());
        const faults = notes.length > 0 ? [] : ['there are no notes'];
        notes.forEach((note, at) => {
            const name = note.innerText.split('\\n')[0];
            for (const text of note.querySelectorAll('h1, h2, h3, p')) {
                const size = parseFloat(getComputedStyle(text).fontSize) * boxes[at].width / note.offsetWidth;
                if (size > 0 && size < 10) faults.push(`${name}: letters of ${size.toFixed(1)} px`);
                const { bottom } = text.getBoundingClientRect();
                if (bottom > boxes[at].bottom) faults.push(`${name}: longer than its note`);
            }
            boxes.slice(at + 1).forEach(other => {
                const apart = other.left >= boxes[at].right || other.right <= boxes[at].left
                    || other.top >= boxes[at].bottom || other.bottom <= boxes[at].top;
                if (!apart) faults.push(`${name}: overlaps another note`);
            });
        });
        return faults;
    }
"""
# What is shown depends on n8n, on the cache server behind it, and on how busy the machine is.
expect.set_options(timeout=30_000)

_NOTICE_SHOWN = "message => window.notices.some(node => node.textContent.includes(message))"


class Editor:
    """One signed-in browser page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, workflow_id: str) -> None:
        """Show a workflow, fitted to the window, once n8n can push what happens in it."""
        with self.page.expect_websocket(lambda socket: "/rest/push" in socket.url, timeout=60_000):
            self.page.goto(f"{self.url}/workflow/{workflow_id}")
        expect(self.page.locator("[data-node-name]").first).to_be_visible(timeout=60_000)
        self.page.add_style_tag(content=_HIDE)
        self.fit()

    @property
    def execute_button(self) -> Locator:
        return self.page.locator(_EXECUTE).first

    def fit(self) -> None:
        self.page.keyboard.press("1")
        self.page.wait_for_timeout(700)  # n8n moves there slowly

    def node(self, name: str) -> Locator:
        return self.page.locator(f'[data-node-name="{name}"]').first

    def notes(self) -> list[str]:
        """What keeps the workflow's notes from being read as they are shown; empty when all is well."""
        return list(self.page.evaluate(_FAULTS_OF_NOTES))

    def output_of(self, name: str) -> Locator:
        """Open a node's panel and return its output side."""
        self.node(name).dblclick()
        return self.page.locator('[data-test-id="output-panel"]')

    def execute_step(self, name: str) -> Locator:
        """Press "Execute step" in a node's panel, wait for its end, and return the output side."""
        output = self.output_of(name)
        with self.page.expect_response(lambda answer: "/run" in answer.url and answer.ok):
            self.page.get_by_text("Execute step").first.click()
        self._wait_for_success("executed successfully")  # the node, or the workflow: n8n says either
        return output

    def close_panel(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.locator('[data-test-id="output-panel"]')).to_be_hidden()

    def execute(self) -> None:
        """Press "Execute workflow" and wait for the end of that run."""
        with self.page.expect_response(lambda answer: "/run" in answer.url and answer.ok):
            self.page.locator(_EXECUTE).first.click()
        self._wait_for_success("successfully")
        expect(self.page.locator(_EXECUTE).first).to_contain_text("Execute workflow")

    def chat(self, message: str) -> Locator:
        """Type a message into the workflow's chat, send it, and return what was said so far."""
        body = self.page.locator('[data-test-id="canvas-chat-body"]')
        if not body.is_visible():
            self.page.locator('[data-test-id="workflow-chat-button"]').click()
        body.locator("textarea").fill(message)
        # Disabled until the last answer has ended.
        body.locator(".chat-input-send-button").click(timeout=60_000)
        return body

    def _wait_for_success(self, message: str) -> None:
        try:
            self.page.wait_for_function(_NOTICE_SHOWN, arg=message, timeout=120_000)
        except PlaywrightTimeout:
            shown = self.page.evaluate("window.notices.map(node => node.textContent)")
            raise AssertionError(f"no notice says {message!r}, but {shown}") from None
        self.page.evaluate("window.notices = []")

    def picture(self, file: Path) -> None:
        """Take a picture of what is on screen, with the mouse out of the way."""
        self.page.mouse.move(800, 5)
        expect(self.page.locator(f'{_EXECUTE}[aria-busy="true"]')).to_have_count(0)
        self.page.wait_for_timeout(700)  # the button's words fade in
        self.page.screenshot(path=file, animations="disabled")


@contextmanager
def page(file: Path) -> Iterator[Page]:
    """A browser that shows a file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            shown = browser.new_page(viewport={"width": 720, "height": 900})
            shown.goto(file.as_uri())
            yield shown
        finally:
            browser.close()


@contextmanager
def editor(url: str, owner: Owner) -> Iterator[Editor]:
    """A browser signed in to the n8n at `url`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport=_SIZE, device_scale_factor=1)
            login = {"emailOrLdapLoginId": owner.email, "password": owner.password}
            assert context.request.post(f"{url}/rest/login", data=login).ok
            context.add_init_script(_REMEMBER_NOTICES)
            yield Editor(context.new_page(), url)
        finally:
            browser.close()
