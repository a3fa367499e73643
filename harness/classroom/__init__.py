"""A class plays annotator: pupils' pages, the teacher's cockpit, the projector, and what is kept of a lesson."""
