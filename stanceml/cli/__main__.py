"""`python -m stanceml.cli`: the command for people whose path does not hold it."""

from stanceml.cli.main import main

if __name__ == "__main__":
    main()
