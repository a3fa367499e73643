"""The classroom over HTTP: who may ask what, the routes, the stream of changes, and the server itself."""
