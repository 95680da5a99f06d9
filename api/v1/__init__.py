"""Public API, version 1: programs with an API key."""
