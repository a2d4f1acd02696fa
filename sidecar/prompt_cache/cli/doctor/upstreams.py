"""Whether the providers behind the proxy can be reached, and take the keys that are held for them."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from ...config import Upstream
from ...config import upstreams as upstreams_of
from .finding import Finding, Situation, advice, mend, ok

_LISTS = {
    "openai": "/models",
    "anthropic": "/v1/models?limit=1",
    "gemini": "/v1beta/models?pageSize=1",
    "ollama": "/api/tags",
}
"""By protocol, where the models are listed, which costs nothing."""
_TIMEOUT, _APART = 5.0, 5.0
"""Seconds; a Date header is as old as its answer took, and has no parts of a second."""
_TIME = "keep this machine's clock by NTP, such as `timedatectl set-ntp true`"


class _Answer(Struct, frozen=True):
    status: int
    is_json: bool
    seconds: float
    apart: float
    """Seconds that its clock is ahead of ours."""


def upstreams(situation: Situation) -> Iterator[Finding]:
    """Those that the settings name; of the others nobody knows whether they are used."""
    named = [each for each in upstreams_of(situation.config).values() if each.name in situation.config.upstreams]
    if not named:
        yield ok("none is set up: calls through the proxy go to the providers' own addresses, with the callers' keys")
        return
    with ThreadPoolExecutor(len(named)) as pool:
        for findings in pool.map(lambda each: list(_findings(each, situation)), named):
            yield from findings


def _findings(upstream: Upstream, situation: Situation) -> Iterator[Finding]:
    where, setting = f"{upstream.name} ({upstream.url})", f"`upstreams.{upstream.name}.url`"
    try:
        answer = _asked(upstream, situation)
    except (OSError, http.client.HTTPException) as error:
        yield mend(f"{where} cannot be used: {_reason(error)}", f"see that it runs, and that {setting} is right")
        return
    yield _judged(upstream, answer, where, setting)
    if upstream.key and is_readable_on_its_way(upstream.url):
        yield advice(f"the key of {where} goes there unencrypted", f"use https:// in {setting}, or a private network")
    if abs(answer.apart) > _APART + answer.seconds:
        side = "ahead of" if answer.apart > 0 else "behind"
        yield advice(f"the clock of {where} is {abs(answer.apart):,.0f} s {side} this machine's", _TIME)


def _judged(upstream: Upstream, answer: _Answer, where: str, setting: str) -> Finding:
    status = answer.status
    refuses = status in (401, 403) or (status == 400 and upstream.protocol == "gemini")
    if refuses and upstream.key:
        variable = f"PROMPT_CACHE_UPSTREAM_{upstream.name.upper().replace('-', '_')}_KEY"
        do = f"put one that it accepts into `upstreams.{upstream.name}.key`, {variable} or {variable}_FILE"
        return mend(f"{where} does not accept the key that is held for it ({status})", do)
    if refuses or (status == 200 and answer.is_json):
        key = "takes the key that is held for it" if upstream.key else "callers bring their own keys"
        return ok(f"{where} answers in {answer.seconds * 1000:.0f} ms; {key}")
    if 300 <= status < 400:
        return mend(f"{where} sends callers elsewhere ({status}), and calls do not follow", f"set {setting} to there")
    if status >= 500 or status == 429:
        return advice(f"{where} answers {status}: it is in trouble, or too much is asked of it", "try again later")
    says = f"{where} answers, but not with a list of models ({status})"
    return advice(says, f"see that {setting} is its API's")


def _asked(upstream: Upstream, situation: Situation) -> _Answer:
    """Raises OSError, HTTPException."""
    from ...http.proxy.credentials import key_header

    parts = urlsplit(upstream.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    headers = {"accept": "application/json"}
    if upstream.protocol == "anthropic":
        headers["anthropic-version"] = "2023-06-01"
    if upstream.key:
        headers |= [key_header(upstream.protocol, upstream.key)]
    began = time.perf_counter()
    try:
        connection.request("GET", parts.path + _LISTS[upstream.protocol], headers=headers)
        response = connection.getresponse()
        took = time.perf_counter() - began
        is_json = "json" in response.getheader("content-type", "")
        return _Answer(response.status, is_json, took, _apart(response.getheader("date", ""), situation))
    finally:
        connection.close()


def _apart(date: str, situation: Situation) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - situation.clock()
    except ValueError:
        return 0.0


def is_readable_on_its_way(url: str) -> bool:
    """Whether others could read what is sent there: unencrypted, and beyond the own network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        private = ip_address(host).is_private
    except ValueError:  # a name without a dot is one of the own network
        private = "." not in host
    return parts.scheme == "http" and not private


def _reason(error: Exception) -> str:
    """Never with what was sent."""
    match error:
        case socket.gaierror():
            return "its host name is not known"
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted"
        case TimeoutError():
            return f"it does not answer within {_TIMEOUT:.0f} s"
        case OSError(strerror=str(said)) if said:
            return said[:1].lower() + said[1:]
    return type(error).__name__
