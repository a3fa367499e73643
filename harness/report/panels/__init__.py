"""The panels beside the table, one module each: a finding, a figure and its numbers, or a reason."""
