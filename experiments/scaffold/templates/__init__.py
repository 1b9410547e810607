"""The scaffolds before they get a name: modules like any other, linted, typed and run by tests."""
