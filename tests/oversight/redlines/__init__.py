"""Red lines: each rule at its boundary, the life of an alert, pages and API of the officers."""
