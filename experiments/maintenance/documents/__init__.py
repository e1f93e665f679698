"""What of the documents is made by commands: reference tables, results, and examples."""
