"""How the service does: latencies, failures and traces, for whoever watches it from outside."""
