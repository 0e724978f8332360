# Other nodes that only seem to be there would soon be taken for dead, and hide what this step is about.
lab-ctl nodes remove --all >/dev/null 2>&1
exit 0
