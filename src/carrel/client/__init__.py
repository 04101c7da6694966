"""The typed HTTP client of the Carrel API."""
