"""Gunicorn's configuration: `gunicorn -c python:config.server config.wsgi:application`. docs/operations.md tells how to size it."""

import importlib
import os
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = os.environ.get("WEB_WORKER_CLASS", "gthread")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 15
keepalive = 75
backlog = 512
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 16380
preload_app = True  # one import, shared by all workers, frozen before they fork
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - heartbeat files of ours
accesslog = None
errorlog = "-"
loglevel = "info"


def when_ready(_server: Any) -> None:
    """Move everything loaded so far out of the garbage collector's sight, while there is still one process."""
    from foundation import boot

    boot.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        importlib.import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)
