"""`python -m experiments` is the command `drawbridge`."""

from experiments.cli.main import main

if __name__ == "__main__":
    main()
