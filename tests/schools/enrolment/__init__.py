"""Tests of enrolment: a guardian applies, two sides review, places and the queue, agreement and exit."""
