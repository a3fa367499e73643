"""A class plays annotator: pupils' pages, teacher's cockpit, projector, and what is kept of a lesson."""
