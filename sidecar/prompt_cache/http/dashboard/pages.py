"""A page as one decorated function: a known caller in, HTML out."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, request

from ...config import Config, Role
from ...core.cache import PromptCache
from ...savings.budgets import BudgetState
from ..api import Headers
from ..auth import Caller
from ..failures import Failure
from ..log import note
from . import html
from .doors import SESSION_COOKIE, Session, Sessions, cookies_of, require_form, require_same_origin, visitor
from .reader import Reader
from .said import SAID_COOKIE, say, what_was_said
from .selection import Selection

FORM_LIMIT = 64 * 1024
"""Bytes of a form."""


class Link(NamedTuple):
    """A line of the navigation."""

    path: str
    title: str


class Site:
    """Where pages register, with what all of them need."""

    def __init__(self, cache: PromptCache, config: Config, sessions: Sessions) -> None:
        self.cache = cache
        self.config = config
        self.sessions = sessions
        self.navigation: list[Link] = []
        self.blueprint = Blueprint("dashboard", __name__, static_folder="static", static_url_path="/static")
        self.blueprint.after_request(html.kept_apart)
        self._paths = {"static"}

    def owns(self, path: str) -> bool:
        """Whether a path is one of the pages', or lies below one."""
        return path.lstrip("/").partition("/")[0] in self._paths

    def reader(self, headers: Headers) -> Reader:
        return Reader.of(headers.get("Accept-Language"), cookies_of(headers), self.config.currency.currency)

    def page(
        self, path: str, *, nav: str | None = None, role: Role = "reader"
    ) -> Callable[[Callable[..., str | Response]], Callable[..., Response]]:
        """Serve what a function of (visit, path parts) returns; `nav` is its title in the navigation."""
        if nav:
            self.navigation.append(Link(path, nav))
        return self._serve(path, "GET", role)

    def act(self, path: str, *, role: Role) -> Callable[[Callable[..., str | Response]], Callable[..., Response]]:
        """Let a form act: `visit.form` has its fields, and the function answers with `visit.redirect`."""
        return self._serve(path, "POST", role)

    def _serve(
        self, path: str, method: str, role: Role
    ) -> Callable[[Callable[..., str | Response]], Callable[..., Response]]:
        self._paths.add(path.lstrip("/").partition("/")[0])

        def decorate(function: Callable[..., str | Response]) -> Callable[..., Response]:
            @wraps(function)
            def view(**parts: str) -> Response:
                session = self.sessions.of(request.headers)
                note(request.environ, "caller", session.caller.name)
                session.caller.require(role)
                if method == "POST":
                    require_same_origin(request.headers)
                    require_form(session, request.form)
                cookie = "" if session.form else visitor()
                visit = Visit(self, self.sessions.of({"Cookie": f"{SESSION_COOKIE}={cookie}"}) if cookie else session)
                answer = function(visit, **parts)
                response = html.page(answer) if isinstance(answer, str) else answer
                if cookie:
                    html.keep(response, SESSION_COOKIE, cookie)
                if SAID_COOKIE in cookies_of(request.headers) and method == "GET":
                    response.delete_cookie(SAID_COOKIE)
                return html.guarded(response)

            self.blueprint.add_url_rule(
                path, function.__name__, view, methods=[method], provide_automatic_options=False
            )
            return view

        return decorate


class Visit:
    """One request: who asks for what, and how it is shown."""

    def __init__(self, site: Site, session: Session) -> None:
        self.site = site
        self.cache = site.cache
        self.caller: Caller = session.caller
        self.selection = Selection.of(request.args)
        self.reader = site.reader(request.headers)
        self.text = self.reader.text
        self.texts = self.reader.texts
        self.arguments: Mapping[str, str] = request.args
        self.form: Mapping[str, str] = request.form
        self.form_token = session.form
        self.path = request.path
        self.address = f"{html.scheme()}://{request.host}"
        """As the reader's browser has it."""

    def may_see(self, namespace: str) -> bool:
        """Whether a namespace is the caller's, and selected."""
        return self.caller.may_touch(namespace) and self.selection.namespace in (None, namespace)

    def is_new(self) -> bool:
        """Whether nothing was ever asked that the caller may see."""
        return not any(group.lookups or group.stored for group in self.cache.statistics.totals(self.may_see, 1))

    def budgets(self) -> list[BudgetState]:
        """As they stand, of the namespaces that are the caller's."""
        return self.cache.budgets.states(self.caller.may_touch_all)

    def may(self, role: Role) -> bool:
        """Whether to show a form that needs a role."""
        return self.caller.has(role)

    def render(self, template: str, /, **values: Any) -> str:
        said = what_was_said(cookies_of(request.headers).get(SAID_COOKIE))
        return html.render(
            template,
            self.site,
            self.reader,
            visit=self,
            path=self.path,
            form_token=self.form_token,
            said=said,
            **values,
        )

    def redirect(self, path: str, *, said: str = "") -> Response:
        """To a page, which then shows the sentence of what was done."""
        response = html.redirect(path)
        if said:
            html.keep(response, SAID_COOKIE, say(said))
        return response


class Dashboard:
    """The pages beside the APIs: each knows its callers, and tells failures in its own shape."""

    body_limit: int | None = FORM_LIMIT

    def __init__(self, site: Site) -> None:
        self._site = site

    def reach(self, path: str) -> int:
        return 2 if self._site.owns(path) else 0

    def authenticate(self, headers: Headers) -> Caller:
        """Raises an HttpError of 401."""
        return self._site.sessions.of(headers).caller

    def render(self, failure: Failure, headers: Headers) -> Response:
        return html.failed(self._site, failure, headers)

    def register(self, app: Flask) -> None:
        app.register_blueprint(self._site.blueprint)
