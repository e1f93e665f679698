"""`python -m experiments` is the command `drawbridge`."""

from drawbridge import main

if __name__ == "__main__":
    main()
