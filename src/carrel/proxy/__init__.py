"""HTTP and WebSocket in: host name, ticket, stream."""
