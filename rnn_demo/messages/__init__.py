"""What the engine says to people: a key and its values; one table with both languages."""
