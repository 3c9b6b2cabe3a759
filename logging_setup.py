"""One log for everything: our own lines, gunicorn's, Celery's, SQLAlchemy's.

Lines go to standard error, as text for a person or as one JSON object each. What is
bound in structlog's context variables (request id, job id, process) stands in every
line, also in those of libraries that only know the standard logging module.
"""

from __future__ import annotations

import logging
import sys
from urllib.parse import urlsplit

import structlog
from gunicorn.config import Config
from gunicorn.glogging import Logger
from structlog.typing import EventDict, Processor

from settings import Settings

HIDDEN = "***"
# Libraries that tell more at INFO than an operator wants to read.
QUIET = ("alembic", "fsspec", "httpx", "kombu", "werkzeug", "numba", "matplotlib", "fontTools")


def configure(settings: Settings, process: str, level: str | None = None) -> None:
    """Send every log line through structlog, with the name of the process.

    Calling it again replaces what was set before.
    """
    shared = _shared_processors(process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings.log_format),
                hide(secrets_of(settings)),
            ],
        )
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, type(handler.formatter))]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level or settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def secrets_of(settings: Settings) -> frozenset[str]:
    """Values that must never be read in a log: keys, and passwords inside addresses."""
    ours = (settings.database_url, settings.redis_url, settings.storage_url)
    passwords = [urlsplit(url).password for url in (*ours, *settings.source_databases.values())]
    keys = (settings.secret_key, *settings.encryption_keys, settings.metrics_token)
    mail = (settings.mail.smtp_password, settings.mail.sendgrid_api_key)
    kept = (*keys, *mail, settings.valkey_password, *passwords)
    return frozenset(secret for secret in kept if secret)


def hide(secrets: frozenset[str]) -> Processor:
    """A last step that covers the secrets, wherever in the line they stand."""

    def cover(_logger: object, _method: str, line: object) -> str:
        text = str(line)
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        return text

    return cover


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn has no hints
    """Let gunicorn's lines go where ours go; it would otherwise write its own format."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        configure(Settings.from_environment(), "web")
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True


def _shared_processors(process: str) -> list[Processor]:
    def name_process(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return [
        name_process,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderers(log_format: str) -> list[Processor]:
    if log_format == "json":
        return [
            structlog.processors.format_exc_info,  # the traceback as one text
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
