"""Events to alerts: the parser, the matcher and the dispatcher."""
