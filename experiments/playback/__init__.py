"""An episode played back from its trace, and narrated in words."""
