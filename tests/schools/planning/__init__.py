"""Tests of consultation, plan, gates and the desk."""
