"""Plugins that pytest loads before it reads the settings."""
