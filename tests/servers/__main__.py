"""The broker for development: ``python -m tests.servers [PORT]``, until Ctrl-C."""

import signal
import sys
import tempfile
from pathlib import Path

from tests.servers.kafka import Kafka
from tests.servers.server import CannotStart

with tempfile.TemporaryDirectory(prefix="filingbell-kafka-") as folder:
    broker = Kafka(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 9092)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        broker.start()
        print(f"Apache Kafka {broker.version} listens on {broker.address}; stop it with Ctrl-C", flush=True)
        signal.pause()
    except CannotStart as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("stopping")
    finally:
        broker.stop()
