"""The service put together and kept alive: the only place that constructs it."""
