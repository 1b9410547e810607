"""The tests tested: code is broken in small ways, one at a time, and for each a quick test has to fail."""
