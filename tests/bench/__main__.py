"""`make bench`: results as ratios within one run, since machines differ and are noisy."""

import argparse

from . import client, dashboard, engines, hit_path, keying, proxy, semantic, store_sizes, waiting
from .peers import PEERS

_PARTS = ("keys", "hits", "proxy", "waiting", "client", "semantic", "dashboard")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default="", metavar="N,N,...")
    parser.add_argument("--only", default="", metavar="keys,hits,proxy,waiting,client,semantic,dashboard,STORE,...")
    parser.add_argument("--rounds", type=int, default=hit_path.ROUNDS, metavar="N")
    parser.add_argument("--peers", action="store_true", help="with other caches, installed on first use")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    only = [name for name in options.only.split(",") if name]
    if not only or "keys" in only:
        keying.run()
    if not only or "hits" in only:
        hit_path.run(rounds=options.rounds, peers=PEERS if options.peers else {})
    if not only or "proxy" in only:
        proxy.run(rounds=options.rounds, peers=options.peers)
    if not only or "waiting" in only:
        waiting.run()
    if not only or "client" in only:
        client.run()
    if not only or "dashboard" in only:
        dashboard.run(*sizes[-1:])
    stores = [name for name in only if name not in _PARTS]
    if not only or "semantic" in only:
        semantic.run(sizes or semantic.SIZES, stores)
    if not only or (stores and "semantic" not in only):
        engines.run(sizes or store_sizes.SIZES, stores)
