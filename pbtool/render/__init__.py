"""Renderers: values to text. Pure functions, which neither read nor write anything."""
