"""The report's own drawings, one file each; all are plain SVG and carry their numbers as a table."""
