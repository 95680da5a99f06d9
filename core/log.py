"""Logs: one line an event, for people on a terminal and JSON elsewhere. No key, token or secret is ever passed in."""

import logging
import sys

import structlog

_LONGEST = 2000
_PER_MINUTE = 30


class Bounded(logging.Formatter):
    """What libraries log. They repeat what a stranger sent: it is cut, and no line of it begins like one of ours."""

    def format(self, record: logging.LogRecord) -> str:
        text = _cut(super().format(record), _LONGEST)
        lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
        return "\n    ".join(lines)


class Sparing(logging.Filter):
    """Lets so many lines a minute of each library through: a stranger who causes them does not fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._minutes: dict[str, tuple[int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(record.created // 60)
        since, count = self._minutes.get(record.name, (minute, 0))
        count = count + 1 if since == minute else 1
        self._minutes[record.name] = (minute, count)
        if count == _PER_MINUTE:
            record.msg, record.args = f"{record.getMessage()} (the last line of this minute)", None
        return count <= _PER_MINUTE


def _bound(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if "exception" in event:
        event["exception"] = _cut(event["exception"], 4 * _LONGEST)
    return event


def _cut(text: str, most: int) -> str:
    half = most // 2
    return text if len(text) <= most else f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def configure(level: str) -> None:
    """Sets up logging for this process; `level` is debug, info, warning or error."""
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not terminal:
        shared += [structlog.processors.format_exc_info, _bound]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Bounded("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Sparing())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose events carry the name of their module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger
