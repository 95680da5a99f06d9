"""The REST API and the portal: FastAPI, one app."""
