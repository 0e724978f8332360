cd ~/same
runsc --ignore-cgroups --network=none run -detach by-runsc < /dev/null > ~/by-runsc.log 2>&1
