"""Other tools' files in: one small reader per format, all ending in the same run folder."""
