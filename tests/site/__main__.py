"""Serve the news site until told to stop: `python -m tests.site --port 8090`."""

import argparse
import signal
import sys

from tests.site.site import NewsSite


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.site", description="A small invented news site to capture.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    options = parser.parse_args()
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    try:
        with NewsSite(options.host, options.port) as site:
            print(f"News site: {site.url('/')}", flush=True)
            signal.sigwait(stops)
    except OSError as error:
        print(f"The news site cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
