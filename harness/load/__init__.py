"""Files to records; every problem in them is named with file, line and field, all at once."""
