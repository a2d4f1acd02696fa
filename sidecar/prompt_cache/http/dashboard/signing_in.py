"""The way in: a token is given once and a session begins; and what a reader chose of looks and language."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request

from ..api import Headers
from ..auth import Caller
from ..failures import Failure, HttpError
from . import html
from .doors import LONGEST, SESSION_COOKIE, require_same_origin
from .pages import FORM_LIMIT, Site
from .reader import LANGUAGE_COOKIE, LANGUAGES, THEME_COOKIE, THEMES

_NOBODY = Caller("nobody", "reader", ())
_PATHS = ("/login", "/logout", "/preferences")
_YEAR = 365 * 86400


class SignIn:
    """Where nobody has to be known."""

    body_limit: int | None = FORM_LIMIT

    def __init__(self, site: Site) -> None:
        self._site = site

    def reach(self, path: str) -> int:
        return 3 if path in _PATHS else 0

    def authenticate(self, headers: Headers) -> Caller:  # noqa: ARG002
        return _NOBODY

    def render(self, failure: Failure, headers: Headers) -> Response:
        return html.failed(self._site, failure, headers)

    def register(self, app: Flask) -> None:
        blueprint = Blueprint("dashboard_sign_in", __name__)
        for path, view, methods in (
            ("/login", self._login, ["GET", "POST"]),
            ("/logout", self._logout, ["POST"]),
            ("/preferences", self._preferences, ["POST"]),
        ):
            blueprint.add_url_rule(path, path[1:], view, methods=methods, provide_automatic_options=False)
        app.register_blueprint(blueprint)

    def _login(self) -> Response:
        back = _within(request.values.get("back", ""))
        if self._site.sessions.open:
            return html.guarded(html.redirect(back))
        if request.method in ("GET", "HEAD"):
            return self._form(back)
        require_same_origin(request.headers)
        try:
            cookie = self._site.sessions.begin(request.form.get("token", "").strip())
        except HttpError as error:
            return self._form(back, error.failure.status)
        response = html.redirect(back)
        html.keep(response, SESSION_COOKIE, cookie, LONGEST)
        return html.guarded(response)

    def _form(self, back: str, status: int = 200) -> Response:
        reader = self._site.reader(request.headers)
        text = html.render("login.html", self._site, reader, path="/login", back=back, refused=status != 200)
        return html.guarded(html.page(text, status))

    def _logout(self) -> Response:
        require_same_origin(request.headers)
        response = html.redirect("/login")
        response.delete_cookie(SESSION_COOKIE)
        return html.guarded(response)

    def _preferences(self) -> Response:
        require_same_origin(request.headers)
        response = html.redirect(_within(request.form.get("back", "")))
        for field, cookie, known in (("language", LANGUAGE_COOKIE, LANGUAGES), ("theme", THEME_COOKIE, THEMES)):
            if (chosen := request.form.get(field)) in known:
                html.keep(response, cookie, str(chosen), _YEAR)
            elif chosen == "auto":
                response.delete_cookie(cookie)
        return html.guarded(response)


def _within(back: str) -> str:
    """A path of this server to go back to, and never one of another."""
    found = urlsplit(back.replace("\\", "/"))
    fine = back.isprintable() and found.path.startswith("/") and not back.startswith("//")
    return back if fine and not (found.scheme or found.netloc) else "/"
