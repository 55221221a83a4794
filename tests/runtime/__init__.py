"""Tests of what runs the project on a bare machine."""
