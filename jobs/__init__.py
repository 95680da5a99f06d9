"""The runner: turns from the queue, pages in Chromium, outcomes to the database."""
