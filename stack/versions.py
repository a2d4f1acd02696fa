"""Every version the development stack pins, in one place."""

import os

NODE = "24.21.0"
N8N_OLDEST = "2.0.0"
"""The oldest n8n that is supported: `make test-compat` runs the smoke tests in it."""
N8N = os.environ.get("STACK_N8N") or "2.40.7"

PYTHON_IMAGE = "python:3.13-slim"
NODE_IMAGE = f"node:{NODE}-alpine"
N8N_IMAGE = f"n8nio/n8n:{N8N}"
REDIS_IMAGE = "redis:8"

# Debian releases whose own packages carry the engines: 13 is trixie, 12 is bookworm.
DEBIAN_REDIS_8 = "trixie"
DEBIAN_REDIS_7 = "bookworm"
DEBIAN_POSTGRES_17 = "trixie"
DEBIAN_DOCKER_COMPOSE = "trixie"
DEBIAN_PYTHON = "trixie"
