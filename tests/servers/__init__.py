"""Real servers for tests and development: Apache Kafka and PostgreSQL, started on the loopback address."""
