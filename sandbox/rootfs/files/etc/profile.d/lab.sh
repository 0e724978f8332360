# The prompt, and the marks by which the page knows where prompts and commands begin and end
# (OSC 133, as in FinalTerm and its successors). Only for bash that a person works in.
[ -n "${BASH_VERSION-}" ] && [ -n "${PS1-}" ] && . /usr/lib/lab/prompt.bash
