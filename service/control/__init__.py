"""Use cases: what people can do with the service. They print nothing and know no HTTP."""
