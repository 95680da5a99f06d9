"""Credits: how many there are, what they are for, where each one went, and how to get more."""
