"""The typed HTTP client of the API: `Client` and the documents that it returns."""
