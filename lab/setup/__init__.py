"""Set-up: installs what the lab needs below its data folder, and starts and stops its processes.

Everything here runs on the machine's own Python with the standard library alone, because it runs
before anything is installed. `python3 -m lab.setup --help` lists what it does.
"""
