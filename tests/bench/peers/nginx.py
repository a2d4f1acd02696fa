"""nginx's `proxy_cache`, keyed by the body as it came: what a cache that understands nothing can reach."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import Process, free_port, versions
from stack.debian import Unpacked, unpacked
from stack.web import answers

from .peer import Exchanges, Filled, fill_by_asking

_PACKAGES = "nginx libc6 libcrypt1 libpcre2-8-0 libssl3t64 libzstd1 zlib1g"
# The upstream stands beside it. Its answers have an id each, which tells a hit from a second fetch.
_CONFIG = """
daemon off;
user root;  # of whoever is root; without it that one would become nobody
worker_processes {workers};
pid nginx.pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    scgi_temp_path scgi;
    uwsgi_temp_path uwsgi;
    proxy_cache_path cache keys_zone=answers:10m inactive=1d use_temp_path=off;
    server {{
        listen 127.0.0.1:{port};
        location = /ready {{ return 200; }}
        location / {{
            client_body_buffer_size 64k;
            proxy_pass http://127.0.0.1:{upstream};
            proxy_cache answers;
            proxy_cache_methods POST;
            proxy_cache_key $request_body;
            proxy_cache_valid 200 1d;
        }}
    }}
    server {{
        listen 127.0.0.1:{upstream};
        location / {{ return 200 '{{"id": "$request_id", "answer": {answer}}}'; }}
    }}
}}
"""


def nginx() -> Unpacked:
    """The unpacked nginx, fetched on first use."""
    release = versions.DEBIAN_REDIS_8
    return unpacked(f"nginx-{release}", "nginx", release, _PACKAGES.split(), lambda _: None)


@contextmanager
def serve(folder: Path, workers: int, exchanges: Exchanges) -> Iterator[Filled]:
    port, upstream = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    home = folder / "nginx"
    home.mkdir()
    config = home / "nginx.conf"
    answer = json.dumps(exchanges.answer)
    config.write_text(_CONFIG.format(workers=workers, port=port, upstream=upstream, answer=answer))
    with Process(
        f"nginx on port {port}",
        [*nginx().command("usr/sbin/nginx"), "-p", f"{home}/", "-c", str(config), "-e", "stderr"],
        log=folder / "nginx.log",
        ready=lambda: answers(f"{url}/ready"),
        cwd=home,
    ):
        yield fill_by_asking(url, [("/", {"prompt": prompt}) for prompt in exchanges.prompts])
