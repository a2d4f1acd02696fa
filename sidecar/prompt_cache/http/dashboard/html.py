"""Templates made into responses that no other site can use."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, has_request_context, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from ... import __version__
from ..api import Headers
from ..failures import Failure
from .readable import shown
from .reader import LANGUAGES, N_, Reader
from .selection import PERIODS, Selection

if TYPE_CHECKING:
    from .pages import Site

_HERE = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # not no-referrer: a form would then not say where it comes from
    "X-Content-Type-Options": "nosniff",
}
_FILTERS = ["number", "compact", "money", "amount", "change", "percent", "duration", "bytes", "date", "time", "moment"]
_SAID = {
    400: N_("This link or form cannot be read"),
    401: N_("Please sign in"),
    403: N_("This is not allowed"),
    404: N_("There is nothing here"),
    405: N_("This is not allowed"),
}


def guarded(response: Response) -> Response:
    """With the headers that keep a page to itself."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response


def kept_apart(response: Response) -> Response:
    """The same for a file, which may be kept."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def page(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def redirect(path: str) -> Response:
    """After a form was sent, or to where one may sign in; `path` is of this server."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})


def scheme() -> str:
    """By which the browser calls; whoever ends TLS before us says so."""
    return "https" if request.headers.get("X-Forwarded-Proto", request.scheme) == "https" else "http"


def keep(response: Response, cookie: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that goes to this server alone, and that no script reads."""
    response.set_cookie(cookie, value, max_age=seconds, httponly=True, samesite="Strict", secure=scheme() == "https")


def render(template: str, site: "Site", reader: Reader, **values: Any) -> str:
    values.setdefault("visit", None)
    values.setdefault("said", "")
    values.setdefault("form_token", "")
    values.setdefault("selection", values["visit"].selection if values["visit"] else Selection())
    return (
        _environment()
        .get_template(template)
        .render(reader=reader, navigation=site.navigation, is_open=site.sessions.open, **values)
    )


_STORE = {
    "store-unavailable": (
        N_("The store cannot be reached right now"),
        N_("The store cannot be reached. Calls go to the models as if there were no cache."),
    ),
    "store-full": (
        N_("The store is full"),
        N_("Nothing was stored, and nothing was lost. Free some room, or raise the limit of the store."),
    ),
}


def failed(site: "Site", failure: Failure, headers: Headers) -> Response:
    """A failure in plain words; who is not known is led to where one may sign in."""
    if failure.status == HTTPStatus.UNAUTHORIZED and failure.code == "unauthorized":
        back = request.full_path.rstrip("?") if has_request_context() and request.method == "GET" else "/"
        return guarded(redirect(Selection().link("/login", back=back) if back != "/" else "/login"))
    reader = site.reader(headers)
    title = _SAID.get(failure.status, N_("Something went wrong"))
    detail = failure.detail
    if told := _STORE.get(failure.code):  # what is told to programs is of no use to people
        title, detail = told[0], reader.text(told[1])
    text = render("failure.html", site, reader, path="", detail=detail, title=reader.text(title))
    response = guarded(page(text, failure.status))
    response.headers.extend({name: value for name, value in failure.headers.items() if name != "Content-Length"})
    return response


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    for name in (
        "number",
        "compact",
        "money",
        "amount",
        "change",
        "percent",
        "duration",
        "bytes",
        "date",
        "time",
        "moment",
    ):
        made.filters[name] = _shown(name)
    made.filters["shown"] = shown
    made.globals |= {"static": static, "version": __version__, "languages": LANGUAGES, "periods": PERIODS}
    return made


@cache
def static(name: str) -> str:
    """The address of a static file, another one when it has changed; empty where it was not built."""
    file = _HERE / "static" / name
    return f"/static/{name}?v={sha256(file.read_bytes()).hexdigest()[:12]}" if file.exists() else ""


def _shown(name: str) -> Callable[..., Any]:
    @pass_context
    def show(context: Context, value: Any, *arguments: Any) -> Any:
        return getattr(context["reader"], name)(value, *arguments)

    return show


@pass_context
def _gettext(context: Context, text: str) -> str:
    reader: Reader = context["reader"]
    return reader.text(text)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    reader: Reader = context["reader"]
    return reader.either(one, many, count)
