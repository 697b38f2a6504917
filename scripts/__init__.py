"""What make and CI call: setting a machine up, checking, testing. Standard library only."""
