"""The one way to a foreign address: public ones only, within limits of time and size."""
