"""What the command line does with schools; each module offers add_arguments(parser) and run(args)."""
