"""Best of n: rewards that learned from grades choose among replies that a local model wrote."""
