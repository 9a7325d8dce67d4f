"""What the demo and the tests are made of; not part of the published package."""
