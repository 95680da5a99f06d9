"""What every face of the product shares: settings, database, links, store, document."""
