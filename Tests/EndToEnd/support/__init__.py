"""What the end-to-end tests stand on, and no test itself."""
