count=$(docker ps --quiet --filter name='^guest[0-9]+$' | wc -l)
[ "$count" -gt 0 ] || hint "No container guest1, guest2, … runs. Start twenty with the loop above."
[ "$count" -ge 20 ] || hint "$count of the twenty run. Which do not, and why: docker ps --all --filter name=guest"
