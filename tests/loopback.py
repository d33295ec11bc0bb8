"""A server of HTTP for tests that takes as many connections at once as looks and senders make."""

from __future__ import annotations

from http.server import ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    # With the library's 5, a busy machine resets some of sixteen connections that come at once.
    request_queue_size = 128
