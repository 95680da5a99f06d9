"""The `coveragereport` command."""
