"""`python -m cli` is `coveragereport`."""

from cli.main import main

main()
