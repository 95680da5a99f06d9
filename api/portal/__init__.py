"""What a share link or a browser needs without an API key: share page, images."""
