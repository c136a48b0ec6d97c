"""The topics as the public sees them: names, keys, headers and JSON."""

from service.wire.codec import decode, encode

__all__ = ["decode", "encode"]
